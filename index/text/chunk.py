"""Cuts a document into chunks: whole sentences up to a budget of tokens, with overlap."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

from index.document import Chunk, Document
from index.text.captions import Caption, captions_in
from index.text.embedded_text import context_of, without_figures
from index.text.sentences import sentence_spans

TokenCounter = Callable[[Sequence[str]], list[int]]

_ROW_SHARE = 2  # a row of a table costs at least this part of its tokens
_SPECIAL_TOKENS = 4  # what an embedder sets around and between context and text
_MOST_CHARACTERS = 64  # of a token; a word that a tokenizer doesn't know is one, however long it is
_COUNTED_AT_ONCE = 4096  # texts
_COUNTED_CHARACTERS = 200_000
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Chunking:
    """At most `max_tokens` in a chunk's text and context; up to `overlap` tokens of whole
    sentences are repeated at the start of the next chunk of the same section."""

    max_tokens: int = 200
    overlap: int = 40


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, or part of one that is longer than the budget; `caption` are the tokens of that
    of the table which it is amid."""

    start: int
    end: int
    tokens: int
    caption: int = 0


def chunk(document: Document, count_tokens: TokenCounter, chunking: Chunking) -> list[Chunk]:
    """The chunks of `document` in reading order.

    Every chunk is made of whole sentences of one section (the text between two headings) that
    begin on one page, except that a sentence over the budget is cut between words. Every character
    that is not whitespace lies in at least one chunk. One that begins amid a table has its caption
    for its innermost heading. Of a document only a stretch is counted at a
    time, for a tokenizer takes hundreds of bytes for each token.
    """
    chunks = []
    for start, end, heading in _sections(document):
        tables = captions_in(document.text, start, end)
        context = context_of(document.title, heading)
        used = count_tokens([context])[0] if context else 0
        budget = max(chunking.max_tokens - used - _SPECIAL_TOKENS, chunking.max_tokens // 2)
        spans = [(start + a, start + b) for a, b in sentence_spans(document.text[start:end])]
        pieces = list(_pieces(document.text, spans, count_tokens, budget))
        if tables:
            paths = [context_of(document.title, _under(heading, table)) for table in tables]
            captions = [max(tokens - used, 0) for tokens in count_tokens(paths)]
            pieces = [_with_caption(piece, tables, captions) for piece in pieces]
        overlap = min(chunking.overlap, budget // 2)
        for _, run in groupby(pieces, key=lambda piece: document.page_at(piece.start)):
            page = list(run)
            for first, last in _pack(page, budget, overlap):
                begin = page[first].start
                amid = _around(begin, tables)
                path = heading if amid is None else _under(heading, tables[amid])
                chunks.append(Chunk(document.id, begin, page[last].end, path))
    return chunks


def _around(place: int, tables: Sequence[Caption]) -> int | None:
    """Which of `tables`, in their order, `place` is amid; None in none."""
    before = bisect_left(tables, place, key=attrgetter("start")) - 1
    return before if before >= 0 and place < tables[before].end else None


def _with_caption(piece: _Piece, tables: Sequence[Caption], tokens: Sequence[int]) -> _Piece:
    amid = _around(piece.start, tables)
    return piece if amid is None else replace(piece, caption=tokens[amid])


def _under(heading: str, table: Caption) -> str:
    """The path of what is amid `table`, under `heading`."""
    if heading.endswith(table.text):
        return heading
    return f"{heading} › {table.text}" if heading else table.text


def _sections(document: Document) -> Iterator[tuple[int, int, str]]:
    """(start, end, heading path) of each stretch between headings; a section begins with its
    own heading, whose words are part of the path of what follows, not of its own. A heading that
    nothing but another one follows belongs to the next stretch."""
    starts = [0, *(heading.start for heading in document.headings)]
    ends = [*starts[1:], len(document.text)]
    path: list[tuple[int, str]] = []
    waiting: int | None = None  # where the headings begin that nothing has followed yet
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if number:
            heading = document.headings[number - 1]
            path = [above for above in path if above[0] < heading.level]
            path.append((heading.level, document.text[heading.start : heading.end]))
        titles = [words for _, words in path if words != document.title]
        bare = number and not document.text[heading.end : end].strip()
        if bare and number < len(document.headings):
            waiting = start if waiting is None else waiting
        elif document.text[start:end].strip():
            yield start if waiting is None else waiting, end, " › ".join(titles)
            waiting = None


def _pieces(
    text: str, spans: Sequence[tuple[int, int]], count_tokens: TokenCounter, budget: int
) -> Iterator[_Piece]:
    longest = budget * _MOST_CHARACTERS
    for some in _stretches(spans):
        short = [text[start:end] for start, end in some if end - start <= longest]
        costs = iter(_costs(short, count_tokens))
        for start, end in some:
            tokens = next(costs) if end - start <= longest else budget + 1
            if tokens <= budget:
                yield _Piece(start, end, tokens)
            else:
                yield from _cut(text, start, end, count_tokens, budget)


def _stretches(spans: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """`spans`, as many at a time as are counted at once."""
    some: list[tuple[int, int]] = []
    characters = 0
    for start, end in spans:
        some.append((start, end))
        characters += end - start
        if len(some) == _COUNTED_AT_ONCE or characters >= _COUNTED_CHARACTERS:
            yield some
            some, characters = [], 0
    if some:
        yield some


def _costs(texts: Sequence[str], count_tokens: TokenCounter) -> list[int]:
    """The tokens of each text, and no fewer than make it up. Of the row of a table the figures,
    which are not embedded, count a part."""
    whole = count_tokens(texts)
    words = count_tokens([without_figures(text) for text in texts])
    return [
        max(some, all_ // _ROW_SHARE, len(text) // _MOST_CHARACTERS)
        for text, some, all_ in zip(texts, words, whole, strict=True)
    ]


def _cut(
    text: str, start: int, end: int, count_tokens: TokenCounter, budget: int
) -> Iterator[_Piece]:
    """Parts of one long sentence: cut between words, and within a word that is itself too long
    (a run of one script without spaces, an encoded attachment)."""
    first = last = -1
    total = 0
    for some in _stretches(_words(text, start, end, budget)):
        counts = count_tokens([text[a:b] for a, b in some])
        for (word_start, word_end), counted in zip(some, counts, strict=True):
            tokens = max(counted, (word_end - word_start) // _MOST_CHARACTERS)
            if total and total + tokens > budget:
                yield _Piece(first, last, total)
                first, total = -1, 0
            first = word_start if first < 0 else first
            total += tokens
            last = word_end
    yield _Piece(first, last, total)


def _words(text: str, start: int, end: int, budget: int) -> Iterator[tuple[int, int]]:
    """The words, of which long ones are cut: a tokenizer makes at most about one token of a
    character; most make far fewer."""
    for word in _WORD.finditer(text, start, end):
        for cut in range(word.start(), word.end(), budget):
            yield cut, min(cut + budget, word.end())


def _pack(pieces: Sequence[_Piece], budget: int, overlap: int) -> Iterator[tuple[int, int]]:
    """(first, last) indices of the pieces of each chunk; each chunk ends later than the one
    before it."""
    first, total = 0, pieces[0].caption if pieces else 0
    for last, piece in enumerate(pieces):
        if total + piece.tokens > budget and last > first:
            yield first, last - 1
            total = piece.caption
            repeated = last
            while repeated > first + 1:
                tokens = pieces[repeated - 1].tokens
                if total + tokens > overlap or total + tokens + piece.tokens > budget:
                    break
                total += tokens
                repeated -= 1
            first = repeated
        total += piece.tokens
    if pieces:
        yield first, len(pieces) - 1
