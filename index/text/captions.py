"""Pure: what stands over the tables in a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from index.text.sentences import is_row

_LONGEST = 90  # characters of a caption; a longer line is a paragraph
_LEAST_ROWS = 3
_NUMBERED = ("table", "tab.", "tabelle", "tableau", "schedule", "exhibit")


@dataclass(frozen=True, slots=True)
class Caption:
    """`text` stands over the rows from `start` to `end`."""

    start: int
    end: int
    text: str


def captions_in(text: str, start: int, end: int) -> list[Caption]:
    """The captions of the tables in `text[start:end]`: a short line that is no sentence, over three
    rows or more."""
    found = []
    above, begin, count, place = "", start, 0, start
    for place, line in [*_lines(text, start, end), (end, "")]:
        if is_row(line):
            begin = begin if count else place
            count += 1
            continue
        if count >= _LEAST_ROWS and _is_caption(above):
            found.append(Caption(begin, place, above))
        above = line.strip() or ("" if count else above)
        count = 0
    return found


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    at = start
    for line in text[start:end].split("\n"):
        yield at, line
        at += len(line) + 1


def _is_caption(line: str) -> bool:
    numbered = line.lower().startswith(_NUMBERED)
    return 0 < len(line) <= _LONGEST and (numbered or line[-1] not in ".!?;,")
