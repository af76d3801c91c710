"""The confidence fitted to the records of an evaluation."""

from __future__ import annotations

import pytest

from index.errors import InvalidDataset
from rag.answer import Citation
from rag.evaluate.evaluate import Record
from rag.evaluate.fit import fit


def record(confidence: float, right: bool, answerable: bool = True) -> Record:
    quote = "red" if right else "blue"
    citation = Citation(1, "d", "u", "t", None, 0, len(quote), quote, 1.0)
    return Record(
        f"{confidence}{right}{answerable}",
        "Which colour?",
        ("red",) if answerable else (),
        answerable,
        {},
        confidence=confidence,
        citations=(citation,),
    )


def test_what_was_said_too_surely_becomes_the_share_that_is_right() -> None:
    # Of 100 at 0.9 every second is right; of 100 at 0.6 one in ten.
    records = [record(0.9, number % 2 == 0) for number in range(100)]
    records += [record(0.6, number % 10 == 0) for number in range(100)]
    fitted = fit("scripted", records)
    assert fitted.of(0.9) == pytest.approx(0.5, abs=0.02)
    assert fitted.of(0.6) == pytest.approx(0.1, abs=0.02)
    assert (fitted.reader, fitted.questions) == ("scripted", 200)
    assert fitted.threshold == 0.99  # nowhere are three in four right


def test_the_thresholds_keep_their_aims() -> None:
    records = [record(0.9, number % 10 > 0) for number in range(100)]  # nine in ten are right
    records += [record(0.5, number % 4 == 0) for number in range(40)]
    records += [record(0.5, False, answerable=False) for number in range(40)]
    fitted = fit("scripted", records)
    assert fitted.of(0.5) < fitted.threshold <= fitted.of(0.9)
    assert fitted.unsure_threshold <= fitted.threshold


def test_unanswerable_questions_may_hardly_be_answered() -> None:
    records = [record(0.9, True) for _ in range(100)]
    records += [record(0.9, False, answerable=False) for _ in range(5)]
    records += [record(0.2, False) for _ in range(20)]
    assert fit("scripted", records).threshold == 0.99  # all five would be answered


def test_too_few_questions_and_those_all_right_are_refused() -> None:
    with pytest.raises(InvalidDataset, match="29 questions"):
        fit("scripted", [record(0.5, number % 2 == 0) for number in range(29)])
    with pytest.raises(InvalidDataset, match="40 of them answered rightly"):
        fit("scripted", [record(0.5, True) for _ in range(40)])
