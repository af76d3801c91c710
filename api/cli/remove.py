"""The command that removes documents."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.flags import Session
from api.uploads.open_jobs import withdraw
from index.errors import UnknownDocument
from index.glob import is_glob, matches
from index.uri import MEMBER, is_below

if TYPE_CHECKING:
    from index.records import Stored

_HANDFUL = 5  # so many are removed without being asked about


def remove(
    session: Session,
    names: Annotated[
        list[str],
        typer.Argument(metavar="ID|URI|FOLDER|GLOB…", help="What to remove."),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Don't ask before more than a handful are removed.")
    ] = False,
) -> None:
    """Remove documents by id or uri. A folder stands for all below it, an archive for all that came
    from it, and a glob for what it matches: * and ? within a folder, ** through all of them. A
    document that was found under several uris loses only the given ones. Exits with 1 when a name
    matches nothing."""
    from rag.open_index import open_index

    settings = session.settings()
    index = open_index(settings, create=False)
    chosen, unknown = _chosen(index.documents(0, -1), names)
    failed = []
    for name in unknown:
        reason = f"no document has the id or uri {name!r}, or lies in a folder or archive of it"
        failed.append({"uri": name, "detail": reason})
        session.terminal.warn(reason)
    removed = []
    if dry_run:
        session.terminal.show(*(f"would remove  {uri}" for uri in chosen))
    elif _is_meant(session, chosen, yes):
        withdraw(settings, chosen)
        for name in chosen:
            with suppress(UnknownDocument):  # removed since, by somebody else
                removed.append({"id": index.remove(name), "name": name})
                session.terminal.show(f"removed  {name}")
    listed = {"would_remove": list(chosen)} if dry_run else {"removed": removed}
    session.terminal.json({**listed, "errors": failed})
    if failed or (chosen and not removed and not dry_run):
        raise typer.Exit(1)


def _chosen(stored: Iterable[Stored], names: Iterable[str]) -> tuple[dict[str, None], list[str]]:
    """What to remove, ids and uris in the order of `names`, and the names that match nothing."""
    documents = list(stored)
    ids = {each.id for each in documents}
    uris = [uri for each in documents for uri in (each.uri, *each.aliases)]
    chosen: dict[str, None] = {}
    unknown = []
    for name in names:
        if name in ids:
            found = [name]
        else:
            attached = [uri for uri in uris if uri.startswith(name + MEMBER)]
            meant = matches if is_glob(name) else _is_in
            found = [name, *attached] if name in uris else [uri for uri in uris if meant(name, uri)]
        chosen |= dict.fromkeys(found)
        if not found:
            unknown.append(name)
    return chosen, unknown


def _is_in(place: str, uri: str) -> bool:
    return is_below(uri, place)


def _is_meant(session: Session, chosen: Iterable[str], yes: bool) -> bool:
    """Asks, on a terminal, before more than a handful are removed."""
    several = list(chosen)
    if yes or len(several) <= _HANDFUL or session.terminal.as_json or not sys.stdin.isatty():
        return True
    session.terminal.show(*(f"  {name}" for name in several[:_HANDFUL]))
    more = len(several) - _HANDFUL
    return typer.confirm(f"… and {more:,} more. Remove these {len(several):,} documents?", err=True)
