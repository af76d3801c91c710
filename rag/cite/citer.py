"""Text with footnotes to verified citations, and to sentences with what supports them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from index.embed.embedder import Embedder
from index.errors import UnknownDocument
from index.records import Excerpt
from index.text.content_words import content_words
from index.text.sentences import is_row
from rag.answer import Citation, Passage, Sentence, Source, Stretch
from rag.cite.attribution import attributed, seen
from rag.cite.claims import Claim, claims, said_again
from rag.cite.column_heads import ABOVE, heads_above
from rag.cite.markers import Footnotes
from rag.cite.quotes import Quote, Quotes, is_verbatim, verbatim
from rag.cite.render import render
from rag.cite.support import Support
from rag.facts.facts import missing, sources

_MAY_BE_LOST = 0.05  # of a sentence's score, that those before it lean on the same quote
_MOST_LEADING = 2  # sentences without a footnote that lean on the next one's


@dataclass(frozen=True, slots=True)
class Cited:
    """An answer's text with markers `[1]`, `[2]`, … in order, the citation of each, its sentences,
    how many citations were withheld because their quote is not in the document or shares no word
    with what cites it, and how many markers named no passage."""

    text: str
    citations: tuple[Citation, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    withheld: int = 0
    removed: int = 0

    @property
    def supported(self) -> bool:
        """Whether any of its sentences is."""
        return any(sentence.supported for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class _Note:
    """A footnote: the number of the claim that gives it, and of those before it that lean on it;
    the words that it stands for; its passage; the quote, where that is all of it word for word."""

    claim: int
    leading: tuple[int, ...]
    words: str
    passage: Passage
    exact: Quote | None


@dataclass(frozen=True, slots=True)
class _Weighed:
    """The claims of a text; the support of each, with the footnotes that give it; and what the
    footnotes cite that stand, by index."""

    said: Sequence[Claim]
    found: Sequence[tuple[float, tuple[int, ...]]]
    citations: Mapping[int, Citation]


class Quotable(Protocol):
    """The stored documents that quotes are checked against; an `Index` is one. Both raise
    `UnknownDocument`."""

    def quote(self, document_id: str, start: int, end: int) -> Excerpt: ...

    def locate(self, document_id: str, text: str, start: int) -> Excerpt | None: ...


class Citer:
    """Resolves footnotes, with quotes of what is `stored`. May be used by many threads."""

    def __init__(self, stored: Quotable, embedder: Embedder, support: Support) -> None:
        self._stored = stored
        self._embedder = embedder
        self._support = support

    def cite(
        self,
        footnotes: Footnotes,
        passages: Sequence[Passage],
        *,
        strict: bool = False,
        attribute: bool = False,
    ) -> Cited:
        """The text of `footnotes`, written from `passages`, with the citation of each footnote and
        the support of each sentence; `strict` leaves out sentences that nothing supports;
        `attribute`, for what a model wrote, first gives a footnote to those that have none that
        stands, where a passage bears them out, and leaves out what is said again.

        The quote of a footnote is the sentence of its passage (or up to three in a row) that
        supports best the sentence it stands in or after, and those before in the same line that
        have none. It is checked against the text of the document, as it is stored now, character
        by character. A sentence is supported when its score reaches the threshold, which it can't
        where a number, date or name of it occurs in nothing that it cites. What is word for word
        scores 1; where all is, nothing is embedded.
        """
        weighed = self._weighed(footnotes, passages)
        withheld = len(footnotes.marks) - len(weighed.citations)
        if attribute and (added := self._sources(weighed, passages)):
            footnotes, new = footnotes.with_marks(added)
            weighed = self._weighed(footnotes, passages, new)
        said, found, citations = weighed.said, weighed.found, weighed.citations
        marks = [(mark.start, mark.end) for mark in footnotes.marks]
        cited = [
            frozenset(footnotes.marks[mark].passage.chunk_id for mark in claim.marks)
            for claim in said
        ]
        rendered = render(
            footnotes.text,
            marks,
            [(claim.start, claim.end) for claim in said],
            kept=[mark in citations for mark in range(len(marks))],
            dropped=[
                (again and attribute) or (strict and score < self._support.threshold)
                for again, (score, _) in zip(said_again(said, cited), found, strict=True)
            ],
        )
        return Cited(
            rendered.text,
            tuple(replace(citations[m], number=n) for m, n in rendered.numbers.items()),
            tuple(
                Sentence(
                    rendered.text[slice(*place)],
                    tuple(rendered.numbers[mark] for mark in on if mark in rendered.numbers),
                    round(score, 4),
                    score >= self._support.threshold,
                )
                for (score, on), place in zip(found, rendered.claims, strict=True)
                if place
            ),
            withheld,
            footnotes.removed,
        )

    def _sources(self, weighed: _Weighed, passages: Sequence[Passage]) -> list[tuple[int, Passage]]:
        """Where to put a footnote, and to which passage, for the claims that nothing supports and
        that have no footnote that stands."""
        bare = [
            claim
            for claim, (score, _) in zip(weighed.said, weighed.found, strict=True)
            if score < self._support.threshold
            and not any(mark in weighed.citations for mark in claim.marks)
        ]
        texts = [claim.text for claim in bare]
        found = attributed(texts, passages, self._embedder, self._support)
        return [(claim.end, passage) for claim, passage in zip(bare, found, strict=True) if passage]

    def _weighed(
        self,
        footnotes: Footnotes,
        passages: Sequence[Passage],
        added: frozenset[int] = frozenset(),
    ) -> _Weighed:
        """What `footnotes` claim and cite; those `added` are of our own finding."""
        marks = [(mark.start, mark.end) for mark in footnotes.marks]
        said = claims(footnotes.text, marks)
        notes = _notes(said, footnotes)
        weigher = self._weigher(said, notes, passages)
        quotes = {mark: self._quote(said, note, weigher) for mark, note in notes.items()}
        citations = {
            mark: replace(citation, attributed=mark in added)
            for mark, quote in quotes.items()
            if quote and (citation := self._verified(notes[mark], quote, weigher))
        }
        found: list[tuple[float, tuple[int, ...]]] = []
        for number, claim in enumerate(said):
            on = [m for m, note in notes.items() if number in (note.claim, *note.leading)]
            leant = {m: quote for m in on if m in citations and (quote := quotes[m])}
            score = self._score(claim.text, len(on), leant, notes, weigher)
            leads = not claim.marks and score < self._support.threshold
            found.append((score, () if leads else tuple(leant)))
        return _Weighed(said, found, citations)

    def _weigher(
        self, said: Sequence[Claim], notes: Mapping[int, _Note], passages: Sequence[Passage]
    ) -> Quotes | None:
        """What weighs those claims that are not word for word; None where all are."""
        open_claims = {note.claim for note in notes.values() if note.exact is None}
        if not open_claims:
            return None
        concerned = [note for note in notes.values() if note.claim in open_claims]
        numbers = sorted({n for note in concerned for n in (note.claim, *note.leading)})
        texts = [*(said[n].text for n in numbers), *(note.words for note in concerned)]
        cited = [note.passage for note in concerned]
        return Quotes(texts, cited, passages, self._embedder, self._support)

    def _quote(self, said: Sequence[Claim], note: _Note, weigher: Quotes | None) -> Quote | None:
        if note.exact or weigher is None:
            return note.exact
        own = weigher.best([note.words], note.passage)
        both = weigher.best([*(said[n].text for n in note.leading), note.words], note.passage)
        if not own or not both:
            return None
        lost = weigher.score(note.words, [own]) - weigher.score(note.words, [both])
        return both if lost <= _MAY_BE_LOST else own

    def _verified(self, note: _Note, quote: Quote, weigher: Quotes | None) -> Citation | None:
        """The citation of `quote`, not numbered yet; None when it is not in the document or has
        nothing to do with what cites it."""
        support = 1.0
        if note.exact is None and weigher is not None:
            absent = missing(note.words, sources(seen(note.passage)))
            support = self._support.capped(weigher.score(note.words, [quote]), bool(absent))
            shared = set(content_words(note.words)) & set(content_words(quote.text))
            if not shared and support < self._support.threshold:
                return None
        passage = note.passage
        start, end = passage.start + quote.start, passage.start + quote.end
        try:
            found = self._stored.quote(passage.document_id, start, end)
        except UnknownDocument:
            return None
        if found.text != quote.text:
            return None
        return Citation(
            number=0,
            document_id=found.document_id,
            uri=found.uri,
            title=found.title,
            page=found.page,
            location=found.location,
            also_in=_also_in(passage.also_in, quote.text, self._stored),
            start=start,
            end=end,
            quote=quote.text,
            support=round(support, 4),
            column_heads=self._heads(passage.document_id, start, quote.text),
        )

    def _heads(self, document_id: str, start: int, quote: str) -> Stretch | None:
        """The heads of the columns of the row `quote`, which begins at `start`, as stored now."""
        if not is_row(quote):
            return None
        from_ = max(start - ABOVE, 0)
        try:
            before = self._stored.quote(document_id, from_, start).text
        except UnknownDocument:
            return None
        found = heads_above(before, quote)
        if found is None:
            return None
        first, last = found
        return Stretch(from_ + first, from_ + last, before[first:last])

    def _score(
        self,
        text: str,
        footnotes: int,
        quotes: Mapping[int, Quote],
        notes: Mapping[int, _Note],
        weigher: Quotes | None,
    ) -> float:
        """The support of a claim that gives so many `footnotes`, by the quotes of those that were
        verified, one alone or all together."""
        exact = [mark for mark in quotes if notes[mark].exact]
        if quotes and len(exact) == footnotes:
            return 1.0
        if any(is_verbatim(text, quote.text) for quote in quotes.values()):
            return 1.0
        if not quotes or weigher is None:
            return 0.0
        each = [[quote] for quote in quotes.values()]
        score = max(weigher.score(text, some) for some in [*each, list(quotes.values())])
        cited = [each for mark in quotes for each in seen(notes[mark].passage)]
        return self._support.capped(score, bool(missing(text, sources(cited))))


def _notes(said: Sequence[Claim], footnotes: Footnotes) -> dict[int, _Note]:
    """The footnotes that belong to a claim, by index."""
    notes = {}
    for number, claim in enumerate(said):
        leading: tuple[int, ...] = ()
        for before in range(number - 1, number - 1 - _MOST_LEADING, -1):
            if before < 0 or not said[before + 1].follows or said[before].marks:
                break
            leading = (before, *leading)
        for mark, words in zip(claim.marks, claim.parts, strict=True):
            passage = footnotes.marks[mark].passage
            whole = " ".join([*(said[n].text for n in leading), words])
            notes[mark] = _Note(number, leading, words, passage, verbatim(whole, passage))
    return notes


def _also_in(sources: Sequence[Source], quote: str, stored: Quotable) -> tuple[Source, ...]:
    """Those of `sources` that hold `quote` as well, as they are stored now, each with the place
    where it stands there: the first at or after the start of the passage, else the first of all."""
    found = []
    for source in sources:
        try:
            other = stored.locate(source.document_id, quote, source.start)
        except UnknownDocument:
            continue
        if other is not None:
            page, location = other.page, other.location
            found.append(replace(source, page=page, location=location, start=other.start))
    return tuple(dict.fromkeys(found))
