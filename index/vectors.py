"""Vectors by id, searched by cosine."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Vectors = NDArray[np.float32]


class VectorStore(Protocol):
    """Vectors of one dimension under distinct ids. Scores are cosines: higher is better."""

    def __len__(self) -> int: ...

    def ids(self) -> Ids:
        """Every id in the store, ascending: [n]."""
        ...

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Stores `vectors` [n, dim] under `ids` [n], replacing those already there; of an id
        given twice the last vector counts. Vectors need not be unit; zero vectors score 0."""
        ...

    def remove(self, ids: Ids) -> None:
        """Takes out `ids`; those not in the store are passed over."""
        ...

    def search(self, queries: Vectors, k: int, allowed: Ids | None = None) -> tuple[Vectors, Ids]:
        """The best for each of `queries` [q, dim], best first: (scores, ids), both
        [q, min(k, number of vectors searched)]. With `allowed`, only these ids are searched."""
        ...


class ExactVectors:
    """The oracle: one matrix, one product. Equal scores are ordered by id."""

    def __init__(self, dim: int) -> None:
        self._ids: Ids = np.zeros(0, dtype=np.int64)
        self._vectors: Vectors = np.zeros((0, dim), dtype=np.float32)

    def __len__(self) -> int:
        return len(self._ids)

    def ids(self) -> Ids:
        return np.sort(self._ids)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        ids, vectors = _last_of_each(ids, vectors)
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


class FaissVectors:
    """A flat FAISS index under an id map: exact, and removable. Not for use by several threads
    at once. Raises `ModuleNotFoundError` naming the package when FAISS is missing."""

    def __init__(self, dim: int) -> None:
        import faiss

        self._faiss: Any = faiss
        self._index: Any = faiss.IndexIDMap(faiss.IndexFlatIP(dim))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def ids(self) -> Ids:
        ids: Ids = np.sort(self._faiss.vector_to_array(self._index.id_map))
        return ids

    def add(self, ids: Ids, vectors: Vectors) -> None:
        ids, vectors = _last_of_each(ids, vectors)
        self.remove(ids)  # FAISS would keep both
        self._index.add_with_ids(unit(vectors), ids)

    def remove(self, ids: Ids) -> None:
        if len(ids) and len(self):
            self._index.remove_ids(np.ascontiguousarray(ids, dtype=np.int64))

    def search(self, queries: Vectors, k: int, allowed: Ids | None = None) -> tuple[Vectors, Ids]:
        if min(k, len(self), len(queries)) == 0 or (allowed is not None and not len(allowed)):
            empty = (len(queries), 0)
            return np.zeros(empty, dtype=np.float32), np.zeros(empty, dtype=np.int64)
        options: dict[str, Any] = {}
        if allowed is not None:
            selector = self._faiss.IDSelectorBatch(np.ascontiguousarray(allowed, dtype=np.int64))
            options["params"] = self._faiss.SearchParameters(sel=selector)
        # A team of threads for one query costs more than it saves, and waits for busy cores; the
        # number counts for the thread that asks alone.
        self._faiss.omp_set_num_threads(1)
        scores, ids = self._index.search(unit(queries), min(k, len(self)), **options)
        found = int((ids[0] >= 0).sum())  # FAISS fills up with -1; the same for every query
        return scores[:, :found], ids[:, :found]


def unit(vectors: Vectors) -> Vectors:
    """The rows of `vectors` scaled to length 1 as contiguous float32; zero rows stay zero."""
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units: Vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return units


def _last_of_each(ids: Ids, vectors: Vectors) -> tuple[Ids, Vectors]:
    if len(ids) != len(vectors):
        raise ValueError(f"{len(ids)} ids for {len(vectors)} vectors; give one id to each")
    _, from_end = np.unique(np.asarray(ids)[::-1], return_index=True)
    kept = np.sort(len(ids) - 1 - from_end)
    return np.asarray(ids, dtype=np.int64)[kept], np.asarray(vectors)[kept]
