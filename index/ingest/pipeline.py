"""Documents on their way in: read and cut by one thread, embedded and stored by another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from index.document import Document
from index.ingest.builder import Builder
from index.ingest.embedding import Embedding, EmbeddingHere
from index.ingest.pending import prepared
from index.ingest.storing import Storing
from index.progress import Progress
from index.records import Added
from index.store import Store


def add(
    store: Store,
    builder: Builder,
    documents: Iterable[Document],
    progress: Progress,
    collection: str | None = None,
    embedding: Embedding | None = None,
) -> Iterator[Added]:
    """`Index.add`; chunks are embedded by `embedding`, or else in this process. However it ends, an
    exception in `documents` and Ctrl-C among the ways, what is embedded whole by then is stored,
    and nothing else is under way any more."""
    by = embedding or EmbeddingHere(builder.embedder)
    storing = Storing(store, builder, by, progress, collection)
    try:
        for document in documents:
            inside = storing.inside()
            if any(document.uri == pending.document.uri for pending in inside):
                yield from storing.all_results()
                inside = []
            storing.put(prepared(store, builder, document, inside))
            yield from storing.results()
        yield from storing.all_results()
    finally:
        storing.stop()
