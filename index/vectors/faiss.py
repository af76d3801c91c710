"""FAISS behind the contract of `VectorStore`, its traps hidden here: flat indexes shift ids on
removal, duplicate ids are accepted, results are filled up with -1.

Both raise `ModuleNotFoundError` naming the package when FAISS is missing, and are not for use by
several threads at once, except that any number may search.
"""

from __future__ import annotations

import math
from typing import Any, BinaryIO

import numpy as np

from index.vectors.vector_store import Ids, Vectors, last_of_each, unit

LARGE = 32_768
"""From this many vectors on, an inverted file is faster than comparing with every one."""

_GROWTH = 4  # times as many vectors, or as few, as it was trained for, and lists are ill balanced
_COMPARED = 24_576  # vectors, or nearly, for each query: the same however many there are
_PER_LIST = 64  # vectors that a list is trained on
_ITERATIONS = 8
_FEW = 1000  # allowed ids; more are looked up in a bitmap
_MOST_BITS_EACH = 10_000  # of such a bitmap, for each id in it


class FlatVectors:
    """A flat FAISS index under an id map: exact, and removable."""

    exact = True

    def __init__(self, dim: int) -> None:
        self._faiss = _faiss()
        self._index: Any = self._faiss.IndexIDMap(self._faiss.IndexFlatIP(dim))

    @property
    def name(self) -> str:
        return "flat, float32, exact"

    @property
    def bytes_each(self) -> int:
        return 4 * int(self._index.d) + 8

    def suits(self, n: int) -> bool:
        return n < LARGE

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def ids(self) -> Ids:
        ids: Ids = np.sort(self._faiss.vector_to_array(self._index.id_map))
        return ids

    def add(self, ids: Ids, vectors: Vectors) -> None:
        ids, vectors = last_of_each(ids, vectors)
        self.remove(ids)  # FAISS would keep both
        self._index.add_with_ids(unit(vectors), ids)

    def remove(self, ids: Ids) -> None:
        _remove(self._index, ids)

    def search(self, queries: Vectors, k: int, allowed: Ids | None = None) -> tuple[Vectors, Ids]:
        if min(k, len(self), len(queries)) == 0 or (allowed is not None and not len(allowed)):
            return _nothing(len(queries))
        options: dict[str, Any] = {}
        if allowed is not None:
            options["params"] = self._faiss.SearchParameters(sel=_selector(allowed))
        # A team of threads for one query costs more than it saves, and waits for busy cores; the
        # number counts for the thread that asks alone.
        self._faiss.omp_set_num_threads(1)
        return _found(*self._index.search(unit(queries), min(k, len(self)), **options))


