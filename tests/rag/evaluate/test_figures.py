"""The figures of a handful of records, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answer import Citation
from rag.evaluate.evaluate import Filled, Record
from rag.evaluate.figures import Figures, Store, figures, store_figures

STORE = store_figures(Filled(10, 20, 4, 800, 2.0), size=1000, peak_memory=5000)


def citation(uri: str, quote: str) -> Citation:
    return Citation(1, uri, uri, uri, None, 0, len(quote), quote, 1.0)


def answerable(name: str, confidence: float, answered: bool, uri: str, quote: str) -> Record:
    return Record(
        id=name,
        question=f"{name}?",
        answers=("1889",),
        answerable=True,
        relevant={"gold": 1},
        retrieved={"convex": ("gold", "x"), "dense": ("x", "gold")},
        answer=f"{quote} [1]",
        verdict="answered" if answered else "unanswered",
        confidence=confidence,
        citations=(citation(uri, quote),),
        timings={"ask": 10.0, "search: convex": 2.0},
    )


RIGHT = answerable("right", 0.95, True, "gold", "Built in 1889.")
WRONG = answerable("wrong", 0.75, True, "x", "Built in 1899.")
SHY = answerable("shy", 0.35, False, "gold", "From 1889.")
OUTSIDE = Record("outside", "outside?", (), False, {}, confidence=0.15, timings={"ask": 30.0})
FAILED = Record("failed", "failed?", ("1889",), True, {"gold": 1}, error="KeyError: 'x'")


def measured(*records: Record) -> Figures:
    return figures("mini", {"fusion": "convex"}, STORE, records)


def test_counts() -> None:
    found = measured(RIGHT, WRONG, SHY, OUTSIDE, FAILED)
    assert (found.questions, found.answerable, found.failed, found.withheld) == (5, 4, 1, 0)


def test_answers_by_hand() -> None:
    found = measured(RIGHT, WRONG, SHY, OUTSIDE, FAILED).answers
    assert found is not None
    assert found.graded == 5
    assert found.sentence_accuracy == pytest.approx(2 / 4)  # right and shy; failed counts
    assert found.answered == pytest.approx(2 / 5)
    assert found.precision == pytest.approx(1 / 2)
    assert found.abstained == 1
    # "built in 1889", "built in 1899", "" of three golds; "" is right for outside; failed is 0
    assert found.exact_match == pytest.approx(1 / 5)
    assert found.f1 == pytest.approx((2 / 4 + 0 + 0 + 1 + 0) / 5)
    assert found.citation_precision == pytest.approx((1 + 0) / 2)
    assert found.citation_recall == pytest.approx((1 + 0 + 0 + 0) / 4)
    assert found.auroc == pytest.approx(3 / 4)  # .95, .75, .35 over .15, but the failed one not
    assert found.coverage_at_90 == pytest.approx(1 / 5)
    # bins of .95 right, .75 wrong, .35 right, .15 wrong, 0 wrong
    assert found.calibration_error == pytest.approx((0.05 + 0.75 + 0.65 + 0.15 + 0) / 5)


def test_a_short_answer_is_what_is_compared() -> None:
    found = measured(replace(RIGHT, short="1889"), OUTSIDE).answers
    assert found is not None
    assert found.exact_match == 1


def test_a_failed_unanswerable_question_scores_nowhere() -> None:
    broken = replace(OUTSIDE, confidence=0.0, error="OSError: disk")
    found = measured(RIGHT, broken).answers
    assert found is not None
    assert (found.auroc, found.abstained, found.exact_match) == (0, 0, 0)


def test_questions_without_gold_answers_are_not_judged() -> None:
    searched = replace(RIGHT, answers=())
    found = measured(searched).answers
    assert found is not None
    assert (found.graded, found.sentence_accuracy, found.coverage_at_90) == (0, None, None)
    assert found.citation_precision == 1


def test_retrieval_by_fusion_counts_a_failure_as_zero() -> None:
    found = measured(RIGHT, WRONG, OUTSIDE, FAILED).retrieval
    assert found["convex"].questions == 3
    assert found["convex"].recall_at_1 == pytest.approx(2 / 3)
    assert found["dense"].recall_at_1 == 0
    assert found["dense"].mrr_at_10 == pytest.approx((1 / 2 + 1 / 2 + 0) / 3)


def test_a_run_that_only_searched_has_no_answers() -> None:
    found = measured(replace(RIGHT, timings={"search: convex": 1.0}))
    assert found.answers is None
    assert found.latency_ms["search: convex"].p50 == 1


def test_latency_is_of_the_questions_that_took_the_step() -> None:
    found = measured(RIGHT, OUTSIDE, FAILED).latency_ms
    assert found["ask"].p50 == 20
    assert found["search: convex"].p99 == 2


def test_store_rates_are_of_the_new_documents() -> None:
    assert Store(10, 20, 4, 2.0, 2.0, 400.0, 1000, 5000) == STORE


def test_verdicts_and_evidence_by_hand() -> None:
    gold = ("Built in 1889, in Paris.",)  # of its five words the quote has three, and no others
    right = replace(RIGHT, evidence=gold, kind="date")
    unsure = replace(SHY, verdict="unsure", kind="date")
    guess = replace(OUTSIDE, verdict="unsure")
    measured_ = measured(right, WRONG, unsure, guess, replace(OUTSIDE, verdict="answered"))
    found = measured_.answers
    assert found is not None
    assert found.right_answered is not None
    assert found.right_shown is not None
    assert found.right_answered.share == pytest.approx(1 / 3)
    assert found.right_shown.share == pytest.approx(2 / 3)
    assert found.right_shown.low == 0  # of three drawn anew, sometimes none is right
    assert found.right_shown.high == 1
    assert found.refused == 0
    assert (found.false_answered, found.false_unsure) == (0.5, 0.5)
    assert found.evidence is not None
    assert (found.evidence.precision, found.evidence.recall) == (1, pytest.approx(3 / 5))
    assert found.evidence.f1.share == pytest.approx(3 / 4)
    assert found.evidence.f1.low is None
    dates = measured_.by_kind["date"]
    assert (dates.questions, dates.right, dates.right_answered, dates.right_shown) == (2, 1, 0.5, 1)
    assert dates.evidence_f1 == pytest.approx(3 / 4)
    assert measured_.by_domain == {}


def test_a_list_is_right_with_every_item() -> None:
    both = replace(RIGHT, kind="list", answers=("1889", "Paris"))
    assert not both.right
    further = replace(both, citations=(*both.citations, citation("gold", "It is in Paris.")))
    assert further.right


def test_why_a_question_was_missed() -> None:
    assert RIGHT.missed is None
    assert SHY.missed == "not dared"
    assert WRONG.missed == "not retrieved"
    assert replace(WRONG, reached=True).missed == "not chosen"
    assert OUTSIDE.missed is None
    assert replace(OUTSIDE, verdict="answered").missed == "not there"
    assert FAILED.missed == "failed"
