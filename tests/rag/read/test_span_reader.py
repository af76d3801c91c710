from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support import WordEmbedder

from index.errors import InvalidSetting
from rag.answer import Passage
from rag.read.reader import Evidence, Reading
from rag.read.sentence_reader import Sentence, SentenceReader
from rag.read.span_model import Span, SpanModel
from rag.read.span_reader import (
    Calibration,
    SpanReader,
    combine,
    question_features,
    sentence_around,
    span_features,
)


def passage(text: str, rank: int, score: float = 0.5, cosine: float = 0.25) -> Passage:
    return Passage(
        rank, f"d{rank}", "u", "T", "", None, 0, len(text), text, score, rank, cosine, 1.0
    )


PASSAGES = [
    passage("Rain fell. Ada kept the light.", 1),
    passage("The keeper, the Ada of old, slept.", 2, score=0.25),
]
ADA = Span(11, 14, 2.0)
THE_ADA = Span(12, 19, 1.0)
RAIN = Span(0, 4, 1.5)


class ScriptedModel(SpanModel):
    """Finds the spans it is given."""

    def __init__(self, *found: list[Span]) -> None:
        super().__init__("scripted")
        self.found = list(found)
        self.asked: list[tuple[str, list[tuple[str, str]]]] = []

    def spans(
        self, question: str, passages: Sequence[tuple[str, str]], most: int
    ) -> list[list[Span]]:
        self.asked.append((question, list(passages)))
        return self.found[: len(passages)]


class ScriptedSentences(SentenceReader):
    """Reads the first sentence, and scores a sentence by its length over a hundred."""

    def read(self, question: str, passages: Sequence[Passage]) -> Reading:
        return Reading((Evidence(1, 0, 10, 0.5),), None, 0.123)

    def scores(
        self, question: str, passages: Sequence[Passage], sentences: Sequence[Sentence]
    ) -> NDArray[np.float64]:
        return np.array([len(sentence.text) / 100 for sentence in sentences])


FITTED = Calibration(
    prior=0.0,
    relevance=(0.5, 2, -1),
    confidence=(1, *[0] * 18),
    threshold=0.6,
    unsure_threshold=0.2,
)


def reader(*found: list[Span], prior: float = 0.0) -> SpanReader:
    """One whose confidence is the logistic of the best answer's score."""
    fitted = FITTED.model_copy(update={"prior": prior})
    return SpanReader(ScriptedModel(*found), ScriptedSentences(WordEmbedder()), fitted)


def test_without_a_calibration_its_confidence_is_the_models_own_and_says_so() -> None:
    own = SpanReader(ScriptedModel([ADA], [THE_ADA]), ScriptedSentences(WordEmbedder()))
    reading = own.read("Who kept the light?", PASSAGES)
    assert (reading.confidence, reading.calibrated) == (
        pytest.approx(1 / (1 + math.exp(-2))),
        False,
    )
    assert reading.relevance == own.relevance("Who kept the light?", PASSAGES) == ()
    assert (own.threshold, own.unsure_threshold) == (0.5, 0.15)
    assert reader([ADA]).read("Who kept the light?", PASSAGES[:1]).calibrated


def test_a_calibration_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "fitted.json"
    path.write_text(FITTED.model_dump_json())
    assert Calibration.load(path) == FITTED
    path.write_text("{}")
    with pytest.raises(InvalidSetting, match=r"fitted\.json.*no calibration.*fit_confidence"):
        Calibration.load(path)


def test_the_same_answer_found_twice_counts_for_more() -> None:
    best, second = combine(PASSAGES, [[ADA, RAIN], [THE_ADA]], prior=0.0)
    assert (best.text, best.passage, best.places) == ("Ada", 1, 2)
    assert best.score == pytest.approx(math.log(math.exp(2) + math.exp(1)))
    assert (second.text, second.score, second.places) == ("Rain", pytest.approx(1.5), 1)


def test_one_place_seen_through_two_chunks_counts_once() -> None:
    whole = PASSAGES[0]
    tail = Passage(9, "d1", "u", "T", "", None, 11, 30, whole.text[11:], 0.5, 2, 0.25, 1.0)
    (found,) = combine([whole, tail], [[ADA], [Span(0, 3, 1.0)]], prior=0.0)
    assert (found.places, found.score, found.passage) == (1, 2.0, 1)


def test_retrieval_has_its_say() -> None:
    spans = [[RAIN], [THE_ADA]]
    assert [f.text for f in combine(PASSAGES, spans, prior=0.0)] == ["Rain", "the Ada"]
    (found,) = combine([PASSAGES[1], PASSAGES[0]], [[THE_ADA], [ADA]], prior=8.0)
    # 2 + 8 × 0.5 against 1 + 8 × 0.25; they are one answer, and the better span stands for it.
    assert found.span == ADA
    assert found.score == pytest.approx(math.log(math.exp(6) + math.exp(3)))


