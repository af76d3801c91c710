"""Pure: what a PDF page is written as, block by block: paragraphs out of lines, the notes at its
foot and what is said once in its margins where they break no sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

from index.extract.pdf.headings import Title
from index.extract.pdf.lines import HYPHEN, Line, goes_on, joined
from index.extract.pdf.tables import Table

_SMALL = 0.92  # of the usual size of letters; notes are smaller
_MARK = re.compile(r"(?:\(?[a-z\d]{1,2}\)|\[\d{1,3}\]|\d{1,3}\.?|[*†‡§]+|[⁰¹²³⁴-⁹]+)\s*[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Aside:
    """Words that belong to a page and not to its running text."""

    text: str


Block = str | Aside | Table | Title


def blocks_of(page: Sequence[Line | Table | Title]) -> list[Block]:
    """The page with its lines joined to paragraphs, and its notes apart from them."""
    sizes = [item.size for item in page if isinstance(item, Line) for _ in item.text]
    usual = median(sizes) if sizes else 0.0
    found: list[Block] = []
    note = 0  # which of the notes so far a line belongs to; 0 for none
    lines: list[tuple[Line, int]] = []
    for item in page:
        if isinstance(item, Line):
            if item.size >= _SMALL * usual:
                note = 0
            elif _MARK.match(item.text):
                note = len(lines) + 1
            lines.append((item, note))
            continue
        found += _paragraphs(lines)
        lines.clear()
        note = 0
        found.append(item)
    found += _paragraphs(lines)
    return found


def _paragraphs(lines: Iterable[tuple[Line, int]]) -> Iterator[str | Aside]:
    for noted, run in groupby(lines, key=lambda pair: pair[1]):
        text = "".join(separator + text for separator, text in joined([line for line, _ in run]))
        for paragraph in text.split("\n\n"):
            yield Aside(paragraph) if noted else paragraph


def unbroken(pages: Sequence[Sequence[Block]]) -> list[list[Block]]:
    """`pages` with what stands aside put before the paragraph that it would break: one that goes
    on behind it, on the page or on the next."""
    found = []
    for number, page in enumerate(pages):
        blocks: list[Block] = []
        for block in page:
            at, above = _body(blocks)
            if above and isinstance(block, str) and goes_on(above, block):
                del blocks[at]
                block = above + ("" if above.endswith(HYPHEN) else " ") + block
            blocks.append(block)
        at, above = _body(blocks)
        following = pages[number + 1][:1] if number + 1 < len(pages) else ()
        if above and any(isinstance(one, str) and goes_on(above, one) for one in following):
            blocks.append(blocks.pop(at))
        found.append(blocks)
    return found


def _body(blocks: Sequence[Block]) -> tuple[int, str]:
    """The last paragraph, where nothing but what stands aside is behind it, and its place; "" where
    there is none."""
    for at in reversed(range(len(blocks))):
        block = blocks[at]
        if not isinstance(block, Aside):
            return at, block if isinstance(block, str) and at + 1 < len(blocks) else ""
    return 0, ""
