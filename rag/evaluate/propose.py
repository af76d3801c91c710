"""Questions proposed from the documents of a store, for a person to check before they count."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index.document import Document
from index.text.sentences import is_row, sentence_spans
from rag.facts.dates import dates
from rag.facts.names import names
from rag.facts.numerals import numerals

BLANK = "____"
_LEAST_WORDS, _MOST_WORDS = 6, 40
_MOST_OF_DOCUMENT = 400  # sentences; the first of a long document


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question that `evidence`, a sentence of the document at `uri`, answers by `answer`."""

    kind: str
    question: str
    answer: str
    evidence: str
    uri: str

    def row(self, number: int) -> dict[str, Any]:
        """As a line of a question file, marked as not checked."""
        return {
            "id": f"proposed-{number}",
            "question": self.question,
            "answerable": True,
            "answers": [self.answer],
            "evidence": [self.evidence],
            "relevant": [self.uri],
            "kind": self.kind,
            "checked": False,
        }


def propose(documents: Sequence[Document], number: int, seed: int = 0) -> list[Proposal]:
    """At most `number` proposals, spread over `documents`: "cloze", a sentence with a figure, date
    or name left out, and "heading", what a section says first. The same for the same seed."""
    rng = random.Random(seed)
    pools = [list(_of(document)) for document in documents]
    rng.shuffle(pools)
    for pool in pools:
        rng.shuffle(pool)
    found: list[Proposal] = []
    asked: set[str] = set()
    while len(found) < number and any(pools):
        for pool in pools:
            if pool and len(found) < number:
                each = pool.pop()
                if each.question not in asked:
                    asked.add(each.question)
                    found.append(each)
    return found


def _of(document: Document) -> Iterator[Proposal]:
    spans = sentence_spans(document.text)[:_MOST_OF_DOCUMENT]
    headings = {document.text[h.start : h.end].strip() for h in document.headings}
    before = ""
    for start, end in spans:
        text = document.text[start:end]
        plain = " ".join(text.split())
        tells = _LEAST_WORDS <= len(plain.split()) <= _MOST_WORDS and not is_row(text)
        if tells and before in headings and before:
            question = f"What is said under “{before}”?"
            yield Proposal("heading", question, plain, plain, document.uri)
        if tells and text not in headings and (place := _fact(plain)):
            first, last = place
            question = f"{plain[:first]}{BLANK}{plain[last:]}"
            yield Proposal("cloze", question, plain[first:last], plain, document.uri)
        before = text.strip()


def _fact(sentence: str) -> tuple[int, int] | None:
    """Where the last figure, date or name of a sentence stands that doesn't begin it."""
    found = [(d.start, d.end) for d in dates(sentence)]
    found += [(n.start, n.end) for n in numerals(sentence)]
    found += [(n.start, n.end) for n in names(sentence)]
    whole = [
        (a, b)
        for a, b in found
        if a > 0
        and re.search(r"\w", sentence[a:b])
        and not any(c <= a and b <= d and (c, d) != (a, b) for c, d in found)
    ]
    return max(whole, default=None)
