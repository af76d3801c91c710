"""Files → the store: their documents are added, and what an archive no longer holds is removed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from typing import Protocol

from index.document import Document
from index.extract.left_out import note_of
from index.extract.limits import Parsing
from index.ingest.former import Undo
from index.load.parse import Archive, Refused
from index.load.sources import Loaded
from index.progress import Expected, Passed, Progress, Told, untold
from index.records import Added
from index.store import Store
from index.uri import is_carrier


class Documents(Protocol):
    """The documents of a store, as `Index` holds them, and what files may cost there."""

    @property
    def store(self) -> Store: ...

    @property
    def parsing(self) -> Parsing: ...

    def add(
        self,
        documents: Iterable[Document],
        progress: Progress,
        collection: str | None,
        undo: Undo | None,
    ) -> Iterator[Added]: ...

    def remove(self, id_or_uri: str, undo: Undo | None) -> str: ...


def add_all(
    index: Documents,
    loaded: Iterable[Loaded],
    refuse: Callable[[Refused], None],
    progress: Progress = untold,
    collection: str | None = None,
    undo: Undo | None = None,
) -> Generator[Added]:
    """Adds every document in `loaded`, as `Index.add` does, to `collection` too; each with a note
    of what a person should know of its reading. `refuse` is told of what could not be read. When
    all are added, what is gone from an archive in `loaded`, or from what was attached to a file, is
    removed; a document with another name keeps that. One that is still in the archive but can no
    longer be read stays as it was, as a file's does.
    `progress` is told of what is stored, noted too, and of what was refused. What is replaced or
    removed is kept as `undo`, where that is given."""
    archives: list[Archive] = []
    notes: dict[str, str] = {}

    def documents() -> Iterator[Document]:
        for one in loaded:
            if isinstance(one, Document):
                notes[one.uri] = note_of(one, index.parsing)
                yield one
            elif isinstance(one, Refused):
                refuse(one)
                progress(Passed(one.uri))
            else:
                archives.append(one)
                progress(Expected(len(one.members) - 1))

    def noted(added: Added) -> Added:
        said = filter(None, (notes.get(added.uri, ""), added.note))
        return replace(added, note="; ".join(said))

    def told(step: Told) -> None:
        progress(noted(step) if isinstance(step, Added) else step)

    changed = set()
    for added in index.add(documents(), told, collection, undo):
        yield noted(added)
        notes.pop(added.uri, None)
        if added.status == "replaced" and is_carrier(added.uri):
            changed.add(added.uri)
    held = {uri for archive in archives for uri in archive.members}
    for holder in [*(archive.uri for archive in archives), *sorted(changed)]:
        with index.store.read() as snapshot:
            members = snapshot.members(holder)
        for uri in members:
            if uri not in held:
                index.remove(uri, undo)
