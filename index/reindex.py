"""Cuts and embeds a whole store anew, while it goes on answering from what it has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from index.catalog import Catalog
from index.chunk import Chunking, chunk
from index.embed import Embedder
from index.index import embed_chunks, identity_of
from index.records import Counts

_BATCH_DOCUMENTS = 64


def reindex(
    folder: Path, embedder: Embedder, chunking: Chunking, progress: Callable[[int, int], None]
) -> Counts:
    """Replaces every chunk of the store in `folder` by those that `embedder` and `chunking` make.

    The new chunks are staged in the store, a batch of documents at a time, and take the place of
    the old ones in a single transaction, so that a reindex that is cut short changes nothing and
    the next one goes on where it stopped. `progress` is told (documents done, documents in all).

    Raises `StoreMissing` and `StoreBusy`.
    """
    catalog = Catalog(folder, create=False)
    identity = identity_of(embedder, chunking)
    fitted = Chunking(min(chunking.max_tokens, embedder.max_tokens), chunking.overlap)
    try:
        while True:
            with catalog.write() as writer:
                waiting = writer.unstaged(identity)
                if not waiting:
                    writer.swap_staged(identity)
                    return writer.counts()
                total = writer.counts().documents
            progress(total - len(waiting), total)
            with catalog.read() as snapshot:
                documents = [snapshot.document(id_) for id_ in waiting[:_BATCH_DOCUMENTS]]
            batch = [(d, chunk(d, embedder.count_tokens, fitted)) for d in documents]
            vectors = embed_chunks(embedder, batch)
            with catalog.write() as writer:
                for document, chunks in batch:
                    writer.stage(document, chunks, vectors[: len(chunks)])
                    vectors = vectors[len(chunks) :]
    finally:
        catalog.close()
