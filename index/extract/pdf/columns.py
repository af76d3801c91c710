"""Pure: columns of prose that a PDF draws line by line across the page, put one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from index.extract.pdf.lines import Line, Word
from index.extract.pdf.page import line_of
from index.extract.table_rows import is_figure

_WIDE = 0.8  # font sizes, the least width of what lies between two columns
_STEP = 2.2  # font sizes between two lines of a column
_LEVEL = 0.3  # font sizes by which words on one line may differ
_LEAST_ROWS = 4  # that have words on both sides
_LEAST_WORDS = 4  # of half of the lines of a column; the cells of a table have fewer
_LABELLED = 0.7  # share of the lines of a table beside prose that have a label and more
_ENDS = (".", "!", "?", ":")
_GOING_ON = 0.3  # share of the lines of a column that begin in the midst of a sentence

_Gap = tuple[float, float]  # from where to where there are no words


@dataclass(frozen=True, slots=True)
class _Row:
    """The words on one baseline, from left to right, and the lines that they are drawn in."""

    lines: tuple[Line, ...]
    words: tuple[Word, ...]
    gaps: tuple[_Gap, ...]

    @property
    def size(self) -> float:
        return self.lines[0].size

    def is_across(self, gap: _Gap) -> bool:
        return any(word.left < gap[1] and word.right > gap[0] for word in self.words)


def in_columns(lines: Sequence[Line]) -> list[Line]:
    """`lines` in their order, but where rows of words have a gap in the same place and both sides
    are prose, the left side before the right."""
    rows = _rows(lines)
    found: list[Line] = []
    at = 0
    while at < len(rows):
        for end, gap in _runs(rows, at):
            sides = _sides(rows[at:end], gap)
            if sides and (all(map(_is_prose, sides)) or _is_table_beside(sides)):
                rest = _rest(rows, end, sides[0]) if not _is_prose(sides[1]) else []
                left, right = map(in_columns, sides)
                found += left + [line for row in rest for line in row.lines] + right
                at = end + len(rest)
                break
        else:
            found += rows[at].lines
            at += 1
    return found


def _rows(lines: Sequence[Line]) -> list[_Row]:
    """Lines that follow each other on one baseline as one row."""
    groups: list[list[Line]] = []
    for line in lines:
        above = groups[-1][-1] if groups else None
        level = above and abs(above.baseline - line.baseline) < _LEVEL * line.size
        if above and level and line.left >= above.right:
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_row(group) for group in groups]


def _row(lines: Sequence[Line]) -> _Row:
    words = sorted((word for line in lines for word in line.words), key=lambda word: word.left)
    gaps = (
        (one.right, other.left)
        for one, other in pairwise(words)
        if other.left - one.right >= _WIDE * lines[0].size
    )
    return _Row(tuple(lines), tuple(words), tuple(gaps))


def _runs(rows: Sequence[_Row], start: int) -> list[tuple[int, _Gap]]:
    """For each gap of the row at `start` where the rows end that go on from it and have the gap in
    common, and what is left of it; the one that most rows share first."""
    found = []
    for first in rows[start].gaps:
        gap, end = first, start + 1
        while end < len(rows) and _follows(rows[end - 1], rows[end]):
            shared = _shared(rows[end], gap)
            if shared is None:
                break
            gap, end = shared, end + 1
        found.append((end, gap))
    return sorted(found, key=lambda run: -run[0])


def _rest(rows: Sequence[_Row], start: int, lines: Sequence[Line]) -> Sequence[_Row]:
    """The rows below a table at the right of `lines` that go on with their last sentence."""
    end, last = start, lines[-1].text
    while end < len(rows) and not last.endswith(_ENDS) and _follows(rows[end - 1], rows[end]):
        last = rows[end].lines[-1].text
        end += 1
    return rows[start:end]


def _follows(above: _Row, row: _Row) -> bool:
    step = above.lines[0].baseline - row.lines[0].baseline
    return 0 < step < _STEP * max(above.size, row.size)


def _shared(row: _Row, gap: _Gap) -> _Gap | None:
    """What is left of `gap` in `row`; None where too little is."""
    if not row.is_across(gap):
        return gap
    parts = [(max(gap[0], one[0]), min(gap[1], one[1])) for one in row.gaps]
    left, right = max(parts, key=lambda part: part[1] - part[0], default=(0.0, 0.0))
    return (left, right) if right - left >= _WIDE * row.size else None


def _sides(rows: Sequence[_Row], gap: _Gap) -> tuple[list[Line], list[Line]] | None:
    """The lines left and right of `gap`; None where too few rows have both."""
    parts = [
        (
            [word for word in row.words if word.right <= gap[0]],
            [word for word in row.words if word.left >= gap[1]],
        )
        for row in rows
    ]
    if sum(bool(left and right) for left, right in parts) < _LEAST_ROWS:
        return None
    left, right = ([line_of(side) for side in sides if side] for sides in zip(*parts, strict=True))
    return left, right


def _is_prose(lines: Sequence[Line]) -> bool:
    going_on = sum(line.text[:1].islower() for line in lines)
    words = median(len(line.words) for line in lines)
    return words >= _LEAST_WORDS and going_on >= _GOING_ON * len(lines)


def _is_table_beside(sides: Sequence[Sequence[Line]]) -> bool:
    """Whether one side is prose and the other a table with labels of its own; else the prose would
    be what the labels of one table say."""
    for prose, other in (sides, sides[::-1]):
        labels = [line for line in other if _is_labelled(line)]
        if len(labels) < _LEAST_ROWS or len(labels) < _LABELLED * len(other):
            continue
        heights = [line.baseline for line in other]
        beside = [
            line
            for line in prose
            if any(abs(line.baseline - height) < _LEVEL * line.size for height in heights)
        ]
        if len(beside) >= _LEAST_ROWS and _is_prose(beside) and _is_prose(prose):
            return True
    return False


def _is_labelled(line: Line) -> bool:
    """Whether `line` is a row: a word or a few, and then what stands apart from them."""
    apart = [other.left - one.right >= _WIDE * line.size for one, other in pairwise(line.words)]
    return any(apart) and not is_figure(line.words[0].text)
