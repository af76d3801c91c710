"""Pure: the words of a chunk that an embedder should see."""

from __future__ import annotations

import re
from textwrap import shorten

_CONTEXT_CHARACTERS = 100  # of the title, and of the heading path
_GAP = " | "
_FIGURE = re.compile(r"[(+\-–—−$€£¥\s]*\d[\d.,’'\s]*[)%x\s]*|[$€£¥]?\s*[-–—−]+\s*%?")

_UNIT = re.compile(  # `in EUR thousand`
    r"(?=[^\d:]{1,80}$).*(?:\b(?:thousands?|millions?|billions?|EUR|USD|GBP|CHF|TEUR)\b|[$€£¥]).*",
    re.IGNORECASE,
)


def embedded(title: str, heading: str, text: str) -> str:
    """What is embedded of a chunk: its context, and its words without the figures of tables, in
    which an embedder of sentences sees nothing; of the headings and units that every row repeats,
    each once."""
    return f"{context_of(title, heading)}\n{without_figures(text)}"


def context_of(title: str, heading: str) -> str:
    """What is embedded in front of a chunk's text: the title and the heading path. Long ones are
    cut between words, so that they leave room for the text: of the path the end is kept."""
    title = shorten(title, _CONTEXT_CHARACTERS, placeholder="…")
    heading = shorten(heading[::-1], _CONTEXT_CHARACTERS, placeholder="…")[::-1]
    return " › ".join(part for part in (title, heading) if part)


def without_figures(text: str) -> str:
    """`text` with the rows of tables (`Net sales | 2022: 34 | 2021: 35`) brought to their words."""
    if _GAP not in text:
        return text
    seen: set[str] = set()
    lines = []
    for line in text.split("\n"):
        if _GAP in line:
            line = _GAP.join(filter(None, (_words(cell, seen) for cell in line.split(_GAP))))
        lines.append(line)
    return "\n".join(filter(None, lines))


def _words(cell: str, seen: set[str]) -> str:
    if _FIGURE.fullmatch(cell):
        return ""
    head, _, value = cell.rpartition(": ")
    if not head and _UNIT.fullmatch(cell):
        head = cell
    elif not head or not _FIGURE.fullmatch(value):
        return cell
    if head in seen:
        return ""
    seen.add(head)
    return head
