"""The vectors of the catalog, held in memory and kept in step with it."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from index.snapshot import Snapshot
from index.vectors import Ids, Vectors, VectorStore

_BATCH = 8192


class Outrun(Exception):
    """The view has moved on; take a new snapshot and search again."""


class View:
    """A vector store that can be thrown away and rebuilt: it is caught up with the catalog before
    every search, by the chunks added and removed since. May be used by many threads."""

    def __init__(self, store: VectorStore) -> None:
        self._store = store
        self._store_id = ""
        self._generation = 0
        self._last_id = 0
        self._lock = threading.Lock()

    def search(
        self, snapshot: Snapshot, query: Vectors, k: int, allowed: Ids | None = None
    ) -> tuple[NDArray[np.float32], Ids]:
        """(cosines, chunk ids), both [min(k, n)], best first, for one `query` [dim].

        Raises `Outrun` when another thread has brought the view beyond `snapshot`."""
        with self._lock:
            self._catch_up(snapshot)
            scores, ids = self._store.search(query[None, :], k, allowed)
        return scores[0], ids[0]

    def ids(self, snapshot: Snapshot) -> Ids:
        """The chunk ids that the view holds, ascending."""
        with self._lock:
            self._catch_up(snapshot)
            return self._store.ids()

    def _catch_up(self, snapshot: Snapshot) -> None:
        generation, store_id = snapshot.generation(), snapshot.store_id()
        if store_id != self._store_id:  # another store was put in the place of this one
            self._start_anew()
            self._store_id = store_id
        if generation < self._generation:
            raise Outrun
        if generation == self._generation:
            return
        if self._generation < snapshot.pruned():  # what was removed since is forgotten in part
            self._start_anew()
        if self._last_id:
            self._store.remove(snapshot.removed_since(self._generation))
        for ids, vectors in snapshot.vectors_after(self._last_id, _BATCH):
            rows = np.frombuffer(vectors, dtype=np.float32).reshape(len(ids), -1)
            self._store.add(ids, rows)
            self._last_id = int(ids[-1])
        self._generation = generation

    def _start_anew(self) -> None:
        self._store.remove(self._store.ids())
        self._generation, self._last_id = 0, 0
