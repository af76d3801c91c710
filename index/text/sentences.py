"""Where the sentences of a text begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_ITEM = re.compile(
    r"[ \t]*(?:[-*•‣▪–]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]|§+ ?\d[\d.]*"
    r"|\d{1,3}(?:\.\d{1,3})+\.?)[ \t]"
)
_ENDS = re.compile(r"(?<=[。！？｡।॥؟۔])[」』”’）】》\"')\]]*(?=\s*\S)")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """The sentences of `text` in order, as (start, end) offsets without surrounding whitespace.

    They do not overlap, and together they hold every character that is not whitespace. A sentence
    may run over a line break, but never over a blank line, into an item of a list, or into or out
    of a row of a table. Boundaries come from nupunkt's Punkt model (Kiss and Strunk, 2006).
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


def _cut(block: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """`spans`, cut also at the ends that Chinese, Japanese, Hindi and Arabic sentences have."""
    for start, end in spans:
        for found in _ENDS.finditer(block, start, end):
            if found.end() < end:
                yield start, found.end()
                start = found.end()
        yield start, end


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Runs of lines that a sentence may cross; together they are the whole text."""
    start = position = 0
    after_row = False
    for line in text.splitlines(keepends=True):
        row = "\t" in line or " | " in line
        if position > start and (not line.strip() or row or after_row or _ITEM.match(line)):
            yield start, position
            start = position
        after_row = row
        position += len(line)
    if position > start:
        yield start, position
