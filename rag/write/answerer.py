"""What reads passages, and what writes an answer from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from rag.answer import Passage, Turn
from rag.chat.chat_model import GREEDY, Sampling
from rag.cite.markers import plain
from rag.read.reader import Evidence, Reading
from rag.stop import Stop

_NEAR = 200  # characters between two sentences that are read as one text
REFUSAL = "The passages do not answer this."  # the words that a language model is told to use


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the asker wants of whoever writes: `instructions` on tone, language and form, which
    never weigh against the rules of citing; how to sample; texts before which to end; and the sign
    to stop."""

    instructions: str = ""
    sampling: Sampling = GREEDY
    stops: tuple[str, ...] = ()
    stop: Stop = field(default_factory=Stop)

    def also(self, instructions: str) -> Wishes:
        """The same with further instructions."""
        both = "\n".join(filter(None, [self.instructions, instructions]))
        return replace(self, instructions=both)


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
        `rag.chat.chat_model.Written`."""
        ...


class ExtractiveAnswerer:
    """Answers with the sentences that the reader found, word for word, each from elsewhere and each
    that says otherwise in a paragraph of its own. It has no wishes to heed: it can only quote."""

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
        before: Evidence | None = None
        for evidence in reading.sentences:
            sentence = passages[evidence.passage - 1].text[evidence.start : evidence.end]
            yield f"{_between(before, evidence, passages)}{plain(sentence)} [{evidence.passage}]"
            before = evidence
        for evidence in (*reading.contradicting, *reading.superseded):
            sentence = passages[evidence.passage - 1].text[evidence.start : evidence.end]
            yield f"\n\n{plain(sentence)} [{evidence.passage}]"


def _between(before: Evidence | None, evidence: Evidence, passages: Sequence[Passage]) -> str:
    """What stands between two sentences of an answer: the end of a paragraph, where they are of
    two documents or far apart."""
    if before is None:
        return ""
    one, other = passages[before.passage - 1], passages[evidence.passage - 1]
    gap = other.start + evidence.start - one.start - before.end
    near = one.document_id == other.document_id and abs(gap) <= _NEAR
    return " " if near else "\n\n"
