"""The commands that keep the store: add, list, check, reindex."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.flags import Place, Session, scope
from api.cli.interrupt import interruptible, kept
from api.cli.workers import Ray, working_on
from api.uploads.priority import step_back
from index.errors import FootnoteError, UnreadableFile
from index.filter import collection_name

if TYPE_CHECKING:
    from api import schemas
    from index.extract.limits import Parsing
    from index.load.sources import Source

MB = 1_000_000
_WORTH_A_WORD = 0.2  # of the disk, that is reclaimable

Fail = Callable[[str, FootnoteError], None]


def add(
    session: Session,
    paths: Annotated[list[str], typer.Argument(help="Files and folders; - reads one from stdin.")],
    uri: Annotated[str, typer.Option(help="The name of the document from stdin.")] = "stdin",
    collection: Annotated[
        str | None,
        typer.Option(help="Put them into this collection, which is made where there is none."),
    ] = None,
    ray: Ray = None,
) -> None:
    """Add documents, and replace those that have changed. Files that cannot be read are named and
    the rest goes on; then the exit code is 1."""
    from api import schemas
    from index.progress import Expected, Tally, Told
    from index.records import Added
    from index.sync.add_loaded import add_all
    from rag.open_index import open_index

    failed: list[schemas.Failed] = []
    added: list[schemas.Added] = []
    tally = Tally()

    def fail(name: str, error: FootnoteError) -> None:
        failed.append(schemas.Failed(uri=name, detail=str(error)))
        session.terminal.warn(str(error))

    def note(told: Told) -> None:
        if isinstance(told, Added):
            one = schemas.Added.model_validate(told)
            if not session.terminal.out.is_terminal:
                session.terminal.show(_line(one))  # it is stored for good
            added.append(one)
            if told.note:
                session.terminal.warn(f"{told.uri}: {told.note}")

    def report() -> None:
        session.terminal.json(schemas.AddedDocuments(documents=added, errors=failed))
        if session.terminal.out.is_terminal:  # there a bar stood in the way
            session.terminal.show(*map(_line, added))

    def farewell() -> None:
        report()
        session.terminal.warn(kept(len(added), tally.total))

    if collection is not None:
        collection_name(collection)
    with interruptible(farewell, cluster=ray is not None):
        files = list(_files(paths, fail))
        settings = session.settings()
        index = open_index(settings)
        with (
            working_on(index, ray, settings),
            session.terminal.following("Adding", tally) as follow,
        ):
            step_back()

            def tell(told: Told) -> None:
                note(told)
                follow(told)

            tell(Expected(len(files)))
            loaded = index.load(_sources(files, uri, index.parsing), tell)
            with closing(
                add_all(index, loaded, lambda one: fail(one.uri, one.error), tell, collection)
            ) as all_:
                deque(all_, 0)
    report()
    if failed:
        raise typer.Exit(1)


def _line(added: schemas.Added) -> str:
    return f"{added.status:9}  {added.chunks:5} chunks  {added.uri}"


def _files(paths: list[str], fail: Fail) -> Iterator[str]:
    from index.load.documents import walk

    for path in paths:
        try:
            yield from [path] if path == "-" else (str(each) for each in walk([Path(path)]))
        except UnreadableFile as error:
            fail(path, error)


def _sources(files: list[str], uri: str, parsing: Parsing) -> Iterator[Source]:
    from index.load.sources import Source, file_source

    for name in files:
        yield (
            Source(uri, sys.stdin.buffer.read) if name == "-" else file_source(Path(name), parsing)
        )


def list_(session: Session, place: Place = None) -> None:
    """List the documents in the store."""
    from rag.open_index import open_index

    index = open_index(session.settings(), create=False)
    stored = index.documents(0, -1, scope(None, place))
    if session.terminal.as_json:
        from api import schemas

        rows = [schemas.Stored.model_validate(each) for each in stored]
        page = {"documents": rows, "offset": 0, "limit": len(rows), "total": len(rows)}
        session.terminal.json(schemas.DocumentPage.model_validate(page))
        return
    session.terminal.rows(
        ("id", "chunks", "added", "title", "uri"),
        [
            (each.id, str(each.chunks), each.added_at, each.title, uri)
            for each in stored
            for uri in (each.uri, *each.aliases)
        ],
    )
    if session.terminal.out.is_terminal:
        size, free = index.store.size(), index.store.reclaimable()
        if free > max(_WORTH_A_WORD * size, MB):
            session.terminal.show(
                f"{free / MB:,.1f} of {size / MB:,.1f} MB on the disk hold nothing; `footnote "
                "compact` gives them back"
            )


def check(session: Session) -> None:
    """Check that the store is sound. Exits with 1 and lists the problems when it is not; says too
    what an older Footnote made that this one would make otherwise."""
    from rag.open_index import open_index

    index = open_index(session.settings(), create=False)
    problems, advice, counts = index.check(), index.advice(), index.counts()
    size, free = index.store.size(), index.store.reclaimable()
    view = None if problems else index.store.view_state()
    session.terminal.json(
        {
            "problems": problems,
            "advice": advice,
            "documents": counts.documents,
            "chunks": counts.chunks,
            "view": asdict(view) if view else None,
            "bytes": size,
            "reclaimable_bytes": free,
        }
    )
    if view:
        later = "; another is being built" if view.building else ""
        session.terminal.show(
            f"{view.vectors} vectors: {view.index}, {view.bytes_each} bytes each in memory{later}"
        )
    session.terminal.show(
        *problems,
        *advice,
        f"{size / MB:,.1f} MB on the disk, of which {free / MB:,.1f} MB are reclaimable"
        + (" by `footnote compact`" if free >= MB else ""),
        f"{counts.documents} documents, {counts.chunks} chunks, {len(problems)} problems",
    )
    if problems:
        raise typer.Exit(1)


def compact(session: Session) -> None:
    """Give back what the store takes on the disk and doesn't need. Others may ask meanwhile; who
    adds waits."""
    from api.backups.backup import folder_of
    from index.sqlite.store import SqliteStore

    folder = folder_of(session.settings(), "PostgreSQL uses what is free in it again by itself")
    with closing(SqliteStore(folder, create=False)) as store:
        before = store.size()
        store.compact()
        after = store.size()
    session.terminal.json({"bytes_before": before, "bytes": after})
    session.terminal.show(f"{before / MB:,.1f} MB before, {after / MB:,.1f} MB now")


def reindex(session: Session) -> None:
    """Cut and embed every document anew, after a change of embedder or chunking."""
    from rag import open_index

    step_back()
    with session.terminal.progress("Embedding") as done:
        counts = open_index.reindex(session.settings(), done)
    session.terminal.json({"documents": counts.documents, "chunks": counts.chunks})
    session.terminal.show(f"{counts.documents} documents, {counts.chunks} chunks")
