"""Vectors by id, searched by cosine."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Vectors = NDArray[np.float32]


class VectorStore(Protocol):
    """Vectors of one dimension under distinct ids. Scores are cosines: higher is better."""

    @property
    def name(self) -> str:
        """What it is, in words."""
        ...

    @property
    def exact(self) -> bool:
        """Whether nothing is missed and scores are exact; else both are approximate."""
        ...

    @property
    def bytes_each(self) -> int:
        """What a vector takes in memory, its id included."""
        ...

    def suits(self, n: int) -> bool:
        """Whether it is the right kind of store for `n` vectors."""
        ...

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


def unit(vectors: Vectors) -> Vectors:
    """The rows of `vectors` scaled to length 1 as contiguous float32; zero rows stay zero."""
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units: Vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return units


def last_of_each(ids: Ids, vectors: Vectors) -> tuple[Ids, Vectors]:
    """Each of `ids` once, with the last of its vectors. Raises `ValueError` unless every id has a
    vector."""
    if len(ids) != len(vectors):
        raise ValueError(f"{len(ids)} ids for {len(vectors)} vectors; give one id to each")
    _, from_end = np.unique(np.asarray(ids)[::-1], return_index=True)
    kept = np.sort(len(ids) - 1 - from_end)
    return np.asarray(ids, dtype=np.int64)[kept], np.asarray(vectors)[kept]
