"""What becomes of a written answer: it stands, or another stands in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.answer import Passage
from rag.cite.citer import Cited, Citer
from rag.cite.markers import Footnotes
from rag.read.reader import Reading
from rag.write.answerer import REFUSAL, ExtractiveAnswerer

ABSTENTION = "The documents don't answer this."
UNSUPPORTED = "The documents don't bear out what the language model wrote"
UNSURE = "Not sure. This may be it:"
INSTEAD = f"{UNSUPPORTED}. They say:"
NOTHING = f"{UNSUPPORTED}."


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer, without a citation when it is that there is none; and what stands in place of
    one that nothing supported: "reader", "abstention" or None."""

    cited: Cited
    replaced_by: Literal["reader", "abstention"] | None = None


def settle(
    footnotes: Footnotes,
    question: str,
    passages: Sequence[Passage],
    reading: Reading,
    citer: Citer,
    *,
    generated: bool,
    strict: bool,
) -> Outcome:
    """The answer that was written, as `footnotes` has it, when something supports a sentence of
    it. In place of a generated one that nothing supports stands what the reader found, and where
    its quotes don't stand either, an abstention; both begin by saying so. A refusal is an
    abstention like any other."""
    cited = citer.cite(footnotes, passages, strict=strict and generated)
    if cited.supported:
        return Outcome(cited)
    nothing = Cited(ABSTENTION, withheld=cited.withheld, removed=cited.removed)
    if not generated or footnotes.text.strip() == REFUSAL:
        return Outcome(nothing)
    instead = _read(question, passages, reading, citer)
    if not instead.supported:
        return Outcome(replace(nothing, text=NOTHING), "abstention")
    text = f"{INSTEAD} {instead.text}"
    withheld = cited.withheld + instead.withheld
    replaced = replace(instead, text=text, withheld=withheld, removed=cited.removed)
    return Outcome(replaced, "reader")


def unsure(question: str, passages: Sequence[Passage], reading: Reading, citer: Citer) -> Outcome:
    """What the reader found, under words that say that it may not answer; an abstention where none
    of its quotes stands."""
    cited = _read(question, passages, reading, citer)
    if not cited.supported:
        return Outcome(Cited(ABSTENTION, withheld=cited.withheld, removed=cited.removed))
    return Outcome(replace(cited, text=f"{UNSURE} {cited.text}"))


def _read(question: str, passages: Sequence[Passage], reading: Reading, citer: Citer) -> Cited:
    """What the reader found, cited."""
    footnotes = Footnotes(passages)
    for _ in footnotes.renumber(ExtractiveAnswerer().stream(question, passages, (), reading)):
        continue
    return citer.cite(footnotes, passages)
