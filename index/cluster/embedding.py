"""Chunks → vectors, by the workers of a cluster."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from index.cluster.cluster import Cluster, Ref
from index.cluster.tasks import embed_texts
from index.document import Chunk, Document
from index.embed.embedder import Embedder
from index.ingest.embedding import Batch, texts_of

_TASKS_EACH = 2  # under way, for each that is done at once
_LOOK_SECONDS = 0.1


@dataclass(slots=True)
class _Task:
    """Texts that are embedded together, of which the first `taken` vectors were asked for."""

    texts: list[str] = field(default_factory=list)
    ref: Ref = None
    count: int = 0
    taken: int = 0
    vectors: NDArray[np.float32] | None = None


class EmbeddingByWorkers:
    """Texts go out as soon as there are `at_once`, or their vectors are asked for; while twice as
    many tasks are under way as are done at once, `begin` waits."""

    def __init__(self, cluster: Cluster, embedder: Embedder, at_once: int) -> None:
        self._cluster = cluster
        self._embedder = cluster.keep(embedder)
        self._at_once = at_once
        self._tasks: deque[_Task] = deque()  # whose vectors are not all asked for, in order
        self._filling = _Task()  # the last of them, which has not gone out
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    @property
    def most_waiting(self) -> int:
        return 2 * _TASKS_EACH * self._cluster.slots("embed") * self._at_once

    def begin(self, document: Document, chunks: Sequence[Chunk]) -> None:
        for start in range(0, len(chunks), self._at_once):
            texts = texts_of(document, chunks[start : start + self._at_once])
            while texts and not self._stopped.is_set():
                self._wait_for_room()
                with self._lock:
                    room = self._at_once - len(self._filling.texts)
                    if not self._filling.texts:
                        self._tasks.append(self._filling)
                    self._filling.texts += texts[:room]
                    texts = texts[room:]
                    if len(self._filling.texts) == self._at_once:
                        self._send()

    def each(self, batch: Batch) -> Iterator[NDArray[np.float32]]:
        needed = sum(len(chunks) for _, chunks in batch)
        while needed:
            with self._lock:
                task = self._tasks[0]
                if task is self._filling:
                    self._send()
            if task.vectors is None:
                if not self._cluster.wait(task.ref, self._stopped.is_set):
                    return
                task.vectors = self._cluster.result(task.ref)
            part = task.vectors[task.taken : task.taken + needed]
            task.taken += len(part)
            needed -= len(part)
            if task.taken == task.count:
                with self._lock:
                    self._tasks.popleft()
            yield part

    def stop(self) -> None:
        self._stopped.set()
        with self._lock:
            refs = [task.ref for task in self._tasks if task.ref is not None]
        self._cluster.cancel(refs)

    def _send(self) -> None:
        """Lets the texts go that have come together, and begins anew."""
        task = self._filling
        task.count = len(task.texts)
        task.ref = self._cluster.submit("embed", embed_texts, self._embedder, task.texts)
        task.texts = []
        self._filling = _Task()

    def _wait_for_room(self) -> None:
        most = _TASKS_EACH * self._cluster.slots("embed")
        while not self._stopped.is_set():
            with self._lock:
                sent = [task.ref for task in self._tasks if task.ref is not None]
            if len(sent) < most:
                return
            ready = self._cluster.done(sent)
            under_way = [ref for ref in sent if ref not in ready]
            if len(under_way) < most:
                return
            self._cluster.done(under_way, _LOOK_SECONDS)
