"""Vectors in memory that know which state of the catalog they hold."""

from __future__ import annotations

from threading import Event
from typing import Generic, TypeVar

import numpy as np

from index.sqlite.snapshot import Snapshot
from index.vectors.vector_store import VectorStore

_BATCH = 8192

Kind = TypeVar("Kind", bound=VectorStore, covariant=True)


class Outrun(Exception):
    """The view has moved on; take a new snapshot and search again."""


class Stopped(Exception):
    """There is no more need for what is being done."""


class Replica(Generic[Kind]):
    """A vector store at a generation of the catalog: brought to a later one by the chunks added
    and removed since. `changed` counts these chunks. Not for use by several threads."""

    def __init__(
        self, store: Kind, store_id: str = "", generation: int = 0, last_id: int = 0
    ) -> None:
        self.store = store
        self.store_id = store_id
        self.generation = generation
        self.last_id = last_id
        self.changed = 0

    def catch_up(self, snapshot: Snapshot, stop: Event | None = None) -> None:
        """Raises `Outrun` when it is beyond `snapshot`, and `Stopped` when `stop` is set."""
        generation, store_id = snapshot.generation(), snapshot.store_id()
        if store_id != self.store_id:  # another store was put in the place of this one
            self._start_anew()
            self.store_id = store_id
        if generation < self.generation:
            raise Outrun
        if generation == self.generation:
            return
        if self.generation < snapshot.pruned():  # what was removed since is forgotten in part
            self._start_anew()
        if self.last_id:
            removed = snapshot.removed_since(self.generation)
            self.store.remove(removed)
            self.changed += len(removed)
        for ids, vectors in snapshot.vectors_after(self.last_id, _BATCH):
            if stop and stop.is_set():
                raise Stopped
            rows = np.frombuffer(vectors, dtype=np.float32).reshape(len(ids), -1)
            self.store.add(ids, rows)
            self.last_id = int(ids[-1])
            self.changed += len(ids)
        self.generation = generation

    def _start_anew(self) -> None:
        self.store.remove(self.store.ids())
        self.generation, self.last_id = 0, 0
