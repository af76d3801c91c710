"""The confidence fitted to the questions of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.errors import InvalidDataset
from rag.evaluate.evaluate import Record
from rag.evaluate.measures import logistic_fit
from rag.read.odds import logit
from rag.read.refit import Refit

LEAST = 30
"""Graded questions below which nothing is fitted."""
PRECISION = 0.75  # of what is answered
FALSE_ANSWERS = 0.10  # of the unanswerable questions, most that may be answered
FALSE_REFUSALS = 0.10  # of what should be shown, most that may be left unanswered


def fit(reader: str, records: Sequence[Record]) -> Refit:
    """What the confidence of `reader` has to become so that it is the share of right answers among
    `records`, and the thresholds at which the aims of the verdicts hold on them.

    Raises `InvalidDataset` where they are too few, or all answers are right, or all wrong.
    """
    graded = [each for each in records if each.graded and each.error is None]
    right = [each.right for each in graded]
    if len(graded) < LEAST or len(set(right)) < 2:
        raise InvalidDataset(
            f"{len(graded)} questions whose answers are known, {sum(right)} of them answered "
            f"rightly: too few to fit a confidence to; give {LEAST} or more, with answers, and "
            "some that the documents don't answer"
        )
    logits = [logit(each.confidence) for each in graded]
    scale, offset = logistic_fit(logits, right)
    confidence = 1 / (1 + np.exp(-(scale * np.array(logits) + offset)))
    threshold = answered_from(confidence, np.array(right), np.array([g.answerable for g in graded]))
    unsure = float(np.quantile(confidence[np.array(right)], FALSE_REFUSALS))
    return Refit(
        reader=reader,
        scale=round(scale, 4),
        offset=round(offset, 4),
        threshold=threshold,
        unsure_threshold=min(round(unsure, 2), threshold),
        questions=len(graded),
    )


def answered_from(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], answerable: NDArray[np.bool_]
) -> float:
    """The least confidence, of one for each question [n], from which enough of what is answered is
    right, and few of the unanswerable questions are answered."""
    unanswerable = max(int((~answerable).sum()), 1)
    for least in np.arange(0.05, 1.0, 0.01):
        given = confidence >= least
        false = int((given & ~answerable).sum()) / unanswerable
        if given.any() and right[given].mean() >= PRECISION and false <= FALSE_ANSWERS:
            return round(float(least), 2)
    return 0.99
