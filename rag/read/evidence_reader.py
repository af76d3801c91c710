"""The trained reader: which sentences of the passages are evidence, and how sure it is.

It reads the passages in one batch. Every sentence, row and item gets the logit that a careful
person would quote it; the few best are also compared with the question by meaning. Those near the
best one answer together, and the best span within the best one is the short answer. What was fitted
lies in `models/reader/evidence.json` (`rag/train/fit_evidence.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embed.embedder import Embedder
from rag.answer import Passage
from rag.read.another import is_looked_up
from rag.read.candidate import (
    Calibration,
    Candidate,
    Spans,
    candidates,
    compared,
    mark,
    sentences_in,
)
from rag.read.composition import evidence, of_the_thing_asked_for
from rag.read.confidence import FAR, confidence_features, span_within
from rag.read.differing import Said, differing
from rag.read.doubt import doubt
from rag.read.odds import logistic
from rag.read.reader import Evidence, Reading
from rag.read.signs import read_signs
from rag.read.span_model import Marked, SpanModel
from rag.read.span_network import FOLDER

CALIBRATION = FOLDER / "evidence.json"


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
        settled = settle(question, found, passages)
        found = settled.found
        best = found[0]
        passage = passages[best.passage - 1]
        chosen = evidence(question, found, passages, fitted, sure=True)
        in_doubt = doubt_of(question, found, passages, chosen)
        features = confidence_features(question, passages, marked, found, in_doubt)
        confidence = fitted.confidence.probability(features)
        if is_looked_up(question, best.text, passage.heading, [each.text for each in found]):
            confidence = max(confidence, fitted.unsure_threshold)
        if confidence < fitted.threshold:
            chosen = evidence(question, found, passages, fitted, sure=False)
            in_doubt = doubt_of(question, found, passages, chosen)
        span = span_within(best, marked[best.passage - 1])
        return Reading(
            tuple(chosen),
            passage.text[span.start : span.end] if span else None,
            confidence,
            relevance,
            in_doubt,
            contradicting=settled.contradicting,
            superseded=settled.superseded,
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


@dataclass(frozen=True, slots=True)
class Settled:
    """The candidates of which the first answers, best first, and what says otherwise in another
    document or in an earlier edition of the same."""

    found: list[Candidate]
    contradicting: tuple[Evidence, ...]
    superseded: tuple[Evidence, ...]


def settle(question: str, found: Sequence[Candidate], passages: Sequence[Passage]) -> Settled:
    """Which of `found`, best first and at least one, answers: that of the thing asked for, in its
    latest edition."""
    found = of_the_thing_asked_for(question, found, passages)
    differ = differing(
        question, [Said(each.text, passages[each.passage - 1], each.score) for each in found]
    )
    otherwise = {place: found[place].evidence for place in differ.others}
    rest = [c for place, c in enumerate(found) if place not in {differ.best, *otherwise}]
    earlier = differ.superseded
    return Settled(
        [found[differ.best], *rest],
        tuple(each for place, each in otherwise.items() if place not in earlier),
        tuple(each for place, each in otherwise.items() if place in earlier),
    )


def doubt_of(
    question: str,
    found: Sequence[Candidate],
    passages: Sequence[Passage],
    chosen: Sequence[Evidence],
) -> str:
    """What the first of `found`, with which `chosen` is given, is about instead of what the
    question names; "" where there is no doubt."""
    best = found[0]
    given = [passages[one.passage - 1].text[one.start : one.end] for one in chosen]
    place = (best.start, best.end)
    return doubt(question, best.lacks, place, passages[best.passage - 1], passages, given)


def relevance_features(passage: Passage, marked: Marked, sentences: Spans) -> NDArray[np.float64]:
    """What tells whether a passage holds the answer: its best sentence's logit, its best span's
    score, and what it scored in retrieval: [3]."""
    logits = [marked.evidence_of(*span) for span in sentences]
    best = max((logit for logit in logits if logit is not None), default=-FAR)
    span = max((span.score for span in marked.spans), default=-FAR)
    return np.array([best, span, passage.score])
