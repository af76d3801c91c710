from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from index.vectors.exact import ExactVectors
from index.vectors.faiss import FlatVectors
from index.vectors.vector_store import VectorStore, unit


@pytest.fixture(params=[ExactVectors, FlatVectors])
def make(request: pytest.FixtureRequest) -> Callable[[int], VectorStore]:
    return request.param  # type: ignore[no-any-return]


def array(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def ids(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def test_cosines_by_hand(make: Callable[[int], VectorStore]) -> None:
    store = make(2)
    store.add(ids(7, 3, 5), array([2, 0], [0, 5], [3, 4]))
    scores, found = store.search(array([10, 0], [0, 1]), k=9)
    assert found.tolist() == [[7, 5, 3], [3, 5, 7]]
    np.testing.assert_allclose(scores, [[1, 0.6, 0], [1, 0.8, 0]], atol=1e-6)


def test_adding_replaces_and_the_last_of_equals_counts(make: Callable[[int], VectorStore]) -> None:
    store = make(2)
    store.add(ids(1, 2, 1), array([1, 0], [0, 1], [-1, 0]))
    assert len(store) == 2
    store.add(ids(2), array([1, 0]))
    scores, found = store.search(array([1, 0]), k=5)
    assert (found.tolist(), scores.tolist()) == ([[2, 1]], [[1, -1]])


def test_removing_keeps_the_ids_of_the_rest(make: Callable[[int], VectorStore]) -> None:
    store = make(2)
    store.add(ids(10, 20, 30), array([1, 0], [1, 1], [0, 1]))
    store.remove(ids(10, 99))
    assert store.ids().tolist() == [20, 30]
    _, found = store.search(array([1, 0]), k=3)
    assert found.tolist() == [[20, 30]]


def test_only_allowed_ids(make: Callable[[int], VectorStore]) -> None:
    store = make(2)
    store.add(ids(1, 2, 3), array([1, 0], [1, 1], [0, 1]))
    scores, found = store.search(array([1, 0], [0, 1]), k=3, allowed=ids(3, 2, 77))
    assert found.tolist() == [[2, 3], [3, 2]]
    assert scores.shape == (2, 2)
    assert store.search(array([1, 0]), k=3, allowed=ids())[1].shape == (1, 0)


def test_empty_zero_and_mismatched(make: Callable[[int], VectorStore]) -> None:
    store = make(2)
    assert store.search(array([1, 0]), k=3)[0].shape == (1, 0)
    store.add(ids(1), array([0, 0]))
    scores, found = store.search(array([1, 0]), k=3)
    assert (scores.tolist(), found.tolist()) == ([[0]], [[1]])
    with pytest.raises(ValueError, match="2 ids for 1 vectors"):
        store.add(ids(1, 2), array([1, 0]))


def test_faiss_equals_the_oracle_through_a_life_of_changes() -> None:
    random = np.random.default_rng(5)
    exact, fast = ExactVectors(16), FlatVectors(16)
    for _ in range(20):
        some = random.integers(0, 300, size=40)
        vectors = random.normal(size=(40, 16)).astype(np.float32) * random.uniform(0.1, 9)
        gone = random.integers(0, 300, size=15)
        for store in (exact, fast):
            store.add(some, vectors)
            store.remove(gone)
        assert len(exact) == len(fast)
        np.testing.assert_array_equal(exact.ids(), fast.ids())
        queries = random.normal(size=(3, 16)).astype(np.float32)
        for allowed in (None, random.integers(0, 300, size=50)):
            scores, found = exact.search(queries, 12, allowed)
            fast_scores, fast_found = fast.search(queries, 12, allowed)
            np.testing.assert_allclose(scores, fast_scores, atol=1e-5)
            np.testing.assert_array_equal(found, fast_found)


def test_unit() -> None:
    np.testing.assert_allclose(unit(array([3, 4], [0, 0])), [[0.6, 0.8], [0, 0]], atol=1e-7)
