"""The trained reader: which sentences of the passages are evidence, and how sure it is.

It reads the passages in one batch. Every sentence, row and item gets the logit that a careful
person would quote it; the few best are also compared with the question by meaning. Those near the
best one answer together, and the best span within the best one is the short answer. What was fitted
lies in `models/reader/evidence.json` (`rag/train/fit_evidence.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embed.embedder import Embedder
from index.text.content_words import content_words
from rag.answer import Passage
from rag.read.another import is_looked_up
from rag.read.candidate import (
    COMPARED,
    Calibration,
    Candidate,
    Spans,
    candidates,
    compared,
    mark,
    sentences_in,
)
from rag.read.composition import evidence, of_the_thing_asked_for
from rag.read.differing import Said, differing
from rag.read.doubt import doubt
from rag.read.identifiers import lacking, names
from rag.read.normal_form import normalise
from rag.read.odds import logistic
from rag.read.reader import Reading
from rag.read.signs import read_signs
from rag.read.span_model import Marked, Span, SpanModel
from rag.read.span_network import FOLDER

CALIBRATION = FOLDER / "evidence.json"
_NEGATION = re.compile(r"\b(not|never|no|none|without|cannot)\b|n['’]t\b", re.IGNORECASE)
_STEM = 5  # letters by which words are alike
_FAR = 8.0  # logits; a greater lead or score tells no more


class EvidenceReader:
    """Reads passages for evidence; `embedder`, which compares sentences with the question, is the
    packaged one, which the weights were fitted with. May be used by many threads."""

    def __init__(
        self, model: SpanModel, embedder: Embedder, calibration: Path = CALIBRATION
    ) -> None:
        self.name = model.name
        self._model = model
        self._embedder = embedder
        self._path = calibration

    @cached_property
    def _calibration(self) -> Calibration:
        return Calibration(**json.loads(self._path.read_text(encoding="utf-8")))

    @property
    def threshold(self) -> float:
        return self._calibration.threshold

    @property
    def unsure_threshold(self) -> float:
        return self._calibration.unsure_threshold

    def read(self, question: str, passages: Sequence[Passage]) -> Reading:
        fitted = self._calibration
        if (by_words := read_signs(question, passages, fitted.threshold)) is not None:
            return by_words
        marked = mark(self._model, question, passages)
        sentences = sentences_in(passages)
        relevance = self._relevance(passages, marked, sentences)
        found = candidates(question, passages, marked, sentences, fitted)
        if not found:
            return Reading((), None, 0.0, relevance)
        found = compared(question, found, passages, self._embedder, fitted)
        found = of_the_thing_asked_for(question, found, passages)
        differ = differing(
            question, [Said(each.text, passages[each.passage - 1], each.score) for each in found]
        )
        best = found[differ.best]
        otherwise = {place: found[place].evidence for place in differ.others}
        rest = [c for place, c in enumerate(found) if place not in {differ.best, *otherwise}]
        found = [best, *rest]
        span = span_within(best, marked[best.passage - 1])
        features = confidence_features(question, passages, marked, found)
        confidence = fitted.confidence.probability(features)
        heading = passages[best.passage - 1].heading
        if is_looked_up(question, best.text, heading, [each.text for each in found]):
            confidence = max(confidence, fitted.unsure_threshold)
        sure = confidence >= fitted.threshold
        chosen = evidence(question, found, passages, fitted, sure=sure)
        texts = [passages[one.passage - 1].text[one.start : one.end] for one in chosen]
        return Reading(
            tuple(chosen),
            passages[best.passage - 1].text[span.start : span.end] if span else None,
            confidence,
            relevance,
            doubt(
                question,
                best.lacks,
                (best.start, best.end),
                passages[best.passage - 1],
                passages,
                texts,
            ),
            contradicting=tuple(
                each for place, each in otherwise.items() if place not in differ.superseded
            ),
            superseded=tuple(
                each for place, each in otherwise.items() if place in differ.superseded
            ),
        )

    def relevance(self, question: str, passages: Sequence[Passage]) -> tuple[float, ...]:
        marked = mark(self._model, question, passages)
        return self._relevance(passages, marked, sentences_in(passages))

    def _relevance(
        self, passages: Sequence[Passage], marked: Sequence[Marked], sentences: Sequence[Spans]
    ) -> tuple[float, ...]:
        *weights, bias = self._calibration.relevance
        return tuple(
            logistic(float(relevance_features(*each) @ weights) + bias)
            for each in zip(passages, marked, sentences, strict=False)
        )


def span_within(candidate: Candidate, marked: Marked) -> Span | None:
    """The best span that lies within `candidate`; None where none of the best does."""
    inside = [s for s in marked.spans if candidate.start <= s.start and s.end <= candidate.end]
    return max(inside, key=lambda span: span.score, default=None)


def confidence_features(
    question: str,
    passages: Sequence[Passage],
    marked: Sequence[Marked],
    found: Sequence[Candidate],
) -> NDArray[np.float64]:
    """What tells whether the best candidate answers rightly: [20]. Its logit; its lead over the
    next that says something else; the best span's score in it, and anywhere; its passage's score,
    and the best cosine; the identifiers of the question that it lacks, and that all passages lack;
    the share of the question's words, by their stems, that it and its headings lack; whether one
    is negated and the other is not; its cosine, and its lead in that over the others; the
    log-probability, by the logits, that nothing is evidence, and how many sentences are likelier
    evidence than not; the words of the question and of the candidate; the lead of its passage's
    score over the best other passage's, and the number of the passage; the names of the question
    that it and its headings lack, and that all passages lack."""
    best = found[0]
    passage = passages[best.passage - 1]
    words = normalise(best.text)
    following = next((each.score for each in found[1:] if normalise(each.text) != words), None)
    lead = _FAR if following is None else min(best.score - following, _FAR)
    within = span_within(best, marked[best.passage - 1])
    anywhere = max((s.score for each in marked for s in each.spans), default=-_FAR)
    context = f"{passage.title} {passage.heading} {best.text}"
    stems = {word[:_STEM] for word in content_words(context)}
    asked = content_words(question)
    named = names(question)
    others = [each.score for each in passages if each is not passage]
    everywhere = " ".join(f"{p.title} {p.heading} {p.text}" for p in passages)
    return np.array(
        [
            best.logit,
            lead,
            max(within.score, -_FAR) if within else -_FAR,
            max(anywhere, -_FAR),
            passage.score,
            max(each.cosine for each in passages),
            min(len(best.lacks), 2),
            min(len(lacking(question, [f"{p.heading} {p.text}" for p in passages])), 2),
            sum(word[:_STEM] not in stems for word in asked) / len(asked),
            (_NEGATION.search(question) is None) != (_NEGATION.search(best.text) is None),
            best.cosine,
            best.cosine - max((each.cosine for each in found[1:COMPARED]), default=0.0),
            -float(np.logaddexp.reduce([0.0, *(each.logit for each in found)])),
            min(sum(each.logit > 0 for each in found), COMPARED),
            min(len(question.split()), 40),
            min(len(best.text.split()), 60),
            passage.score - max(others, default=0.0),
            best.passage,
            min(_lacking(named, context), 3),
            min(_lacking(named, everywhere), 3),
        ],
        dtype=np.float64,
    )


def _lacking(names: frozenset[str], text: str) -> int:
    text = text.lower()
    return sum(name not in text for name in names)


def relevance_features(passage: Passage, marked: Marked, sentences: Spans) -> NDArray[np.float64]:
    """What tells whether a passage holds the answer: its best sentence's logit, its best span's
    score, and what it scored in retrieval: [3]."""
    logits = [marked.evidence_of(*span) for span in sentences]
    best = max((logit for logit in logits if logit is not None), default=-_FAR)
    span = max((span.score for span in marked.spans), default=-_FAR)
    return np.array([best, span, passage.score])
