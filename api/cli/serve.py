"""The command that serves the page and HTTP."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.flags import Session
from api.cli.running import scheme_of, server_of
from index.errors import InvalidSetting
from rag.settings import Settings

if TYPE_CHECKING:
    import uvicorn


def serve(
    session: Session,
    open_: Annotated[
        bool, typer.Option("--open", help="Open the page in the browser when it is there.")
    ] = False,
) -> None:
    """Serve the chat page and the HTTP interface. With --json the address is printed first. A store
    is begun where none is named, and in a folder that is empty; a name that leads nowhere is taken
    for a mistake."""
    from api.access.keys import keys_of
    from api.http.hosts import require_consent

    settings = session.settings()
    require_consent(settings, keys_of(settings))
    scheme = scheme_of(settings)
    with _listener(settings) as listener:
        from api.app import create_app
        from rag.build import build

        application = create_app(build(settings, create=may_begin(settings)), settings)
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        url = f"{scheme}://{host}:{listener.getsockname()[1]}"
        session.terminal.json({"url": url})
        session.terminal.show(f"Footnote is at {url} (Ctrl-C ends it)")
        server = server_of(application, settings)
        if open_:
            threading.Thread(target=_open, args=(server, url), daemon=True).start()
        server.run(sockets=[listener])


def may_begin(settings: Settings) -> bool:
    """Whether an empty store may be made to be served: the default one, one in a folder with
    nothing but keys in it, such as a fresh volume, and one in a database, which is there or can't
    be reached."""
    from api.access.key_file import FILE_NAME

    if "store" not in settings.model_fields_set or not isinstance(settings.store, Path):
        return True
    return settings.store.is_dir() and all(
        each.name == FILE_NAME for each in settings.store.iterdir()
    )


def _listener(settings: Settings) -> socket.socket:
    """The port, taken before models are loaded for it. Raises `InvalidSetting`."""
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise InvalidSetting(
            f"port {settings.port} of {settings.host} cannot be served on "
            f"({error.strerror or error}); end what uses it, or choose another with --port"
        ) from error
    listener.set_inheritable(True)
    return listener


def _open(server: uvicorn.Server, url: str) -> None:
    import webbrowser

    while not server.started:
        time.sleep(0.1)
    webbrowser.open(url)
