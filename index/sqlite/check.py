"""Whether a store is sound: the file, its full text, and the vector view against an exact one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from index.sqlite.catalog import Catalog
from index.sqlite.snapshot import Snapshot
from index.sqlite.vector_view import View
from index.sqlite.word_view import FullText
from index.vectors.exact import ExactVectors


def problems_of(catalog: Catalog, view: Callable[[int], View], words: FullText) -> list[str]:
    """What is wrong, one line each; nothing when the store is sound. `view` gives that of vectors
    of so many dimensions; it and `words` are asked only when the catalog is sound and holds any,
    and what is wrong with `words` is made anew. Raises `StoreBusy` and `StoreUnusable`."""
    problems = [*catalog.full_text_problems(), *catalog.originals_problems()]
    with catalog.read() as snapshot:
        problems += snapshot.problems()
        identity = snapshot.identity()
        if identity is not None and not problems:
            problems += _view_problems(view(identity.dim), snapshot)
            problems += words.check(snapshot)
    return problems


def _view_problems(view: View, snapshot: Snapshot) -> Iterator[str]:
    """The view against an exact search over the vectors in the catalog."""
    stored, held = snapshot.chunk_ids(), view.ids(snapshot)
    if not np.array_equal(stored, held):
        missing, orphans = np.setdiff1d(stored, held), np.setdiff1d(held, stored)
        yield f"the vector view lacks {len(missing)} chunks and has {len(orphans)} orphans"
        return
    state = view.state(snapshot)
    if state.problem:
        yield state.problem
    for ids, blob in snapshot.vectors_after(0, batch=4096):
        vectors = np.frombuffer(blob, dtype=np.float32).reshape(len(ids), -1)
        off = np.flatnonzero(~(np.abs(np.linalg.norm(vectors, axis=1) - 1) <= 1e-3))
        if len(off):
            yield f"{len(off)} vectors are not of length 1, the first of chunk {ids[off[0]]}"
        exact = ExactVectors(vectors.shape[1])
        exact.add(ids, vectors)
        probe = vectors[len(ids) // 2]
        expected, _ = exact.search(probe[None, :], 10)
        found, _ = view.search(snapshot, probe, 10, ids)
        if not np.allclose(expected[0], found, atol=state.tolerance):
            yield f"the vector view and an exact search differ near chunk {ids[len(ids) // 2]}"
