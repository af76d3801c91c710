"""A document on its way in, and what the store says of it beforehand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from index.document import Chunk, Document
from index.embed.embedder import Embedder
from index.ingest.builder import Builder
from index.records import Added
from index.store import ReadTransaction, Store
from index.text.chunk import Chunking, chunk


@dataclass(frozen=True, slots=True)
class Pending:
    """`chunks` is None where the content is stored, or will be by a document before this one;
    `unchanged` is the result where nothing of it is to be changed. The document has its original
    where that is to be kept; `note` says why one is not."""

    document: Document
    chunks: tuple[Chunk, ...] | None
    unchanged: Added | None = None
    note: str = ""

    @property
    def is_new(self) -> bool:
        """Whether there is something to write."""
        return self.unchanged is None or self.document.original is not None

    @property
    def size(self) -> int:
        """Bytes of the original, which wait in memory."""
        return len(self.document.original or b"")

    def is_twin(self, document: Document) -> bool:
        return (self.document.sha256, self.document.media_type) == (
            document.sha256,
            document.media_type,
        )


def prepared(
    store: Store, builder: Builder, document: Document, before: Iterable[Pending]
) -> Pending:
    """`document`, cut where it has to be; `before` are those that are on their way already."""
    note = builder.keeping.too_large(document)
    with store.read() as snapshot:
        builder.require_same(snapshot.identity())
        if document.original is not None and not builder.keeping.wants(snapshot, document):
            document = replace(document, original=None)
        named = snapshot.named(document.uri)
        if named and named[1] == document.sha256 and snapshot.readings.is_current(named[0]):
            stored = snapshot.stored(named[0])
            return Pending(document, None, stored.as_added(document.uri, "unchanged"), note)
        known = twin(snapshot, document) is not None or held(snapshot, document) is not None
    if known or any(pending.is_twin(document) for pending in before):
        return Pending(document, None, note=note)
    return replace(cut(builder, document), note=note)


def cut(builder: Builder, document: Document) -> Pending:
    """`document` with its chunks."""
    chunking = fitted(builder.chunking, builder.embedder)
    return Pending(document, tuple(chunk(document, builder.embedder.count_tokens, chunking)))


def fitted(chunking: Chunking, embedder: Embedder) -> Chunking:
    """`chunking` with no more tokens than `embedder` sees."""
    return Chunking(min(chunking.max_tokens, embedder.max_tokens), chunking.overlap)


def twin(snapshot: ReadTransaction, document: Document) -> str | None:
    """The document that holds the same bytes, read in the same way."""
    for document_id, _, media_type in snapshot.twins(document.sha256):
        if media_type == document.media_type and snapshot.readings.is_current(document_id):
            return document_id
    return None


def held(snapshot: ReadTransaction, document: Document) -> str | None:
    """The document at the uri of `document` where it was read of the same bytes in another version,
    and is equal to it all the same."""
    named = snapshot.named(document.uri)
    if named is None or named[1] != document.sha256:
        return None
    return named[0] if _are_alike(snapshot.document(named[0]), document) else None


def _are_alike(stored: Document, document: Document) -> bool:
    """Whether two documents are equal but for their names, and the titles that come from those."""
    title = document.title if stored.uri == document.uri else stored.title
    return stored == replace(document, id=stored.id, uri=stored.uri, title=title)
