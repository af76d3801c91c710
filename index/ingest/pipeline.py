"""Documents on their way in: cut, embedded and stored, a batch in each transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.document import Chunk, Document
from index.embed.embedder import Embedder
from index.ingest.builder import Builder
from index.records import Added
from index.store import ReadTransaction, Store
from index.text.chunk import Chunking, chunk
from index.text.embedded_text import embedded

_BATCH_CHUNKS = 256

Progress = Callable[[int, int], None]
"""Told (chunks embedded, chunks to embed) of the documents that are stored next, by the thread
that embeds them."""


@dataclass(frozen=True, slots=True)
class _Pending:
    """A document on its way in. `chunks` is None where its content is stored, or will be by a
    document before it; `unchanged` is its result where nothing is to be done."""

    document: Document
    chunks: tuple[Chunk, ...] | None
    unchanged: Added | None = None

    def is_twin(self, document: Document) -> bool:
        return (self.document.sha256, self.document.media_type) == (
            document.sha256,
            document.media_type,
        )


def add(
    store: Store, builder: Builder, documents: Iterable[Document], progress: Progress
) -> Iterator[Added]:
    """`Index.add`. While one batch is embedded, the one before it is written, and documents are
    taken and cut for the next."""
    with ThreadPoolExecutor(1, thread_name_prefix="embed") as thread:
        adding = _Adding(store, builder, progress, thread)
        batch: list[_Pending] = []
        waiting = 0
        for document in documents:
            if any(document.uri == pending.document.uri for pending in batch):
                yield from adding.begin(batch)
                batch, waiting = [], 0
            if adding.concerns(document):
                yield from adding.finish()
            pending = _prepared(store, builder, document, batch)
            batch.append(pending)
            waiting += len(pending.chunks or ())
            if waiting >= _BATCH_CHUNKS or len(batch) >= _BATCH_CHUNKS:
                yield from adding.begin(batch)
                batch, waiting = [], 0
        yield from adding.begin(batch)
        yield from adding.finish()


class _Adding:
    """Batches on their way into the store, of which at most one is being embedded."""

    def __init__(
        self, store: Store, builder: Builder, progress: Progress, thread: Executor
    ) -> None:
        self._store = store
        self._builder = builder
        self._progress = progress
        self._thread = thread
        self._embedded: tuple[Sequence[_Pending], Future[NDArray[np.float32]]] | None = None

    def begin(self, batch: Sequence[_Pending]) -> Iterator[Added]:
        """Starts to embed `batch`, and stores the one before it."""
        new = [(each.document, each.chunks) for each in batch if each.chunks is not None]
        vectors = self._thread.submit(embed_chunks, self._builder.embedder, new, self._progress)
        before, self._embedded = self._embedded, (batch, vectors)
        yield from self._put(before)

    def finish(self) -> Iterator[Added]:
        """Stores what is being embedded, when it is."""
        before, self._embedded = self._embedded, None
        yield from self._put(before)

    def concerns(self, document: Document) -> bool:
        """Whether what becomes of `document` depends on what is being embedded."""
        batch = self._embedded[0] if self._embedded else ()
        return any(
            pending.document.uri == document.uri or pending.is_twin(document) for pending in batch
        )

    def _put(
        self, embedded: tuple[Sequence[_Pending], Future[NDArray[np.float32]]] | None
    ) -> Iterator[Added]:
        """Stores what is new of a batch in one transaction, then gives the results of all."""
        if embedded is None:
            return
        batch, vectors = embedded
        new = [pending for pending in batch if pending.unchanged is None]
        results = _write(self._store, self._builder, new, vectors.result()) if new else {}
        for pending in batch:
            result = pending.unchanged or results.get(pending.document.uri)
            if result is None:  # its twin has been removed by somebody else since
                yield from add(self._store, self._builder, [pending.document], self._progress)
            else:
                yield result


def _prepared(
    store: Store, builder: Builder, document: Document, batch: Sequence[_Pending]
) -> _Pending:
    with store.read() as snapshot:
        builder.require_same(snapshot.identity())
        named = snapshot.named(document.uri)
        if named and named[1] == document.sha256 and snapshot.readings.is_current(named[0]):
            stored = snapshot.stored(named[0])
            return _Pending(document, None, stored.as_added(document.uri, "unchanged"))
        known = _twin(snapshot, document) is not None or _held(snapshot, document) is not None
    if known or any(pending.is_twin(document) for pending in batch):
        return _Pending(document, None)
    chunking = fitted(builder.chunking, builder.embedder)
    return _Pending(document, tuple(chunk(document, builder.embedder.count_tokens, chunking)))


def _write(
    store: Store, builder: Builder, batch: Sequence[_Pending], vectors: NDArray[np.float32]
) -> dict[str, Added]:
    """What became of each document, by uri."""
    results = {}
    with store.write() as writer:
        builder.require_same(writer.identity(), loaded=bool(len(vectors)))
        if len(vectors) and writer.identity() is None:
            writer.set_identity(builder.identity)
        for pending in batch:
            document, count = pending.document, len(pending.chunks or ())
            found = writer.link(document.uri, document.sha256, _twin(writer, document))
            if found is None and (held := _held(writer, document)):
                writer.readings.confirm(held, document.media_type)
                found = held, "unchanged"
            if found is None and pending.chunks is not None:
                found = writer.put(document, pending.chunks, vectors[:count])
            vectors = vectors[count:]
            if found:
                document_id, status = found
                results[document.uri] = writer.stored(document_id).as_added(document.uri, status)
    return results


def _twin(snapshot: ReadTransaction, document: Document) -> str | None:
    """The document that holds the same bytes, read in the same way."""
    for document_id, _, media_type in snapshot.twins(document.sha256):
        if media_type == document.media_type and snapshot.readings.is_current(document_id):
            return document_id
    return None


def _held(snapshot: ReadTransaction, document: Document) -> str | None:
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


def fitted(chunking: Chunking, embedder: Embedder) -> Chunking:
    """`chunking` with no more tokens than `embedder` sees."""
    return Chunking(min(chunking.max_tokens, embedder.max_tokens), chunking.overlap)


def embed_chunks(
    embedder: Embedder,
    batch: Sequence[tuple[Document, Sequence[Chunk]]],
    progress: Progress = lambda done, total: None,
) -> NDArray[np.float32]:
    """One vector for each chunk of each document, in order: [n, dim]."""
    texts = [
        embedded(document.title, chunk.heading, document.text[chunk.start : chunk.end])
        for document, chunks in batch
        for chunk in chunks
    ]
    parts = []
    for start in range(0, len(texts), _BATCH_CHUNKS):
        progress(start, len(texts))
        parts.append(embedder.passages(texts[start : start + _BATCH_CHUNKS]))
    return np.concatenate(parts) if parts else np.zeros((0, 0), dtype=np.float32)
