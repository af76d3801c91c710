"""Cuts and embeds a whole store anew, while it goes on answering from what it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from index.embed.embedder import Embedder
from index.errors import UnknownDocument
from index.ingest.builder import identity_of
from index.ingest.deferring import Deferring
from index.ingest.embedding import embed_chunks
from index.ingest.pending import fitted
from index.records import Counts
from index.store import Store
from index.text.chunk import Chunking, chunk

_BATCH_DOCUMENTS = 64


def reindex(
    store: Store, embedder: Embedder, chunking: Chunking, progress: Callable[[int, int], None]
) -> Counts:
    """Replaces every chunk of `store` by those that `embedder` and `chunking` make.

    The new chunks are staged in the store, a batch of documents at a time, and take the place of
    the old ones in a single transaction, so that a reindex that is cut short changes nothing and
    the next one goes on where it stopped. `progress` is told (documents done, documents in all).

    Raises `StoreBusy`.
    """
    identity = identity_of(embedder, chunking)
    embedder = Deferring(embedder, store.precedence)
    while True:
        with store.write() as writer:
            waiting = writer.unstaged(identity)
            if not waiting:
                writer.swap_staged(identity)
                return writer.counts()
            total = writer.counts().documents
        for begin in range(0, len(waiting), _BATCH_DOCUMENTS):
            progress(total - len(waiting) + begin, total)
            _stage(store, embedder, chunking, waiting[begin : begin + _BATCH_DOCUMENTS])


def _stage(
    store: Store, embedder: Embedder, chunking: Chunking, document_ids: Sequence[str]
) -> None:
    documents = []
    with store.read() as snapshot:
        for document_id in document_ids:
            with suppress(UnknownDocument):  # removed since; it needs no chunks
                documents.append(snapshot.document(document_id))
    batch = [(d, chunk(d, embedder.count_tokens, fitted(chunking, embedder))) for d in documents]
    vectors = embed_chunks(embedder, batch)
    with store.write() as writer:
        for document, chunks in batch:
            writer.stage(identity_of(embedder, chunking), document, chunks, vectors[: len(chunks)])
            vectors = vectors[len(chunks) :]
