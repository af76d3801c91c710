"""The thread that embeds and stores, beside the one that reads and cuts.

What is waiting is embedded at once, and stored when a batch is full or half a second old, whatever
the other thread is doing meanwhile: a document is never held up by one that comes after it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from index.document import Document
from index.ingest.builder import Builder
from index.ingest.embedding import Embedding, embed_each
from index.ingest.pending import Pending, cut, held, twin
from index.progress import Progress, Step
from index.quotas import within_quotas
from index.records import Added
from index.store import Store

_BATCH_CHUNKS = 64  # embedded and stored together, or one document
_BATCH_DOCUMENTS = 256
_BATCH_BYTES = 32_000_000  # of originals
_MOST_CHARACTERS = 8_000_000  # of documents that are not stored yet, whatever their number
_STORED_SECONDS = 0.5  # after the first of a batch was embedded

Vectors = NDArray[np.float32]


class Storing:
    """Documents on their way into `store`, and into `collection`, if any, which is made where there
    is none. All but `stop` is for one thread."""

    def __init__(
        self,
        store: Store,
        builder: Builder,
        embedding: Embedding,
        progress: Progress,
        collection: str | None = None,
    ) -> None:
        self._embedding = embedding
        self._collection = collection
        self._store = store
        self._builder = builder
        self._progress = progress
        self._waiting: deque[Pending] = deque()
        self._inside: list[Pending] = []  # given, and not stored yet
        self._results: deque[Added] = deque()
        self._ending = self._stopping = self._over = False
        self._changed = threading.Condition()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="storing")
        self._running: Future[None] | None = None

    def put(self, pending: Pending) -> None:
        """Hands on a document, once there is room."""
        if self._running is None:
            self._running = self._thread.submit(copy_context().run, self._run)
        with self._changed:
            while not self._over and self._is_full():
                self._changed.wait()
            if self._over:
                return  # what went wrong is raised by `results`
        self._embedding.begin(pending.document, pending.chunks or ())
        with self._changed:
            self._waiting.append(pending)
            self._inside.append(pending)
            self._changed.notify_all()

    def inside(self) -> list[Pending]:
        """What is not stored yet."""
        with self._changed:
            return list(self._inside)

    def results(self) -> Iterator[Added]:
        """What became of the documents that were stored since this was last asked, in order. Raises
        what went wrong with the next."""
        with self._changed:
            stored, self._results = self._results, deque()
            over = self._over
        yield from stored
        if over and self._running is not None:
            self._running.result()

    def all_results(self) -> Iterator[Added]:
        """Of all that were handed on, once they are stored."""
        with self._changed:
            self._ending = True  # a batch that is not full waits for nothing more
            self._changed.notify_all()
            while self._inside and not self._over:
                self._changed.wait()
            self._ending = False
        yield from self.results()

    def stop(self) -> None:
        """Ends the thread within a few chunks; what is embedded whole by then is stored."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._embedding.stop()
        self._thread.shutdown()

    def _is_full(self) -> bool:
        characters = sum(len(pending.document.text) for pending in self._inside)
        many = len(self._waiting) >= _BATCH_DOCUMENTS or characters >= _MOST_CHARACTERS
        large = _size(self._waiting) >= _BATCH_BYTES
        return many or large or _chunks(self._waiting) >= self._embedding.most_waiting

    def _run(self) -> None:
        embedded: list[tuple[Pending, Vectors]] = []
        due = 0.0
        try:
            while True:
                batch = self._take(due if embedded else None)
                if batch and not embedded:
                    due = time.monotonic() + _STORED_SECONDS
                embedded += self._embedded(batch)
                full = sum(len(vectors) for _, vectors in embedded) >= _BATCH_CHUNKS
                full = full or _size([pending for pending, _ in embedded]) >= _BATCH_BYTES
                late = not batch or time.monotonic() >= due or len(embedded) >= _BATCH_DOCUMENTS
                if embedded and (full or late or self._stopping):
                    self._put_away(embedded)
                    embedded = []
                if self._stopping:
                    return
        finally:  # an error is raised by the other thread
            with self._changed:
                self._over = True
                self._changed.notify_all()

    def _take(self, due: float | None) -> list[Pending]:
        """The next documents, at most a batch; none when they are `due` to be stored that are
        embedded already, or nothing more is to come for now."""
        with self._changed:
            while not self._waiting and not self._stopping:
                left = None if due is None else due - time.monotonic()
                if due is not None and (self._ending or (left is not None and left <= 0)):
                    break
                self._changed.wait(left)
            batch: list[Pending] = []
            chunks = 0
            while self._waiting and len(batch) < _BATCH_DOCUMENTS:
                chunks += len(self._waiting[0].chunks or ())
                if batch and chunks > _BATCH_CHUNKS:
                    break
                batch.append(self._waiting.popleft())
            self._changed.notify_all()
            return [] if self._stopping else batch

    def _embedded(self, batch: Sequence[Pending]) -> Iterator[tuple[Pending, Vectors]]:
        """Those of `batch` whose every chunk is embedded: all, unless it has to end."""
        parts = self._embedding.each([(p.document, p.chunks or ()) for p in batch])
        vectors = np.zeros((0, 0), dtype=np.float32)
        for pending in batch:
            needed = len(pending.chunks or ())
            have = [vectors] if len(vectors) else []
            count = len(vectors)
            while count < needed:
                part = None if self._stopping else next(parts, None)
                if part is None:
                    return
                have.append(part)
                count += len(part)
                done = min(count, needed)
                self._progress(Step(pending.document.uri, "embedding", done, needed))
            vectors = np.concatenate(have) if have else vectors
            yield pending, vectors[:needed]
            vectors = vectors[needed:]

    def _put_away(self, embedded: Sequence[tuple[Pending, Vectors]]) -> None:
        """Stores what is new in one transaction, then tells of all."""
        wanted = bool(self._collection)
        new = [each for each in embedded if wanted or each[0].is_new]
        found = write(self._store, self._builder, new, self._collection) if new else {}
        for pending, _ in embedded:
            result = found.get(pending.document.uri) or pending.unchanged
            if result is None:  # its twin has been removed by somebody else since
                result = self._anew(pending.document)
            self._progress(result)
            with self._changed:
                self._inside.remove(pending)
                self._results.append(result)
                self._changed.notify_all()

    def _anew(self, document: Document) -> Added:
        pending = cut(self._builder, document)
        parts = list(embed_each(self._builder.embedder, [(document, pending.chunks or ())]))
        new = [(pending, np.concatenate(parts))]
        return write(self._store, self._builder, new, self._collection)[document.uri]


