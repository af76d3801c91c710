from __future__ import annotations

import io

import numpy as np
import pytest
from support_vectors import DIM, clustered

from index.vectors import faiss
from index.vectors.exact import ExactVectors
from index.vectors.faiss import FlatVectors, ListedVectors, lists_for, sample_size


def array(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def test_listed_vectors_stay_near_the_oracle_through_a_life_of_changes() -> None:
    random = np.random.default_rng(5)
    exact, fast = ExactVectors(DIM), ListedVectors.trained(clustered(400, seed=1), 400)
    for turn in range(20):
        some = random.integers(0, 900, size=80)
        vectors = clustered(80, seed=turn) * random.uniform(0.1, 9, size=(80, 1))
        gone = random.integers(0, 900, size=30)
        for store in (exact, fast):
            store.add(some, vectors.astype(np.float32))
            store.remove(gone)
        np.testing.assert_array_equal(exact.ids(), fast.ids())
        queries = clustered(3, seed=100 + turn)
        for allowed in (None, random.integers(0, 900, size=200)):
            scores, found = exact.search(queries, 5, allowed)
            fast_scores, fast_found = fast.search(queries, 30, allowed)
            np.testing.assert_allclose(scores, fast_scores[:, :5], atol=0.05)
            assert all(set(few) <= set(many) for few, many in zip(found, fast_found, strict=True))


def test_only_the_lists_nearby_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faiss, "_COMPARED", 10)
    store = ListedVectors.trained(array([1, 0], [0, 1]), 2)
    store.add(np.arange(20), array(*[[1, 0.01 * n] for n in range(10)], *[[0.01, 1]] * 10))
    assert set(store.search(array([1, 0]), 10)[1][0]) == set(range(10))
    assert store.search(array([1, 0]), 11)[1].shape == (1, 11)  # one list holds too few
    assert store.search(array([1, 0]), 99)[1].shape == (1, 20)
    assert store.search(array([1, 0]), 99, np.array([15, 3, 77]))[1].tolist() == [[3, 15]]
    assert store.search(array([1, 0]), 5, np.zeros(0, dtype=np.int64))[1].shape == (1, 0)


def test_listed_vectors_are_read_as_they_were_written() -> None:
    store = ListedVectors.trained(clustered(200, seed=1), 200)
    assert store.search(clustered(1, seed=2), 5)[1].shape == (1, 0)
    store.add(np.arange(200) + 2**40, clustered(200, seed=1))
    file = io.BytesIO()
    store.write(file)
    file.seek(0)
    again = ListedVectors.read(file, 200)
    again.add(np.array([2**40]), clustered(1, seed=3))  # replaces, as it knows its ids
    assert len(again) == 200
    store.add(np.array([2**40]), clustered(1, seed=3))
    for before, after in zip(
        store.search(clustered(2, seed=4), 9), again.search(clustered(2, seed=4), 9), strict=True
    ):
        np.testing.assert_array_equal(before, after)


def test_which_store_suits_how_many() -> None:
    flat, listed = FlatVectors(2), ListedVectors.trained(array([1, 0]), 100_000)
    sizes = [1, 15_000, 20_000, 30_000, 40_000, 400_000, 500_000]
    assert [flat.suits(n) for n in sizes] == [True, True, True, True, False, False, False]
    assert [listed.suits(n) for n in sizes] == [False, False, False, True, True, True, False]
    assert [lists_for(n) for n in (0, 1, 100, 100_000, 1_000_000)] == [4, 4, 32, 1024, 4096]
    assert [sample_size(n) for n in (10, 1_000_000)] == [10, 64 * 4096]
