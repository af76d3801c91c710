"""The command that moves a store: copy."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from api.cli.flags import Session
from index.errors import InvalidSetting


def copy(
    session: Session,
    source: Annotated[str, typer.Argument(metavar="FROM", help="The folder or address to read.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The folder or address to fill.")],
) -> None:
    """Copy a store into an empty one, from a folder to a PostgreSQL database or back, and compare
    both. Nothing is embedded again. A copy that was cut short goes on where it stopped."""
    from index.ingest.copying import copy as copy_store
    from rag.open_index import open_store
    from rag.setting_kinds import place_of

    try:
        places = place_of(source), place_of(target)
    except ValueError as error:
        raise InvalidSetting(f"that is no store: {error}") from error
    if places[0] == places[1]:
        raise InvalidSetting(f"{places[0]} cannot be copied onto itself; name another store")
    with (
        closing(open_store(places[0], create=False)) as held,
        closing(open_store(places[1], create=True)) as filled,
        session.terminal.progress("Copying") as done,
    ):
        counts, checksum = copy_store(held, filled, done)
    session.terminal.json(
        {"documents": counts.documents, "chunks": counts.chunks, "checksum": checksum}
    )
    session.terminal.show(
        f"{counts.documents} documents, {counts.chunks} chunks are the same in both: {checksum}"
    )
