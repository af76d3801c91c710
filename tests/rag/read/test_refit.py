"""A confidence fitted to the questions of a store of one's own."""

from __future__ import annotations

import pytest

from rag.answer import Passage
from rag.read.reader import Evidence, Reading
from rag.read.refit import Refit, RefittedReader

HALVES = Refit(
    reader="scripted",
    scale=1.0,
    offset=-1.0986123,
    threshold=0.4,
    unsure_threshold=0.1,
    questions=40,
)  # logit(0.75) = 1.0986123
SQUARES = HALVES.model_copy(update={"scale": 2.0, "offset": 0.0})


class Scripted:
    name = "scripted"
    threshold = 0.9
    unsure_threshold = 0.8

    def __init__(self, *sentences: Evidence) -> None:
        self.sentences = sentences

    def read(self, question: str, passages: list[Passage]) -> Reading:
        return Reading(self.sentences, "span", 0.75 if self.sentences else 0.0, calibrated=False)

    def relevance(self, question: str, passages: list[Passage]) -> tuple[float, ...]:
        return (0.25,)


def test_a_confidence_becomes_what_it_stands_for() -> None:
    assert HALVES.of(0.75) == pytest.approx(0.5)
    assert HALVES.of(0.5) == pytest.approx(0.25)
    assert SQUARES.of(0.75) == pytest.approx(0.9)  # odds of 3 become 9
    assert 0 < HALVES.of(0.0) < HALVES.of(1.0) < 1


def test_one_fit_after_another_is_one_fit() -> None:
    both = SQUARES.after(HALVES)
    for confidence in (0.1, 0.5, 0.75):
        assert both.of(confidence) == pytest.approx(SQUARES.of(HALVES.of(confidence)))


def test_the_reader_is_as_sure_as_was_fitted() -> None:
    reader = RefittedReader(Scripted(Evidence(1, 0, 3, 1.0)), HALVES)
    reading = reader.read("q", [])
    assert (reading.confidence, reading.calibrated) == (pytest.approx(0.5), True)
    assert (reader.name, reader.threshold, reader.unsure_threshold) == ("scripted", 0.4, 0.1)
    assert reader.relevance("q", []) == (0.25,)


def test_where_nothing_was_found_nothing_is_sure() -> None:
    assert RefittedReader(Scripted(), SQUARES).read("q", []).confidence == 0.0
