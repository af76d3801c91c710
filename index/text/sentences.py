"""Where the sentences of a text begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

_ITEM = re.compile(
    r"[ \t]*(?:[-*•‣▪–]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]|§+ ?\d[\d.]*"
    r"|\d{1,3}(?:\.\d{1,3})+\.?)[ \t]"
    r"|\s*(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[）)](?=[\u3400-\u9fff])"
    r"|第[一二三四五六七八九十百\d]{1,4}[条條章节節])"
)
_ROW = re.compile(r"\t| \| |[^\s.!?:;]  {2,}\S")  # with cells; three blanks and more divide two
_LABEL = re.compile(  # a key with its value, a speaker, a time: "Date: …", "Q: …", "[09:41] …"
    r"[ \t>]*(?:[A-Z][^\s:]*(?: [^\s:]+){0,3}:\s|\[?(?:\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2})\b)"
)
_KEY = re.compile(r"[ \t]*(?:- )?[A-Za-z][\w.-]*(?: [\w.-]+){0,2}:(?:\s|$)")  # of YAML
_UNWRAPPED, _SHORT = 60, 40  # characters; a line that was wrapped is longer
_ENDED = re.compile(r"[.!?;]['\"”’)\]]*\s*$")
_THAI = "\u0e01-\u0e3a\u0e40-\u0e5b"
_PARTS = re.compile(rf"(?<=\S)[ \t]+(?=[{_THAI}](?:[^\s]{{9}}))")
_THAI_SIGN = re.compile(f"[{_THAI}]")
_THAI_STOP = re.compile(rf"[{_THAI}]\.\s*$")
_LEAST_PART = 10  # signs; a shorter one is a name or a number, and goes on
_ENDS = re.compile(r"(?:(?<=[。！？｡।॥؟۔።։។။])|(?<=．)(?![\d０-９]))[」』”’）】》\"')\]]*(?=\s*\S)")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """The sentences of `text` in order, as (start, end) offsets without surrounding whitespace.

    They do not overlap, and together they hold every character that is not whitespace. A sentence
    may run over a line break, but never over a blank line, between short lines that each begin
    anew, into an item of a list or a numbered clause, from one labelled line into the next, or into
    or out of a line in capitals, a rule, or a row of a table, be its cells only set apart by
    blanks. Boundaries come from nupunkt's Punkt model (Kiss and Strunk, 2006).
    """
    from nupunkt import sent_spans

    found = []
    for block_start, block_end in _blocks(text):
        block = text[block_start:block_end]
        for start, end in _cut(block, sent_spans(block)):
            stripped = block[start:end].strip()
            if stripped:
                first = block_start + block.index(stripped, start)
                found.append((first, first + len(stripped)))
    return found


def is_row(text: str) -> bool:
    """Whether `text` is the row of a table: cells between tabs, bars or wide blanks."""
    return _ROW.search(text) is not None


def _cut(block: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """`spans`, cut also at the ends that Chinese, Japanese, Hindi and Arabic sentences have, and
    at the blanks between those of Thai, which have none."""
    for start, end in _joined(block, spans):
        for found in _ENDS.finditer(block, start, end):
            if found.end() < end:
                yield from _thai(block, start, found.end())
                start = found.end()
        yield from _thai(block, start, end)


def _joined(block: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """`spans` without those cuts that follow a full stop in Thai, which only abbreviations have."""
    begun: int | None = None
    last = 0
    for start, end in spans:
        if begun is None:
            begun = start
        elif not _THAI_STOP.search(block, max(begun, last - 4), last):
            yield begun, last
            begun = start
        last = end
    if begun is not None:
        yield begun, last


def _thai(block: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the parts of Thai between `start` and `end` are: it has blanks between sentences, and
    none between words; names and numbers have some, which are short."""
    for found in _PARTS.finditer(block, start, end):
        if found.start() - start >= _LEAST_PART and _THAI_SIGN.search(block, start, found.start()):
            yield start, found.end()
            start = found.end()
    yield start, end


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Runs of lines that a sentence may cross; together they are the whole text."""
    start = position = 0
    before = ""
    for worded, run in groupby(text.splitlines(keepends=True), key=lambda line: line.strip() > ""):
        lines = list(run)
        listed = worded and _listed(lines)
        for line in lines:
            if position > start and (listed or _divides(before, line)):
                yield start, position
                start = position
            before = line
            position += len(line)
    if position > start:
        yield start, position


def _listed(lines: Sequence[str]) -> bool:
    """Whether each line stands for itself: none is long enough to have been wrapped, and none goes
    on in lower case."""
    bare = [line.strip() for line in lines]
    most = _UNWRAPPED if len(bare) > 2 else _SHORT
    opened = all(line[0].isupper() or not line[0].isalpha() for line in bare)
    return len(bare) > 1 and opened and all(len(line) < most for line in bare[:-1])


def _divides(before: str, line: str) -> bool:
    """Whether no sentence runs from the line `before` into `line`."""
    if not line.strip() or _ITEM.match(line) or _alone(before) or _alone(line):
        return True
    if _KEY.match(line) and _KEY.match(before):
        return True
    return bool(_LABEL.match(line)) and bool(_LABEL.match(before) or _ENDED.search(before))


def _alone(line: str) -> bool:
    """Whether `line` is no part of running text: a row, a heading in capitals, a rule."""
    bare = line.strip()
    capitals = bare.isupper() and len(bare) > 3 and not _ENDED.search(bare)
    rule = bool(bare) and not any(map(str.isalnum, bare))
    return capitals or rule or is_row(line)