def _chunks(pending: Sequence[Pending] | deque[Pending]) -> int:
    return sum(len(each.chunks or ()) for each in pending)


def _size(pending: Sequence[Pending] | deque[Pending]) -> int:
    return sum(each.size for each in pending)


def write(
    store: Store,
    builder: Builder,
    batch: Sequence[tuple[Pending, Vectors]],
    collection: str | None = None,
) -> dict[str, Added]:
    """What became of each document, by uri; of one that has no chunks and whose twin is gone,
    nothing. All are in `collection` then."""
    results = {}
    with store.write() as writer, within_quotas(writer):
        builder.require_same(writer.identity(), loaded=any(len(vectors) for _, vectors in batch))
        if collection and collection not in writer.collections.names():
            writer.collections.create(collection)
        for pending, vectors in batch:
            document = pending.document
            if pending.unchanged and document.original is None:
                if collection and (named := writer.named(document.uri)):
                    writer.collections.include(collection, [named[0]])
                continue
            if len(vectors) and writer.identity() is None:
                writer.set_identity(builder.identity)
            before = writer.named(document.uri)
            undo = builder.undo if before and before[1] != document.sha256 else None
            if undo and before:
                undo.keep(writer, [before[0]], replaced=True)
            found = writer.link(document.uri, document.sha256, twin(writer, document))
            if found is None and (same := held(writer, document)):
                writer.readings.confirm(same, document.media_type)
                found = same, "unchanged"
            if found is None and pending.chunks is not None:
                found = writer.put(document, pending.chunks, vectors)
            if found:
                document_id, status = found
                if collection:
                    writer.collections.include(collection, [document_id])
                note = builder.keeping.keep(writer, document) or pending.note
                added = writer.stored(document_id).as_added(document.uri, status)
                word = undo.word if undo else ""
                results[document.uri] = replace(added, note=note, undo=word)
    return results
