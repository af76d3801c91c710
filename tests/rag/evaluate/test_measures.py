"""Hand-worked values of every measure."""

from __future__ import annotations

from math import log2

import pytest

from rag.evaluate import measures


def test_rank_orders_by_score_then_id() -> None:
    assert measures.rank({"b": 0.5, "a": 0.5, "c": 0.9}) == ("c", "a", "b")


def test_rouge1_by_hand() -> None:
    # three of three words are among the four of the other: 2 * 3 / (3 + 4)
    assert measures.rouge1("Is it treatable?", "it IS not treatable") == pytest.approx(6 / 7)
    assert measures.rouge1("a a a", "a a b") == pytest.approx(2 * 2 / 6)  # twice in both
    assert measures.rouge1("sharks' diet", "The diet of sharks") == pytest.approx(4 / 6)
    assert measures.rouge1("", "x") == measures.rouge1("x", "y") == 0


def test_retrieval_by_hand() -> None:
    # q1: relevant a (gain 1) and b (gain 2), found at places 1 and 3
    # q2: relevant c, found at place 2;  q3: relevant z, the question is missing from the run
    relevant = {"q1": {"a": 1, "b": 2}, "q2": {"c": 1}, "q3": {"z": 1}, "q4": {}}
    ranked = {"q1": ["a", "x", "b"], "q2": ["x", "c"], "q4": ["a"]}
    found = measures.retrieval(relevant, ranked)
    assert found is not None
    assert found.questions == 3
    assert found.recall_at_1 == pytest.approx((1 / 2 + 0 + 0) / 3)
    assert found.recall_at_5 == pytest.approx((1 + 1 + 0) / 3)
    assert found.recall_at_10 == pytest.approx(2 / 3)
    assert found.mrr_at_10 == pytest.approx((1 + 1 / 2 + 0) / 3)
    q1 = (1 / log2(2) + 2 / log2(4)) / (2 / log2(2) + 1 / log2(3))
    q2 = (1 / log2(3)) / 1
    assert found.ndcg_at_10 == pytest.approx((q1 + q2 + 0) / 3)


def test_retrieval_takes_the_order_as_given_and_cuts_at_ten() -> None:
    ranked = [f"d{place:02d}" for place in range(1, 13)]
    found = measures.retrieval({"q": {"d11": 1}}, {"q": ranked})
    assert found == measures.Retrieval(1, 0, 0, 0, 0, 0)
    tenth = measures.retrieval({"q": {"d10": 1}}, {"q": ranked})
    assert tenth is not None
    assert (tenth.recall_at_5, tenth.recall_at_10) == (0, 1)
    assert tenth.mrr_at_10 == pytest.approx(1 / 10)
    assert tenth.ndcg_at_10 == pytest.approx(1 / log2(11))


def test_retrieval_of_no_judged_question_is_none() -> None:
    assert measures.retrieval({"q": {}}, {"q": ["a"]}) is None


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Cat, sat!", "cat sat"),
        ("An 'a' theme", "theme"),
        ("U.S.", "us"),
        ("mid-20th", "mid20th"),
        ("the", ""),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    assert measures.normalise(text) == normal


def test_exact_match_takes_the_best_answer() -> None:
    assert measures.exact_match("The Eiffel Tower.", ["Paris", "eiffel tower"]) == 1
    assert measures.exact_match("Eiffel", ["Paris", "eiffel tower"]) == 0


def test_exact_match_of_an_unanswerable_question_wants_nothing() -> None:
    assert measures.exact_match("", []) == 1
    assert measures.exact_match("Paris", []) == 0


def test_token_f1_by_hand() -> None:
    # given {in, 1889}, wanted {1889}: precision 1/2, recall 1 -> 2/3
    assert measures.token_f1("in 1889", ["1889"]) == pytest.approx(2 / 3)
    # a repeated word counts as often as both sides have it: shared 1 of 3 and of 1 -> 2/4
    assert measures.token_f1("ha ha ha", ["ha"]) == pytest.approx(1 / 2)
    assert measures.token_f1("in 1889", ["1889", "in the 1889"]) == 1
    assert measures.token_f1("Rome", ["Paris"]) == 0


def test_token_f1_of_an_unanswerable_question_wants_nothing() -> None:
    assert measures.token_f1("", []) == 1
    assert measures.token_f1("Paris", []) == 0
    assert measures.token_f1("", ["Paris"]) == 0


@pytest.mark.parametrize(
    ("quote", "answer", "held"),
    [
        ("It was built in 1889.", "1889", True),
        ("It weighs 18890 tonnes.", "1889", False),
        ("It opened in the mid-20th century.", "20th", True),
        ("The U.S. warned Pyongyang.", "US", True),
        ("The Cat sat on the mat.", "cat sat on a mat", True),
        ("The cat sat.", "cat sat down", False),
        ("Seattle—home of rain", "Seattle", True),
        ("We write C++ here.", "++", True),
        ("We write C here.", "++", False),
        ("Anything", " ", False),
    ],
)
def test_an_answer_is_held_on_word_boundaries(quote: str, answer: str, held: bool) -> None:
    assert measures.contains_answer(["Nothing here.", quote], [answer]) is held


