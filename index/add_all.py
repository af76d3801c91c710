"""Files → the store: their documents are added, and what an archive no longer holds is removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from index.document import Document
from index.index import Added, Index
from index.load_all import Loaded
from index.ocr import note_of
from index.parse import Archive, Refused


def add_all(
    index: Index, loaded: Iterable[Loaded], refuse: Callable[[Refused], None]
) -> Iterator[tuple[Added, str]]:
    """Adds every document in `loaded`, as `Index.add` does, each with what a person should know of
    its reading ("" as a rule); `refuse` is told of what could not be read. When all are added, the
    documents are removed whose members are gone from an archive in `loaded`. One that is still in
    the archive but can no longer be read stays as it was, as a file's does."""
    archives: list[Archive] = []
    notes: dict[str, str] = {}

    def documents() -> Iterator[Document]:
        for one in loaded:
            if isinstance(one, Document):
                notes[one.id] = note_of(one)
                yield one
            elif isinstance(one, Refused):
                refuse(one)
            else:
                archives.append(one)

    for added in index.add(documents()):
        yield added, notes.pop(added.document_id, "")
    for archive in archives:
        held = set(archive.members)
        for document_id, uri in index.members(archive.uri):
            if uri not in held:
                index.remove(document_id)
