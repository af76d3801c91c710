"""The command that sets how much collections may hold."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.flags import Session
from index.errors import InvalidCollection


def quota(
    session: Session,
    name: Annotated[
        str,
        typer.Argument(
            help="The collection; '*' is every one without a quota of its own.", show_default=False
        ),
    ] = "",
    documents: Annotated[
        int | None, typer.Option(min=0, help="The most documents that it may hold.")
    ] = None,
    mb: Annotated[
        float | None,
        typer.Option(min=0, help="The most MB of kept files and texts."),
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Let it hold any number.")] = False,
) -> None:
    """List how much collections may hold, and hold; set it for one. What would make a collection
    hold more is refused, and nothing of it is stored; what it holds already stays."""
    from index.quotas import Quota, Quotas
    from rag.open_index import open_index

    limited = documents is not None or mb is not None
    if bool(name) != (limited or none) or (limited and none):
        raise InvalidCollection(
            "`footnote quota` is written `footnote quota`, `footnote quota NAME [--documents N] "
            "[--mb N]` or `footnote quota NAME --none`"
        )
    index = open_index(session.settings(), create=False)
    quotas = Quotas(index.store)
    if name:
        quotas.set(name, Quota(documents, None if mb is None else round(mb * 1_000_000)))
    found = quotas.all()
    index.close()
    rows = [
        {
            "collection": one.name,
            "documents": one.quota.documents,
            "bytes": one.quota.bytes,
            "held_documents": one.held.documents,
            "held_bytes": one.held.bytes,
        }
        for one in found
    ]
    session.terminal.json({"quotas": rows})
    if found:
        session.terminal.rows(
            ("collection", "documents", "of at most", "MB", "of at most"),
            [
                (
                    *(one.name, f"{one.held.documents:,}", _most(one.quota.documents, 1)),
                    *(f"{one.held.bytes / 1e6:,.1f}", _most(one.quota.bytes, 1e6)),
                )
                for one in found
            ],
        )


def _most(most: int | None, unit: float) -> str:
    return "any" if most is None else f"{most / unit:,g}"
