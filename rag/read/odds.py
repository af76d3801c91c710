"""Probabilities as log-odds, and back. Pure."""

from __future__ import annotations

import math

_SURE = 1e-6  # a probability nearer to 0 or 1 has no more to say


def logistic(logit: float) -> float:
    """The probability whose log-odds are `logit`."""
    return 1 / (1 + math.exp(-logit))


def logit(probability: float) -> float:
    """The logarithm of the odds, for probabilities of 0 and 1 as for those next to them."""
    kept = min(max(probability, _SURE), 1 - _SURE)
    return math.log(kept / (1 - kept))
