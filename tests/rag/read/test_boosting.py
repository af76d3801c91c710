"""Boosted trees by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rag.read.boosting import Boosted, Tree

DEEP = Tree(  # x0 <= 1: 0.5; else x1 <= 2: -0.25, else 2
    feature=(0, -1, 1, -1, -1),
    threshold=(1, 0, 2, 0, 0),
    left=(1, 0, 3, 0, 0),
    right=(2, 0, 4, 0, 0),
    value=(0, 0.5, 0, -0.25, 2),
)
LEAF = Tree(feature=(-1,), threshold=(0,), left=(0,), right=(0,), value=(0.125,))


@pytest.mark.parametrize(
    ("features", "value"), [([1, 9], 0.5), ([1.01, 2], -0.25), ([3, 2.5], 2), ([0, 0], 0.5)]
)
def test_a_tree_goes_left_where_a_feature_is_at_most_the_threshold(
    features: list[float], value: float
) -> None:
    assert DEEP.of(np.array(features)) == value


def test_the_log_odds_are_the_sum_of_the_trees() -> None:
    boosted = Boosted(baseline=-1, trees=(DEEP, LEAF))
    expected = 1 / (1 + math.exp(-(-1 + 2 + 0.125)))
    assert boosted.probability(np.array([3.0, 3.0])) == pytest.approx(expected)
