"""The trained reader: the exact span that answers, the sentence that holds it, and how sure it is.

It reads the best passages in one batch, lets the same answer found twice count for more, and
leaves questions that ask for no span (describe, compare, is it so?) to the sentence reader.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.sentences import sentence_spans
from rag.answer import Passage
from rag.answerer import Evidence, Reading
from rag.measures import normalise
from rag.reader import Sentence, SentenceReader, sentences_of
from rag.span_model import FOLDER, Span, SpanModel

CALIBRATION = FOLDER / "calibration.json"
PASSAGES_READ = 6
_SPANS = 3  # of each passage
_NO_SPAN = re.compile(
    r"\s*(describe|explain|compare|summari[sz]e|outline|discuss|tell me|give (me )?an? (overview|"
    r"summary)|is|are|was|were|do|does|did|can|could|has|have|had|will|would|should)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\b(what|which|who|name|list) (are|were|two|three|four|five|all|some|other|kinds|types)\b|"
    r"\band (what|which|who|when|where|why|how)\b",
    re.IGNORECASE,
)
_MOST_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Found:
    """One answer: its best span, in passage number `passage` (from 1); `score` grows with every
    place it was found in; `places` counts them."""

    passage: int
    span: Span
    text: str
    score: float
    places: int


class SpanReader:
    """Reads passages for the span that answers. May be used by many threads."""

    def __init__(
        self, model: SpanModel, sentences: SentenceReader, calibration: Path = CALIBRATION
    ) -> None:
        self.name = model.name
        self._model = model
        self._sentences = sentences
        self._path = calibration

    @cached_property
    def _calibration(self) -> Mapping[str, list[float]]:
        loaded: Mapping[str, list[float]] = json.loads(self._path.read_text(encoding="utf-8"))
        return loaded

    @property
    def threshold(self) -> float:
        return self._calibration["threshold"][0]

    def read(self, question: str, passages: Sequence[Passage]) -> Reading:
        if _NO_SPAN.match(question):
            return self._sentences.read(question, passages)
        found = self.answers(question, passages)
        if not found:
            return Reading((), None, 0.0)
        *weights, bias = self._calibration["confidence"]
        doubt = self.evidence_features(question, passages, found) @ np.array(weights) + bias
        chosen = [found[0]]
        if _SEVERAL.search(question):
            chosen += [f for f in found[1:_MOST_SENTENCES] if f.span.score > 0]
        evidence: dict[tuple[int, int], Evidence] = {}
        for answer in chosen:
            start, end = sentence_around(passages[answer.passage - 1].text, answer.span)
            score = 1 / (1 + math.exp(-answer.span.score))
            evidence.setdefault(
                (answer.passage, start), Evidence(answer.passage, start, end, score)
            )
        return Reading(
            tuple(evidence.values()), found[0].text, float(1 / (1 + math.exp(-float(doubt))))
        )

    def answers(self, question: str, passages: Sequence[Passage]) -> list[Found]:
        """Every answer found in the best passages, best first."""
        read = passages[:PASSAGES_READ]
        spans = self._model.spans(question, [(p.title, p.text) for p in read], _SPANS)
        return combine(read, spans, self._calibration["prior"][0])

    def evidence_features(
        self, question: str, passages: Sequence[Passage], found: Sequence[Found]
    ) -> NDArray[np.float64]:
        """What tells whether the best answer is right: [13]. Of the answer, see `span_features`;
        of the sentence that holds it, what the sentence reader looks at."""
        best = found[0]
        text = passages[best.passage - 1].text
        start, end = sentence_around(text, best.span)
        sentence = Sentence(best.passage, start, end, text[start:end])
        pool = sentences_of(passages[:PASSAGES_READ])
        (of_sentence,) = self._sentences.features(question, passages, [sentence], pool)
        return np.concatenate([span_features(found, passages), of_sentence])


def combine(
    passages: Sequence[Passage], spans: Sequence[Sequence[Span]], prior: float
) -> list[Found]:
    """Spans of the same words, but for case, articles and punctuation, are one answer. It scores
    the logarithm of the sum of the exponentials of its spans' scores, each with `prior` times
    what its passage scored in retrieval added. Best first."""
    groups: dict[str, dict[tuple[str, int], tuple[float, int, Span, str]]] = {}
    for number, (passage, of_passage) in enumerate(zip(passages, spans, strict=True), start=1):
        for span in of_passage:
            text = passage.text[span.start : span.end]
            weighed = span.score + prior * passage.score
            group = groups.setdefault(normalise(text), {})
            place = (passage.document_id, passage.start + span.start)
            if place not in group or group[place][0] < weighed:  # chunks overlap
                group[place] = (weighed, number, span, text)
    found = []
    for words, group in groups.items():
        if words:
            top, number, span, text = max(group.values(), key=lambda each: each[0])
            score = top + math.log(sum(math.exp(each[0] - top) for each in group.values()))
            found.append(Found(number, span, text, score, len(group)))
    return sorted(found, key=lambda each: (-each.score, each.passage, each.span.start))


def span_features(found: Sequence[Found], passages: Sequence[Passage]) -> NDArray[np.float64]:
    """Of the best answer: its score, its span's own score, its lead over the next answer, the
    places it was found in; the score of its passage, the best cosine of all passages, and the lead
    of the first passage over the second: [7]."""
    best = found[0]
    lead = best.score - found[1].score if len(found) > 1 else 10.0
    scores = [each.score for each in passages[:2]]
    return np.array(
        [
            best.score,
            best.span.score,
            min(lead, 10.0),
            best.places,
            passages[best.passage - 1].score,
            max(each.cosine for each in passages),
            scores[0] - scores[-1],
        ]
    )


def sentence_around(text: str, span: Span) -> tuple[int, int]:
    """(start, end) of the sentence of `text` that holds `span`; of several, when it runs over
    them, from the first's start to the last's end."""
    touched = [(a, b) for a, b in sentence_spans(text) if a < span.end and b > span.start]
    return (touched[0][0], touched[-1][1]) if touched else (span.start, span.end)