def test_no_quote_and_no_answer_hold_nothing() -> None:
    assert not measures.contains_answer([], ["1889"])
    assert not measures.contains_answer(["1889"], [])


def test_citations_against_relevant_documents() -> None:
    assert measures.citation_precision(["a", "a", "x"], {"a", "b"}) == pytest.approx(2 / 3)
    assert measures.citation_recall(["a", "a", "x"], {"a", "b"}) == pytest.approx(1 / 2)
    assert measures.citation_precision([], {"a"}) == 0
    assert measures.citation_recall(["a"], set()) == 0


def test_auroc_counts_a_tie_as_half() -> None:
    # pairs (answerable, not): .9>.4, .9>.6, .6>.4, .6=.6 -> 3.5 of 4
    found = measures.auroc([0.9, 0.6, 0.4, 0.6], [True, True, False, False])
    assert found == pytest.approx(3.5 / 4)


def test_auroc_needs_both_kinds() -> None:
    assert measures.auroc([0.1, 0.2], [True, True]) is None
    assert measures.auroc([], []) is None


def test_coverage_passes_over_a_dip() -> None:
    # precision after 1..6 answers: 1, 1/2, 2/3, 3/4, 4/5, 4/6
    right = [True, False, True, True, True, False]
    confidence = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
    assert measures.coverage(confidence, right, precision=0.75) == pytest.approx(5 / 6)
    assert measures.coverage(confidence, right) == pytest.approx(1 / 6)


def test_coverage_of_exactly_nine_in_ten_counts() -> None:
    confidence = [1 - place / 100 for place in range(20)]
    right = [True] * 9 + [False] * 11
    assert measures.coverage(confidence, right) == pytest.approx(10 / 20)


def test_coverage_takes_tied_confidences_together() -> None:
    # one threshold for both 0.8: alone the right one would give 2/3, together 2 of 3 are right
    assert measures.coverage([0.9, 0.8, 0.8], [True, True, False]) == pytest.approx(1 / 3)
    assert measures.coverage([0.5, 0.5], [True, False]) == 0
    assert measures.coverage([], []) is None


def test_risk_falls_on_the_wrong_answers_among_those_given() -> None:
    # falling: .9 right, .7 wrong, .5 right, .2 wrong -> wrong 0/1, 1/2, 1/3, 2/4
    found = measures.risk_coverage([0.2, 0.9, 0.5, 0.7], [False, True, True, False])
    assert [coverage for coverage, _ in found] == [1 / 4, 2 / 4, 3 / 4, 1]
    assert [risk for _, risk in found] == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])


def test_tied_confidences_share_one_point_of_the_risk() -> None:
    # .9 right; then three of .4, one of them right -> 0/1, 2/4
    found = measures.risk_coverage([0.4, 0.9, 0.4, 0.4], [True, True, False, False])
    assert found == [(1 / 4, 0), (1, pytest.approx(2 / 4))]
    assert measures.risk_coverage([], []) == []


def test_calibration_bins_by_hand() -> None:
    # .5 opens its bin; .9 and 1.0 share the last one; the other eight are empty
    found = measures.calibration_bins([0.9, 1.0, 0.5, 0.9], [True, False, True, True])
    assert [each.questions for each in found] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 3]
    assert (found[5].lower, found[5].upper) == (0.5, 0.6)
    assert (found[5].confidence, found[5].right) == (0.5, 1)
    assert found[9].confidence == pytest.approx(2.8 / 3)
    assert found[9].right == pytest.approx(2 / 3)
    assert found[0] == measures.Bin(0, 0.1, 0, None, None)


def test_calibration_bins_of_another_number() -> None:
    low, high = measures.calibration_bins([0.49, 0.5, 0.7], [False, True, False], bins=2)
    assert low == measures.Bin(0, 0.5, 1, 0.49, 0)
    assert high == measures.Bin(0.5, 1, 2, pytest.approx(0.6), 0.5)


def test_calibration_error_by_hand() -> None:
    # bin [.9, 1]: confidences .9 and 1.0, one right: |.95 - .5| * 2/4
    # bin [.1, .2): .1 right: .9 * 1/4;  bin [.2, .3): .2 wrong: .2 * 1/4
    found = measures.calibration_error([0.9, 1.0, 0.1, 0.2], [True, False, True, False])
    assert found == pytest.approx((0.45 * 2 + 0.9 + 0.2) / 4)
    assert measures.calibration_error([], []) is None


def test_calibration_error_within_a_bin_cancels() -> None:
    assert measures.calibration_error([0.5, 0.5], [True, False]) == pytest.approx(0)


def test_percentiles_interpolate() -> None:
    found = measures.percentiles([float(value) for value in range(101)])
    assert found == measures.Percentiles(50, 95, 99)
    assert measures.percentiles([1.0, 2.0]) == measures.Percentiles(1.5, 1.95, 1.99)
    assert measures.percentiles([]) is None


def test_throughput_and_mean() -> None:
    assert measures.throughput(30, 1.5) == pytest.approx(20)
    assert measures.throughput(0, 0) is None
    assert measures.mean([1, 0, 0, 1]) == pytest.approx(1 / 2)
    assert measures.mean([]) is None
