"""The command that serves programs: mcp."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import Annotated

import typer

from api.cli.flags import Session


def mcp(
    session: Session,
    http: Annotated[
        bool, typer.Option("--http", help="Serve over HTTP instead of stdin and stdout.")
    ] = False,
) -> None:
    """Serve search, ask and read_document over the Model Context Protocol: on stdin and stdout, for
    a client that starts this command, or with --http at http://HOST:PORT/mcp."""
    with redirect_stdout(sys.stderr):  # in stdio stdout belongs to the protocol
        from api.access.keys import keys_of
        from api.cli.running import config_of, scheme_of
        from api.cli.serve import may_begin
        from api.http.hosts import require_consent
        from api.mcp.server import PATH, create_mcp, http_app
        from rag.build import build

        settings = session.settings()
        if http:
            require_consent(settings, keys_of(settings))
            scheme = scheme_of(settings)
        server = create_mcp(build(settings, create=may_begin(settings)))
    if not http:
        server.run("stdio")
        return
    import uvicorn

    url = f"{scheme}://{settings.host}:{settings.port}{PATH}"
    session.terminal.json({"url": url})
    uvicorn.Server(config_of(http_app(server, settings), settings)).run()
