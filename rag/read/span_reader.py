"""An extractive model of one's own: the exact span that answers, its sentence, and how sure it is.

It reads the best passages in one batch, lets the same answer found twice count for more, and
leaves questions that ask for no span (describe, compare, is it so?) to the sentence reader.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from index.errors import InvalidSetting
from index.text.sentences import sentence_spans
from rag.answer import Passage
from rag.read.choice import items_after, repeats
from rag.read.normal_form import normalise
from rag.read.odds import logistic
from rag.read.reader import Evidence, Reading
from rag.read.sentence_reader import Sentence, SentenceReader, in_reading_order, sentences_of
from rag.read.span_model import Span, SpanModel

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
_EXPLAINS = re.compile(
    r"\bwhy\b|\bhow (do|does|did|is|are|was|were|can|could|should|would|to)\b", re.IGNORECASE
)
_WORD = re.compile(r"\w+")
_NEGATION = re.compile(r"\b(not|never|no|none|without|cannot)\b|n['’]t\b", re.IGNORECASE)
_MOST_SENTENCES = 3
_MOST_ITEMS = 5
_SURELY_TOO = 3.0  # logits by which a further answer may fall short of the best
_LEAST_SUPPORT = 0.5  # of the best sentence's score, for one that joins it


class Calibration(BaseModel, frozen=True):
    """What was fitted to a model by `rag/train/fit_confidence.py`. `prior` times what a passage
    scored in retrieval is added to its spans' scores; `relevance` are the weights of a passage's
    best span and of its score, `confidence` those of `evidence_features`, the intercepts last; the
    two thresholds are of the confidence."""

    prior: float
    relevance: tuple[float, float, float]
    confidence: tuple[float, ...]
    threshold: float
    unsure_threshold: float

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Reads what was written to `path`. Raises `InvalidSetting`."""
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InvalidSetting(
                f"reader_calibration is '{path}', which is no calibration of a reader "
                f"({str(error).splitlines()[0]}); fit one with python -m rag.train.fit_confidence"
            ) from error


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
    """Reads passages for the span that answers. May be used by many threads.

    Without a `calibration` its confidence is the probability that the model itself gives its best
    span over no answer, it says so, and it has no opinion on the relevance of passages.
    """

    threshold_uncalibrated, unsure_uncalibrated = 0.5, 0.15

    def __init__(
        self, model: SpanModel, sentences: SentenceReader, calibration: Calibration | None = None
    ) -> None:
        self.name = model.name
        self._model = model
        self._sentences = sentences
        self._fitted = calibration

    @property
    def threshold(self) -> float:
        return self._fitted.threshold if self._fitted else self.threshold_uncalibrated

    @property
    def unsure_threshold(self) -> float:
        return self._fitted.unsure_threshold if self._fitted else self.unsure_uncalibrated

    def read(self, question: str, passages: Sequence[Passage]) -> Reading:
        if _NO_SPAN.match(question):
            return self._sentences.read(question, passages)
        spans = self._spans(question, passages)
        relevance = self._relevance(passages, spans)
        fitted = self._fitted
        found = combine(passages[:PASSAGES_READ], spans, fitted.prior if fitted else 0.0)
        if not found:
            return Reading((), None, 0.0, relevance, calibrated=fitted is not None)
        if fitted:
            *weights, bias = fitted.confidence
            features = self.evidence_features(question, passages, found)
            confidence = logistic(float(features @ np.array(weights) + bias))
        else:
            confidence = logistic(found[0].span.score)
        return Reading(
            tuple(self._evidence(question, passages, found)),
            found[0].text,
            confidence,
            relevance,
            calibrated=fitted is not None,
        )

    def relevance(self, question: str, passages: Sequence[Passage]) -> tuple[float, ...]:
        if _NO_SPAN.match(question):
            return ()
        return self._relevance(passages, self._spans(question, passages))

    def _spans(self, question: str, passages: Sequence[Passage]) -> list[list[Span]]:
        read = passages[:PASSAGES_READ]
        return self._model.spans(question, [(p.title, p.text) for p in read], _SPANS)

    def _relevance(
        self, passages: Sequence[Passage], spans: Sequence[Sequence[Span]]
    ) -> tuple[float, ...]:
        if self._fitted is None:
            return ()
        of_span, of_score, bias = self._fitted.relevance
        return tuple(
            logistic(of_span * best[0].score + of_score * passage.score + bias) if best else 0.0
            for passage, best in zip(passages, spans, strict=False)
        )

    def _evidence(
        self, question: str, passages: Sequence[Passage], found: Sequence[Found]
    ) -> list[Evidence]:
        """The sentence of the best answer, and those that add to it: of further answers where
        several were asked for, the items of a list that it announces, or what explains it."""
        first = _sentence_of(found[0], passages)
        text = passages[first.passage - 1].text
        if items := items_after(text, first.end, _MOST_ITEMS):
            return [first, *(Evidence(first.passage, *item, first.score) for item in items)]
        if _SEVERAL.search(question):
            least = max(0.0, found[0].span.score - _SURELY_TOO)
            more = [_sentence_of(f, passages) for f in found[1:] if f.span.score > least]
            return _without_repeats([first, *more], passages)
        if _EXPLAINS.search(question):
            more = self._explaining(question, passages, first)
            return in_reading_order(_without_repeats([first, *more], passages), passages)
        return [first]

    def _explaining(
        self, question: str, passages: Sequence[Passage], first: Evidence
    ) -> list[Evidence]:
        """The other sentences of the same passage that the sentence reader thinks answer nearly
        as well, best first."""
        passage = passages[first.passage - 1]
        sentences = [
            Sentence(first.passage, start, end, passage.text[start:end])
            for start, end in sentence_spans(passage.text)
        ]
        scores = self._sentences.scores(question, passages, sentences).tolist()
        least = _LEAST_SUPPORT * max(scores, default=0.0)
        others = [
            Evidence(s.passage, s.start, s.end, score)
            for s, score in zip(sentences, scores, strict=True)
            if score >= least and not first.start <= s.start < first.end
        ]
        return sorted(others, key=lambda each: -each.score)

    def evidence_features(
        self, question: str, passages: Sequence[Passage], found: Sequence[Found]
    ) -> NDArray[np.float64]:
        """What tells whether the best answer is right: [18]. Of the answer, see `span_features`;
        of the sentence that holds it, what the sentence reader looks at; of the question, see
        `question_features`."""
        best = found[0]
        passage = passages[best.passage - 1]
        start, end = sentence_around(passage.text, best.span)
        sentence = Sentence(best.passage, start, end, passage.text[start:end])
        pool = sentences_of(passages[:PASSAGES_READ])
        (of_sentence,) = self._sentences.features(question, passages, [sentence], pool)
        of_question = question_features(question, sentence.text, f"{passage.title} {passage.text}")
        return np.concatenate([span_features(found, passages), of_sentence, of_question])


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
    of the first passage over the second; the probability by its span's score alone, and its
    length in words, at most 20: [9]."""
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
            logistic(best.span.score),
            min(len(best.text.split()), 20),
        ]
    )


def question_features(question: str, sentence: str, passage: str) -> NDArray[np.float64]:
    """Where a question asks for something else than what was found: its names and numbers that
    `passage` lacks, at most 3; the share of its words that `passage` lacks; and whether it is
    negated and `sentence` is not, or the other way round: [3]."""
    words = _WORD.findall(question)
    there = {word.lower() for word in _WORD.findall(passage)}
    stems = {word[:5] for word in there}
    names = {w.lower() for w in words[1:] if w[0].isupper() or w[0].isdigit()}
    content = {w.lower() for w in words if len(w) > 3}
    lacking = [word for word in content if word[:5] not in stems]
    return np.array(
        [
            min(len(names - there), 3),
            len(lacking) / len(content) if content else 0.0,
            (_NEGATION.search(question) is None) != (_NEGATION.search(sentence) is None),
        ],
        dtype=np.float64,
    )


def _sentence_of(found: Found, passages: Sequence[Passage]) -> Evidence:
    start, end = sentence_around(passages[found.passage - 1].text, found.span)
    return Evidence(found.passage, start, end, logistic(found.span.score))


def _without_repeats(evidence: Sequence[Evidence], passages: Sequence[Passage]) -> list[Evidence]:
    """The first few that each say something that those before don't."""
    kept: list[Evidence] = []
    said: list[str] = []
    for each in evidence:
        sentence = passages[each.passage - 1].text[each.start : each.end]
        if len(kept) < _MOST_SENTENCES and not repeats(sentence, said):
            kept.append(each)
            said.append(sentence)
    return kept


def sentence_around(text: str, span: Span) -> tuple[int, int]:
    """(start, end) of the sentence of `text` that holds `span`; of several, when it runs over
    them, from the first's start to the last's end."""
    touched = [(a, b) for a, b in sentence_spans(text) if a < span.end and b > span.start]
    return (touched[0][0], touched[-1][1]) if touched else (span.start, span.end)
