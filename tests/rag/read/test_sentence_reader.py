from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from support import WordEmbedder

from rag.answer import Passage
from rag.cite.markers import plain
from rag.read.reader import Evidence, Reading
from rag.read.sentence_reader import SentenceReader, in_reading_order, sentences_of
from rag.write.answerer import ExtractiveAnswerer


def passage(text: str, rank: int, document: str = "d", start: int = 0, score: float = 1) -> Passage:
    return Passage(
        rank, document, document, "", "", None, start, start + len(text), text, score, rank, 0.5, 1
    )


def reader(tmp_path: Path, sentence: Sequence[float], threshold: float = 0.5) -> SentenceReader:
    """One whose sentence score is set by hand and whose confidence is that score."""
    path = tmp_path / "parameters.json"
    confidence = [0, 0, 0, 0, 0, 0, 8, 0, -4]
    parameters = {
        "sentence": [*sentence],
        "confidence": confidence,
        "threshold": [threshold],
        "unsure_threshold": [0.1],
    }
    path.write_text(json.dumps(parameters), encoding="utf-8")
    return SentenceReader(WordEmbedder(), path)


def test_features_by_hand(tmp_path: Path) -> None:
    passages = [passage("Rome fell in 476. Paris grew.", 1), passage("Rome.", 2, "e", score=0.5)]
    sentences = sentences_of(passages)
    features = reader(tmp_path, [0] * 7).features("When did Rome fall?", passages, sentences)
    assert [s.text for s in sentences] == ["Rome fell in 476.", "Paris grew.", "Rome."]
    # ": rome fell in 476." shares "rome" with the 4 words of the question: 1 / √(5 × 4).
    assert features[0, 0] == pytest.approx(1 / np.sqrt(20), abs=1e-6)
    # Of 3 sentences, two hold "rome" and none "fall": ln(1 + 3/3) against ln(1 + 3/1).
    rome = np.log(2) / (np.log(2) + np.log(4))
    assert features[:, 1] == pytest.approx([rome, 0, rome])
    assert features[:, 2] == pytest.approx([rome, rome, rome])
    assert features[:, 3].tolist() == [1, 0, 0]  # only the first holds a year
    assert features[:, 4].tolist() == [0.5, 0.5, 0.5]
    assert features[:, 5].tolist() == [1, 1, 0.5]


@pytest.mark.parametrize(
    ("question", "sentence", "agrees"),
    [
        ("Who won?", "In the end Alice won.", 1.0),
        ("Who is Alice?", "In the end Alice won.", 0.0),
        ("How many came?", "There were 12.", 1.0),
        ("How many came?", "There were some.", 0.0),
        ("Where is it?", "It is in Oslo.", 1.0),
        ("Why did it fail?", "It failed because it rained.", 1.0),
        ("Describe it.", "It is red.", 0.5),
    ],
)
def test_the_kind_of_thing_asked_for(
    tmp_path: Path, question: str, sentence: str, agrees: float
) -> None:
    passages = [passage(sentence, 1)]
    features = reader(tmp_path, [0] * 7).features(question, passages, sentences_of(passages))
    assert features[0, 3] == agrees


def test_it_reads_the_best_sentence_and_how_sure_that_is(tmp_path: Path) -> None:
    by_overlap = reader(tmp_path, [0, 10, 0, 0, 0, 0, -5])
    passages = [passage("Cats were here. Owls hunt mice.", 1)]
    reading = by_overlap.read("Who hunt mice?", passages)
    (first,) = reading.sentences
    assert passages[0].text[first.start : first.end] == "Owls hunt mice."
    assert first.score == pytest.approx(1 / (1 + np.exp(-5)))
    assert reading.confidence == pytest.approx(1 / (1 + np.exp(4 - 8 * first.score)))
    assert (by_overlap.threshold, by_overlap.unsure_threshold) == (0.5, 0.1)


def test_a_broad_question_gets_several_sentences_in_reading_order(tmp_path: Path) -> None:
    by_overlap = reader(tmp_path, [0, 10, 0, 0, 0, 0, -5])
    passages = [
        passage("Owls have two ears.", 1, "e"),
        passage("Owls hunt mice at night. Cats do not. Owls have two ears. Owls sleep by day.", 2),
        passage("Owls!", 3, "f"),
    ]
    reading = by_overlap.read("Describe owls.", passages)
    given = [passages[e.passage - 1].text[e.start : e.end] for e in reading.sentences]
    # What stands in two documents is given once, "Cats do not." shares no word with the question,
    # and "Owls!" is too short to tell anything.
    assert given == ["Owls have two ears.", "Owls hunt mice at night.", "Owls sleep by day."]


def test_a_yes_or_no_question_gets_two_sentences_at_most(tmp_path: Path) -> None:
    by_overlap = reader(tmp_path, [0, 10, 0, 0, 0, 0, -5])
    passages = [passage("Owls sleep by day. Owls have two ears. Owls hunt mice at night.", 1)]
    assert len(by_overlap.read("Do owls sing?", passages).sentences) == 2


def test_reading_order() -> None:
    passages = [passage("x" * 9, 1, "d", 50), passage("x" * 9, 2, "e"), passage("x" * 9, 3, "d", 0)]
    evidence = [Evidence(1, 3, 4, 0.9), Evidence(2, 0, 1, 0.8), Evidence(3, 5, 6, 0.7)]
    assert [e.passage for e in in_reading_order(evidence, passages)] == [3, 1, 2]


def test_no_passages_no_answer(tmp_path: Path) -> None:
    assert reader(tmp_path, [0] * 7).read("Who?", []) == Reading((), None, 0.0)


def test_a_sentence_in_two_overlapping_passages_is_read_once() -> None:
    overlapping = [passage("One is here. Two is here.", 1), passage("Two is here.", 2, start=13)]
    assert [(s.passage, s.text) for s in sentences_of(overlapping)] == [
        (1, "One is here."),
        (1, "Two is here."),
    ]


def test_the_extractive_answerer_writes_sentence_and_marker_at_once(tmp_path: Path) -> None:
    by_overlap = reader(tmp_path, [0, 10, 0, 0, 0, 0, -5])
    passages = [passage("Cats sleep.", 1), passage("Owls hunt\nmice [4].", 2, "e")]
    reading = by_overlap.read("hunt mice", passages)
    pieces = ExtractiveAnswerer().stream("hunt mice", passages, (), reading)
    assert list(pieces) == ["Owls hunt mice. [2]"]


def test_plain_text_has_no_markers_of_the_source() -> None:
    assert plain("It is  so\n[12], said [a] and [1, 2].") == "It is so, said [a] and."
