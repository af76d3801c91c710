"""Text with markers and passages to citations, each a verified quote. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from index.document import Document
from index.errors import UnknownDocument
from index.sentences import sentence_spans
from rag.answer import Citation, Passage, Source
from rag.answerer import plain

_MARKERS = re.compile(r"(?<!\s)\s*\[(\d{1,4}(?:\s*,\s*\d{1,4})*)\]")
_UNFINISHED = re.compile(r"(?<!\s)\s*\[[\d,\s]*$|(?<!\s)\s+$")
_SENTENCES_IN_A_ROW = 3
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
    out to be a marker is held back until it is whole. Only the markers that `renumber` wrote count
    as such afterwards, whatever else in the text may look like one.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._written = 0
        self._marks: list[tuple[int, int, Passage]] = []  # start and end of each in the text

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
        if rest := self._footnotes(held.rstrip()):
            yield rest

    def _footnotes(self, text: str) -> str:
        parts: list[str] = []

        def put(part: str) -> None:
            parts.append(part)
            self._written += len(part)

        position = 0
        for match in _MARKERS.finditer(text):
            put(text[position : match.start()])
            position = match.end()
            for number in match.group(1).split(","):
                if 1 <= int(number) <= len(self._passages):
                    put(" ")
                    start = self._written
                    put(f"[{len(self._marks) + 1}]")
                    self._marks.append((start, self._written, self._passages[int(number) - 1]))
        put(text[position:])
        return "".join(parts)

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
        for start, end, passage in self._marks:
            before = text[position:start]
            position = end
            if len(_WORD.findall(before)) > 1:  # one word is no claim: "[1] and [2]"
                claim = before
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
    `claim` best, the first one of equals; or of the sentence, or the few in a row, that `claim` is
    word for word. Offsets are those of the document."""
    sentences = sentence_spans(passage.text)
    whole = plain(claim)
    for first, (start, _) in enumerate(sentences):
        for _, end in sentences[first : first + _SENTENCES_IN_A_ROW]:
            if plain(passage.text[start:end]) == whole:
                return passage.start + start, passage.start + end, 1.0
    spans = sentence_spans(claim)
    wanted = claim[slice(*spans[-1])] if spans else ""
    best = (passage.start, passage.start, 0.0)
    for start, end in sentences:
        found = support(wanted, passage.text[start:end])
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
        location=source.location_at(start),
        also_in=_also_in(passage.also_in, quote, document),
    )


def _also_in(
    sources: Sequence[Source], quote: str, document: Callable[[str], Document]
) -> tuple[Source, ...]:
    """Those of `sources` that hold `quote` as well, as they are stored now, each with the place
    where it stands there: the first at or after the start of the passage, else the first of all."""
    found = []
    for source in sources:
        try:
            other = document(source.document_id)
        except UnknownDocument:
            continue
        start = other.text.find(quote, source.start)
        if start < 0:
            start = other.text.find(quote)
        if start >= 0:
            page, location = other.page_at(start), other.location_at(start)
            found.append(replace(source, page=page, location=location, start=start))
    return tuple(dict.fromkeys(found))
