"""What reads passages, and what it makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.answer import Passage


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that answers: `start` and `end` are offsets in the text of passage number
    `passage` (counted from 1); `score` is in [0, 1], higher is better."""

    passage: int
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of passages: the sentences that answer, in the order in which they are
    to be given; the exact span, if it finds one; the calibrated probability that this answers
    rightly; for each of the first passages the probability that it holds the answer, empty where
    it has no opinion; and what forbids to answer with certainty, as the beginning of a sentence
    ("This is about PPX-9078, not PPX-9087"), empty where nothing does. `lead` stands before the
    sentences; it tells of the catalogue, so no document proves it. `contradicting` say otherwise
    than the first of the sentences; `superseded` do too, but are of an earlier edition. Where it
    is not `calibrated`, the probability is only the model's own opinion."""

    sentences: tuple[Evidence, ...]
    short: str | None
    confidence: float
    relevance: tuple[float, ...] = ()
    doubt: str = ""
    lead: str = ""
    contradicting: tuple[Evidence, ...] = ()
    superseded: tuple[Evidence, ...] = ()
    calibrated: bool = True


class Reader(Protocol):
    """The judge: it decides whether passages hold an answer, for itself and for every answerer."""

    @property
    def name(self) -> str: ...

    @property
    def threshold(self) -> float:
        """The confidence from which an answer is given, unless a setting says otherwise."""
        ...

    @property
    def unsure_threshold(self) -> float:
        """The confidence from which the best evidence is at least shown as what may answer, unless
        a setting says otherwise."""
        ...

    def read(self, question: str, passages: Sequence[Passage]) -> Reading: ...

    def relevance(self, question: str, passages: Sequence[Passage]) -> tuple[float, ...]:
        """As `Reading.relevance`, without the rest of the reading."""
        ...
