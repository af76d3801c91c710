"""Files → the store: their documents are added, and what an archive no longer holds is removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Protocol

from index.document import Document
from index.extract.left_out import note_of
from index.ingest.pipeline import Progress
from index.load.parse import Archive, Refused
from index.load.sources import Loaded
from index.records import Added


class Documents(Protocol):
    """The documents of a store, as `Index` holds them."""

    def add(self, documents: Iterable[Document], progress: Progress) -> Iterator[Added]: ...

    def members(self, archive: str) -> list[str]: ...

    def remove(self, id_or_uri: str) -> str: ...


def add_all(
    index: Documents,
    loaded: Iterable[Loaded],
    refuse: Callable[[Refused], None],
    progress: Progress = lambda done, total: None,
) -> Iterator[Added]:
    """Adds every document in `loaded`, as `Index.add` does, each with a note of what a person
    should know of its reading; `refuse` is told of what could not be read. When all are added, what
    is gone from an archive in `loaded` is removed; a document with another name keeps that. One
    that is still in the archive but can no longer be read stays as it was, as a file's does."""
    archives: list[Archive] = []
    notes: dict[str, str] = {}

    def documents() -> Iterator[Document]:
        for one in loaded:
            if isinstance(one, Document):
                notes[one.uri] = note_of(one)
                yield one
            elif isinstance(one, Refused):
                refuse(one)
            else:
                archives.append(one)

    for added in index.add(documents(), progress):
        yield replace(added, note=notes.pop(added.uri, ""))
    for archive in archives:
        held = set(archive.members)
        for uri in index.members(archive.uri):
            if uri not in held:
                index.remove(uri)
