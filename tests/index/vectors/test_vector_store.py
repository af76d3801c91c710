from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.vectors.exact import ExactVectors
from index.vectors.faiss import FlatVectors, ListedVectors
from index.vectors.vector_store import VectorStore, unit


def listed(dim: int) -> ListedVectors:
    """Trained for vectors of any direction, and for none."""
    sample = np.random.default_rng(1).normal(size=(2000, dim)).astype(np.float32)
    return ListedVectors.trained(np.concatenate([sample, np.zeros_like(sample[:100])]), 2000)


@pytest.fixture(params=[ExactVectors, FlatVectors, listed])
def make(request: pytest.FixtureRequest) -> Callable[[int], VectorStore]:
    return request.param  # type: ignore[no-any-return]


def array(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


def ids(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def tolerance(store: VectorStore, exact: float = 0.0) -> float:
    """How far a cosine may be off."""
    return exact if store.exact else 0.05


def test_cosines_by_hand(make: Callable[[int], VectorStore]) -> None:
    store = make(2)
    store.add(ids(7, 3, 5), array([2, 0], [0, 5], [3, 4]))
    scores, found = store.search(array([10, 0], [0, 1]), k=9)
    assert found.tolist() == [[7, 5, 3], [3, 5, 7]]
    np.testing.assert_allclose(scores, [[1, 0.6, 0], [1, 0.8, 0]], atol=tolerance(store, 1e-6))


def test_adding_replaces_and_the_last_of_equals_counts(make: Callable[[int], VectorStore]) -> None:
    store = make(2)
    store.add(ids(1, 2, 1), array([1, 0], [0, 1], [-1, 0]))
    assert len(store) == 2
    store.add(ids(2), array([1, 0]))
    scores, found = store.search(array([1, 0]), k=5)
    assert found.tolist() == [[2, 1]]
    np.testing.assert_allclose(scores, [[1, -1]], rtol=0, atol=tolerance(store))


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
    assert found.tolist() == [[1]]
    np.testing.assert_allclose(scores, [[0]], atol=tolerance(store))
    with pytest.raises(ValueError, match="2 ids for 1 vectors"):
        store.add(ids(1, 2), array([1, 0]))


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from([FlatVectors, listed]),
    st.lists(
        st.tuples(st.lists(st.integers(0, 9), max_size=6), st.lists(st.integers(0, 9), max_size=3)),
        max_size=6,
    ),
    st.integers(0, 12),
    st.none() | st.lists(st.integers(0, 12), max_size=6),
)
def test_added_and_removed_in_any_order_all_hold_what_the_oracle_holds(
    make: Callable[[int], VectorStore],
    changes: list[tuple[list[int], list[int]]],
    k: int,
    chosen: list[int] | None,
) -> None:
    random, exact, fast = np.random.default_rng(3), ExactVectors(4), make(4)
    for added, gone in changes:
        vectors = random.normal(size=(len(added), 4)).astype(np.float32)
        for store in (exact, fast):
            store.add(ids(*added), vectors)
            store.remove(ids(*gone))
        np.testing.assert_array_equal(exact.ids(), fast.ids())
        assert len(exact) == len(fast) == len(exact.ids())
    queries = random.normal(size=(2, 4)).astype(np.float32)
    allowed = None if chosen is None else ids(*chosen)
    scores, found = exact.search(queries, k, allowed)
    fast_scores, fast_found = fast.search(queries, k, allowed)
    assert fast_found.shape == found.shape == fast_scores.shape
    np.testing.assert_allclose(scores, fast_scores, atol=tolerance(fast, 1e-5))
    if fast.exact:
        np.testing.assert_array_equal(found, fast_found)


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
