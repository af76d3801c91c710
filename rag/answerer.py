"""What reads passages, and what writes an answer from them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rag.answer import Passage, Turn
from rag.chat_model import GREEDY, Sampling
from rag.stop import Stop

REFUSAL = "The passages do not answer this."  # the words that a language model is told to use
_BRACKETED_NUMBER = re.compile(r" ?\[\d[\d, ]*\]")


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
    rightly; and for each of the first passages the probability that it holds the answer, empty
    where it has no opinion."""

    sentences: tuple[Evidence, ...]
    short: str | None
    confidence: float
    relevance: tuple[float, ...] = ()


class Reader(Protocol):
    """The judge: it decides whether passages hold an answer, for itself and for every answerer."""

    @property
    def name(self) -> str: ...

    @property
    def threshold(self) -> float:
        """The confidence below which it is better not to answer, unless a setting says more."""
        ...

    def read(self, question: str, passages: Sequence[Passage]) -> Reading: ...

    def relevance(self, question: str, passages: Sequence[Passage]) -> tuple[float, ...]:
        """As `Reading.relevance`, without the rest of the reading."""
        ...


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the asker wants of whoever writes: `instructions` on tone, language and form, which
    never weigh against the rules of citing; how to sample; and the sign to stop."""

    instructions: str = ""
    sampling: Sampling = GREEDY
    stop: Stop = field(default_factory=Stop)


class Answerer(Protocol):
    """Writes the answer. A marker `[n]` after a sentence cites passage number n (from 1)."""

    @property
    def name(self) -> str: ...

    def with_wishes(self, wishes: Wishes) -> Answerer:
        """The same answerer, for one question asked with `wishes`."""
        ...

    def stream(
        self,
        question: str,
        passages: Sequence[Passage],
        history: Sequence[Turn],
        reading: Reading,
    ) -> Iterator[str]:
        """The text in pieces, as it is written. A language model's generator returns a
        `rag.chat_model.Written`."""
        ...


class ExtractiveAnswerer:
    """Answers with the sentences that the reader found, word for word. It has no wishes to heed:
    it can only quote."""

    name = "reader"

    def with_wishes(self, wishes: Wishes) -> ExtractiveAnswerer:
        """The answerer itself."""
        return self

    def stream(
        self,
        question: str,
        passages: Sequence[Passage],
        history: Sequence[Turn],
        reading: Reading,
    ) -> Iterator[str]:
        for number, evidence in enumerate(reading.sentences):
            sentence = passages[evidence.passage - 1].text[evidence.start : evidence.end]
            yield f"{' ' if number else ''}{plain(sentence)} [{evidence.passage}]"


def plain(sentence: str) -> str:
    """A sentence of a document on one line, without bracketed numbers that would read as
    citations of ours."""
    words = " ".join(sentence.split())
    while (without := _BRACKETED_NUMBER.sub("", words)) != words:
        words = without  # what stood around a nested one may be one itself now
    return words.strip()
