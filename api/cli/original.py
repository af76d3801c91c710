"""The command that gives back the file of a document."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.flags import Session
from index.errors import InvalidSetting, StoreUnusable


def original(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="ID|URI", help="Which document.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write; default: standard output."),
    ] = None,
) -> None:
    """Give back the file that a document was read from, byte for byte."""
    from rag.open_index import open_index

    if output is None and (session.terminal.as_json or sys.stdout.isatty()):
        raise InvalidSetting("the file would go to the terminal; name one to write with -o FILE")
    index = open_index(session.settings(), create=False)
    found = index.original(index.find(name))
    with found.file:
        if output is None:
            shutil.copyfileobj(found.file, sys.stdout.buffer)
            return
        try:
            with output.open("wb") as file:
                shutil.copyfileobj(found.file, file)
        except OSError as error:
            raise StoreUnusable(
                f"'{output}' cannot be written ({error.strerror}); choose another with -o"
            ) from error
    stored = found.document
    session.terminal.json(
        {
            "id": stored.id,
            "uri": stored.uri,
            "sha256": stored.sha256,
            "media_type": stored.media_type,
            "bytes": found.size,
            "file": str(output),
        }
    )
    session.terminal.show(f"{output}: {found.size:,} bytes of {stored.uri}")