def test_span_features_by_hand() -> None:
    found = combine(PASSAGES, [[ADA, RAIN], []], prior=0.0)
    features = span_features(found, PASSAGES)
    sure = 1 / (1 + math.exp(-2))
    assert features.tolist() == pytest.approx([2.0, 2.0, 0.5, 1, 0.5, 0.25, 0.25, sure, 1])
    assert span_features(found[:1], PASSAGES[:1])[[2, 6]].tolist() == [10, 0]


def test_the_sentence_is_judged_among_all_that_were_read() -> None:
    found = combine(PASSAGES, [[ADA], []], prior=0.0)
    features = reader().evidence_features("Who kept the light?", PASSAGES, found)
    assert features.shape == (18,)
    # Of three sentences "kept" and "light" stand in one each, so both are equally rare: 2 of 2.
    assert features[10:12].tolist() == [1, 1]
    assert features[12] == 1  # a name stands in it


def test_what_a_question_asks_for_that_was_not_found() -> None:
    passage = "Ada kept the light from 1890. She never slept."
    asked = "When in 1890 had Ada Brandt kept lights?"
    features = question_features(asked, "She never slept.", passage)
    # The content words are when, 1890, brandt, kept and lights; "when" and "brandt" are lacking.
    assert features.tolist() == [1, pytest.approx(2 / 5), 1]
    assert question_features("Did Ada not sleep?", "She never slept.", passage)[2] == 0
    assert question_features("A?", "B.", passage).tolist() == [0, 0, 0]


def test_the_sentence_around_a_span() -> None:
    text = PASSAGES[0].text
    assert sentence_around(text, ADA) == (11, 30)
    assert sentence_around(text, Span(5, 14, 0)) == (0, 30)


def test_it_answers_with_the_sentence_and_the_span() -> None:
    reading = reader([ADA], [THE_ADA]).read("Who kept the light?", PASSAGES)
    assert reading.short == "Ada"
    (evidence,) = reading.sentences
    assert (evidence.passage, evidence.start, evidence.end) == (1, 11, 30)
    both = math.log(math.exp(2) + math.exp(1))
    assert reading.confidence == pytest.approx(1 / (1 + math.exp(-both)))


def test_several_things_asked_for_bring_several_sentences_once_each() -> None:
    asked = reader([ADA, RAIN, Span(15, 19, 1.0), Span(20, 23, -1.0)], [])
    reading = asked.read("Who kept the light and what fell?", PASSAGES)
    assert [(e.start, e.end) for e in reading.sentences] == [(11, 30), (0, 10)]
    assert len(asked.read("Who kept the light?", PASSAGES).sentences) == 1


def test_a_further_answer_in_a_sentence_that_says_the_same_does_not_join() -> None:
    # All but one of the words of "Ada kept a light." stand in the first sentence.
    passages = [PASSAGES[0], passage("Ada kept a light.", 2)]
    asked = reader([ADA], [Span(9, 16, 1.0)])
    reading = asked.read("Who kept the light and what?", passages)
    assert [(e.passage, e.start) for e in reading.sentences] == [(1, 11)]


def test_why_brings_what_explains_in_reading_order() -> None:
    text = "The night was dark and very long. Ada kept the light. Ships were near the rocks. So."
    reading = reader([Span(34, 37, 2.0)]).read("Why did Ada?", [passage(text, 1)])
    # Of 33, 19, 26 and 3 characters the first is best; half of it is needed to join the second.
    assert [text[e.start : e.end] for e in reading.sentences] == [
        "The night was dark and very long.",
        "Ada kept the light.",
        "Ships were near the rocks.",
    ]
    assert reading.short == "Ada"


def test_a_list_comes_with_its_items() -> None:
    text = "The keeper needs:\n- oil\n- a wick\n\nAnd sleep."
    reading = reader([Span(4, 10, 2.0)]).read("What is needed?", [passage(text, 1)])
    given = [text[e.start : e.end] for e in reading.sentences]
    assert given == ["The keeper needs:", "- oil", "- a wick"]


def test_relevance_by_hand() -> None:
    # 0.5 × the best span + 2 × the passage's score - 1; nothing was found in the second.
    expected = (pytest.approx(1 / (1 + math.exp(-1))), 0.0)
    asked = reader([ADA, RAIN], [])
    assert asked.relevance("Who kept the light?", PASSAGES) == expected
    assert asked.read("Who kept the light?", PASSAGES).relevance == expected
    assert asked.relevance("Describe the night.", PASSAGES) == ()


@pytest.mark.parametrize("question", ["Describe the night.", "Did it rain?", "Summarise this."])
def test_questions_that_ask_for_no_span_go_to_the_sentences(question: str) -> None:
    assert reader([ADA], []).read(question, PASSAGES).confidence == 0.123


def test_nothing_found() -> None:
    assert reader().read("Who?", []) == Reading((), None, 0.0)
    assert reader([], []).read("Who?", PASSAGES) == Reading((), None, 0.0, (0.0, 0.0))
    assert (reader().threshold, reader().unsure_threshold) == (0.6, 0.2)
