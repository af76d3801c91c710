"""Text with markers and passages to citations, each a verified quote. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.document import Document
from index.errors import UnknownDocument
from index.sentences import sentence_spans
from rag.answer import Citation, Passage
from rag.answerer import plain

_MARKERS = re.compile(r"\[(\d{1,4}(?:\s*,\s*\d{1,4})*)\]")
_UNFINISHED = re.compile(r"\s*\[[\d,\s]*$|\s+$")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Cited:
    """An answer's text with markers `[1]`, `[2]`, … in order, the citation of each, and how many
    were withheld because their quote is not in the document."""

    text: str
    citations: tuple[Citation, ...]
    withheld: int


class Footnotes:
    """Turns markers that name passages into footnotes numbered in order of appearance.

    A marker that names no passage is left out. Pieces may break anywhere: text that may yet turn
    out to be a marker is held back until it is whole.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._cited: list[int] = []

    def renumber(self, pieces: Iterable[str]) -> Iterator[str]:
        """The pieces of an answer, with their markers renumbered."""
        held = ""
        for piece in pieces:
            held += piece
            unfinished = _UNFINISHED.search(held)
            cut = unfinished.start() if unfinished else len(held)
            ready, held = held[:cut], held[cut:]
            if ready:
                yield self._footnotes(ready)
        if rest := self._footnotes(held).rstrip():
            yield rest

    def _footnotes(self, text: str) -> str:
        return re.sub(r"\s*" + _MARKERS.pattern, self._footnote, text)

    def _footnote(self, match: re.Match[str]) -> str:
        marks = ""
        for number in match.group(1).split(","):
            if 1 <= int(number) <= len(self._passages):
                self._cited.append(int(number))
                marks += f" [{len(self._cited)}]"
        return marks

    def resolve(self, text: str, document: Callable[[str], Document]) -> Cited:
        """`text`, as `renumber` made it, with the citation of each marker.

        The quote is the sentence of the cited passage that supports best what stands before the
        marker. It is checked against the text of `document(document_id)`, as it is stored now,
        character by character; one that differs, or whose document is gone, is withheld and its
        marker taken out.
        """
        kept: list[Citation] = []
        parts: list[str] = []
        claim, position, withheld = "", 0, 0
        for match in _MARKERS.finditer(text):
            before = text[position : match.start()]
            position = match.end()
            claim = before if before.strip() else claim
            passage = self._passages[self._cited[int(match.group(1)) - 1] - 1]
            citation = _verified(claim, passage, len(kept) + 1, document)
            if citation:
                kept.append(citation)
                parts.append(f"{before}[{citation.number}]")
            else:
                parts.append(before.rstrip())
                withheld += 1
        parts.append(text[position:])
        return Cited("".join(parts).strip(), tuple(kept), withheld)


def best_quote(claim: str, passage: Passage) -> tuple[int, int, float]:
    """(start, end, support) of the sentence of `passage` that supports the last sentence of
    `claim` best, as offsets in the document; the first one of equals."""
    spans = sentence_spans(claim)
    wanted = claim[slice(*spans[-1])] if spans else ""
    whole = plain(claim)
    best = (passage.start, passage.start, 0.0)
    for start, end in sentence_spans(passage.text):
        sentence = plain(passage.text[start:end])
        found = 1.0 if sentence and sentence == whole else support(wanted, sentence)
        if found > best[2]:
            best = (passage.start + start, passage.start + end, found)
    return best


def support(claim: str, quote: str) -> float:
    """The share of the words of `claim` that stand in `quote`: 1 when all do, 0 when none."""
    words = set(_WORD.findall(claim.lower()))
    return len(words & set(_WORD.findall(quote.lower()))) / len(words) if words else 0.0


def _verified(
    claim: str, passage: Passage, number: int, document: Callable[[str], Document]
) -> Citation | None:
    """The citation of `passage` for `claim`; None when its quote is not in the document."""
    start, end, support = best_quote(claim, passage)
    quote = passage.text[start - passage.start : end - passage.start]
    try:
        source = document(passage.document_id)
    except UnknownDocument:
        return None
    if not quote or source.text[start:end] != quote:
        return None
    return Citation(
        number=number,
        document_id=source.id,
        uri=source.uri,
        title=source.title,
        page=source.page_at(start),
        start=start,
        end=end,
        quote=quote,
        support=support,
    )
