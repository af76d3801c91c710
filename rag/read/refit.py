"""A reader whose confidence was fitted to the questions of a store of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel

from rag.answer import Passage
from rag.read.odds import logistic, logit
from rag.read.reader import Reader, Reading

SETTING = "confidence"
"""The name that a store keeps a `Refit` under."""


class Refit(BaseModel, frozen=True):
    """What a confidence of the reader called `reader` becomes: the logistic of `scale` times its
    logit plus `offset` (Platt, 1999), and the thresholds of the verdicts; fitted to so many
    `questions`."""

    reader: str
    scale: float
    offset: float
    threshold: float
    unsure_threshold: float
    questions: int

    def of(self, confidence: float) -> float:
        """The probability that `confidence` stands for here."""
        return logistic(self.scale * logit(confidence) + self.offset)

    def after(self, before: Refit) -> Refit:
        """This one, fitted to confidences that `before` had changed, as one of the unchanged."""
        scale, offset = self.scale * before.scale, self.scale * before.offset + self.offset
        return self.model_copy(update={"scale": scale, "offset": offset})


class RefittedReader:
    """Reads as `reader` does, and is as sure as `refit` says. May be used by many threads."""

    def __init__(self, reader: Reader, refit: Refit) -> None:
        self.name = reader.name
        self.threshold = refit.threshold
        self.unsure_threshold = refit.unsure_threshold
        self._reader = reader
        self._refit = refit

    def read(self, question: str, passages: Sequence[Passage]) -> Reading:
        reading = self._reader.read(question, passages)
        if not reading.sentences:
            return reading
        return replace(reading, confidence=self._refit.of(reading.confidence), calibrated=True)

    def relevance(self, question: str, passages: Sequence[Passage]) -> tuple[float, ...]:
        return self._reader.relevance(question, passages)
