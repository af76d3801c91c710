"""The exact oracle: every vector compared with numpy."""

from __future__ import annotations

import numpy as np

from index.vectors.vector_store import Ids, Vectors, last_of_each, unit


class ExactVectors:
    """The oracle: one matrix, one product. Equal scores are ordered by id."""

    name = "matrix"
    exact = True

    def __init__(self, dim: int) -> None:
        self._ids: Ids = np.zeros(0, dtype=np.int64)
        self._vectors: Vectors = np.zeros((0, dim), dtype=np.float32)

    @property
    def bytes_each(self) -> int:
        return 4 * int(self._vectors.shape[1]) + 8

    def suits(self, n: int) -> bool:
        return True

    def __len__(self) -> int:
        return len(self._ids)

    def ids(self) -> Ids:
        return np.sort(self._ids)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        ids, vectors = last_of_each(ids, vectors)
        self.remove(ids)
        self._ids = np.concatenate([self._ids, ids])
        self._vectors = np.concatenate([self._vectors, unit(vectors)])

    def remove(self, ids: Ids) -> None:
        kept = ~np.isin(self._ids, ids)
        self._ids, self._vectors = self._ids[kept], self._vectors[kept]

    def search(self, queries: Vectors, k: int, allowed: Ids | None = None) -> tuple[Vectors, Ids]:
        rows = (
            np.arange(len(self._ids))
            if allowed is None
            else np.flatnonzero(np.isin(self._ids, allowed))
        )
        ids = self._ids[rows]
        scores = unit(queries) @ self._vectors[rows].T
        order = np.lexsort((np.broadcast_to(ids, scores.shape), -scores))[:, :k]
        return np.take_along_axis(scores, order, axis=1), ids[order]
