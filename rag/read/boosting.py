"""Gradient boosted trees, as they were fitted, without the library that fitted them."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray
from pydantic import BaseModel

from rag.read.odds import logistic


class Tree(BaseModel, frozen=True):
    """Node i asks whether feature `feature[i]` is at most `threshold[i]`, and goes on to node
    `left[i]`, or else to `right[i]`; a leaf has no feature (-1), and gives `value[i]`. The first
    node is the root."""

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]

    def of(self, features: NDArray[Any]) -> float:
        node = 0
        while self.feature[node] >= 0:
            below = features[self.feature[node]] <= self.threshold[node]
            node = self.left[node] if below else self.right[node]
        return self.value[node]


class Boosted(BaseModel, frozen=True):
    """The log-odds of an outcome are `baseline` and what each of the `trees` adds (Friedman,
    2001)."""

    baseline: float
    trees: tuple[Tree, ...]

    def probability(self, features: NDArray[Any]) -> float:
        """The probability that the features [n] speak for."""
        return logistic(self.baseline + sum(tree.of(features) for tree in self.trees))