class ListedVectors:
    """An inverted file of 8-bit scalars (FAISS's IVF with SQ8 of residuals): one byte for each
    dimension. A query is compared with the vectors in the lists nearest to it; with all that are
    allowed where `allowed` is given, or where those lists hold too few. Approximate: scores are off
    by some thousandths, and what is found is for comparing with the exact vectors."""

    exact = False

    def __init__(self, index: Any, trained_for: int) -> None:
        self._faiss = _faiss()
        self._index = index
        self.trained_for = trained_for
        self._largest_id = int(ids[-1]) if len(ids := self.ids()) else -1

    @classmethod
    def trained(cls, sample: Vectors, n: int) -> ListedVectors:
        """An empty one for about `n` vectors like those of `sample` [at least 1, dim], by spherical
        k-means in the calling thread alone. Takes seconds to a minute."""
        faiss = _faiss()
        faiss.omp_set_num_threads(1)  # of this thread: searches keep the other cores
        dim = sample.shape[1]
        lists = min(lists_for(n), len(sample))
        quantizer = faiss.IndexFlatIP(dim)
        index = faiss.IndexIVFScalarQuantizer(
            quantizer, dim, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        quantizer.this.disown()
        index.own_fields = True
        index.cp.spherical = True
        index.cp.niter = _ITERATIONS
        index.cp.min_points_per_centroid = 1  # fewer would be written about on stderr
        index.cp.max_points_per_centroid = max(len(sample) // lists + 1, _PER_LIST)
        index.train(unit(sample))
        return cls(index, n)

    @classmethod
    def read(cls, file: BinaryIO, trained_for: int) -> ListedVectors:
        """What `write` wrote, from bytes that are known to be whole: FAISS trusts them."""
        faiss = _faiss()
        return cls(faiss.read_index(faiss.PyCallbackIOReader(file.read)), trained_for)

    def write(self, file: BinaryIO) -> None:
        self._faiss.write_index(self._index, self._faiss.PyCallbackIOWriter(file.write))

    @property
    def dim(self) -> int:
        return int(self._index.d)

    @property
    def name(self) -> str:
        return f"inverted file of {self._index.nlist} lists, 8 bits, refined with exact vectors"

    @property
    def bytes_each(self) -> int:
        shared = 4 * self._index.d * self._index.nlist
        return int(self._index.code_size + 8 + shared // max(len(self), 1))

    def suits(self, n: int) -> bool:
        return max(LARGE // 2, self.trained_for // _GROWTH) <= n <= _GROWTH * self.trained_for

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def ids(self) -> Ids:
        lists = self._index.invlists
        sizes = [(number, lists.list_size(number)) for number in range(self._index.nlist)]
        parts = [
            self._faiss.rev_swig_ptr(lists.get_ids(number), size).copy()
            for number, size in sizes
            if size
        ]
        return np.sort(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        ids, vectors = last_of_each(ids, vectors)
        if not len(ids):
            return
        if int(ids.min()) <= self._largest_id:  # FAISS would keep both
            self.remove(ids)
        self._index.add_with_ids(unit(vectors), ids)
        self._largest_id = max(self._largest_id, int(ids.max()))

    def remove(self, ids: Ids) -> None:
        _remove(self._index, ids)

    def search(self, queries: Vectors, k: int, allowed: Ids | None = None) -> tuple[Vectors, Ids]:
        if min(k, len(self), len(queries)) == 0 or (allowed is not None and not len(allowed)):
            return _nothing(len(queries))
        queries, k = unit(queries), min(k, len(self))
        faiss, every = self._faiss, self._index.nlist
        if allowed is not None:
            chosen = faiss.SearchParametersIVF(sel=_selector(allowed), nprobe=every)
            return _found(*self._index.search(queries, k, params=chosen))
        nearby = min(max(_COMPARED * every // len(self), 1), every)
        few = faiss.SearchParametersIVF(nprobe=nearby)
        scores, ids = self._index.search(queries, k, params=few)
        if (ids < 0).any():
            scores, ids = self._index.search(
                queries, k, params=faiss.SearchParametersIVF(nprobe=every)
            )
        return _found(scores, ids)


def lists_for(n: int) -> int:
    """The number of lists for `n` vectors: the power of two nearest to 4 √n."""
    return 1 << max(round(math.log2(4 * math.sqrt(max(n, 1)))), 0)


def sample_size(n: int) -> int:
    """How many of `n` vectors to train on."""
    return min(n, _PER_LIST * lists_for(n))


def _faiss() -> Any:
    import faiss

    return faiss


def _remove(index: Any, ids: Ids) -> None:
    if len(ids) and index.ntotal:
        index.remove_ids(np.ascontiguousarray(ids, dtype=np.int64))


def _selector(allowed: Ids) -> Any:
    if len(allowed) < _FEW or allowed.min() < 0 or allowed.max() > _MOST_BITS_EACH * len(allowed):
        return _faiss().IDSelectorBatch(np.ascontiguousarray(allowed, dtype=np.int64))
    bits = np.zeros(int(allowed.max()) + 1, dtype=np.uint8)
    bits[allowed] = 1
    return _faiss().IDSelectorBitmap(np.packbits(bits, bitorder="little"))


def _nothing(queries: int) -> tuple[Vectors, Ids]:
    return np.zeros((queries, 0), dtype=np.float32), np.zeros((queries, 0), dtype=np.int64)


def _found(scores: Vectors, ids: Ids) -> tuple[Vectors, Ids]:
    found = int((ids[0] >= 0).sum())  # filled up with -1; the same for every query
    return scores[:, :found], ids[:, :found]
