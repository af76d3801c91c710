"""Pure: which headings stand over which columns of a table on a PDF page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from index.pdf_rows import Cell

_YEARS = re.compile(r"\b(?:19|20)\d\d\b")
_CENTRED = (
    0.35  # of a column's pitch; a heading over several columns may be so far off their middle
)

_ASIDE = 4  # font sizes that a heading may stand beside the figures that are under it


@dataclass(frozen=True, slots=True)
class Column:
    """Where the figures of a column stand, in points from the page's left edge."""

    left: float
    right: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    def distance(self, cell: Cell) -> float:
        """Points between the column and `cell`; 0 where they overlap."""
        return max(cell.first - self.right, self.left - cell.last, 0.0)


def heads_of(cells: Sequence[Cell], columns: Sequence[Column]) -> list[str]:
    """The heading of each column: of every line of headings from the top down what stands over
    it. A heading may reach over several columns when it stands over their middle; one that
    reaches over all is left out unless it names a year, as is a unit over other headings."""
    heads: list[list[str]] = [[] for _ in columns]
    levels = levels_of(cells)
    for depth, level in enumerate(levels):
        below = levels[depth + 1 :]
        if len(level) == 1 < len(levels) and re.fullmatch(r"\(.*\)", level[0].text):
            continue
        for cell, over in zip(level, _spread(level, columns, below), strict=True):
            if below and len(over) == len(columns) > 1 and not _YEARS.search(cell.text):
                continue
            for at in over:
                heads[at].append(cell.text)
    return [" ".join(words).rstrip(": ") for words in heads]


def levels_of(cells: Sequence[Cell]) -> list[list[Cell]]:
    """The lines that `cells` stand on, from the top down, each from left to right."""
    rest = sorted(cells, key=lambda cell: -cell.baseline)
    levels = []
    while rest:
        level = [cell for cell in rest if rest[0].baseline - cell.baseline < 0.4 * cell.size]
        rest = rest[len(level) :]
        levels.append(sorted(level, key=lambda cell: cell.left))
    return levels


def _spread(
    cells: Sequence[Cell], columns: Sequence[Column], below: Sequence[Sequence[Cell]]
) -> list[list[int]]:
    """The columns under each of `cells`, which stand on one line."""
    centres = _centres(columns, below)
    groups: list[list[int]] = [[] for _ in cells]
    for at, centre in enumerate(centres):
        nearest = min(range(len(cells)), key=lambda c: abs(_middle(cells[c]) - centre))
        groups[nearest].append(at)
    pairs = list(zip(cells, groups, strict=True))
    if all(group and _is_over(cell, group, columns, centres) for cell, group in pairs):
        alone = len(cells) == 1 < len(columns)
        if not (alone and any(_is_wrapped(cells[0], cell) for cell in (below or [[]])[0])):
            return groups
    return [_under(cell, columns) for cell in cells]


def _centres(columns: Sequence[Column], below: Sequence[Sequence[Cell]]) -> list[float]:
    """The middle of each column: that of its own heading where each has one, for figures stand at
    the right of theirs."""
    for level in below:
        if len(level) == len(columns):
            return [_middle(cell) for cell in level]
    return [column.middle for column in columns]


def _is_wrapped(cell: Cell, below: Cell) -> bool:
    """Whether `below` is the rest of `cell`: right under it and in its middle."""
    if cell.baseline - below.baseline > 1.25 * cell.size:
        return False
    inside = cell.left - cell.size < below.left and below.right < cell.right + cell.size
    return inside and abs(_middle(cell) - _middle(below)) < 2 * cell.size


def _is_over(
    cell: Cell, group: Sequence[int], columns: Sequence[Column], centres: Sequence[float]
) -> bool:
    """Whether `cell` stands over the middle of the columns in `group`."""
    if len(group) == 1:
        return columns[group[0]].distance(cell) < _ASIDE * cell.size
    pitch = (centres[group[-1]] - centres[group[0]]) / (len(group) - 1)
    return abs(_middle(cell) - mean([centres[group[0]], centres[group[-1]]])) < _CENTRED * pitch


def _under(cell: Cell, columns: Sequence[Column]) -> list[int]:
    """The columns that `cell` stands over for the most part; else the nearest."""
    over = [
        at
        for at, column in enumerate(columns)
        if min(cell.right, column.right) - max(cell.left, column.left)
        > 0.6 * (column.right - column.left)
    ]
    nearest = min(range(len(columns)), key=lambda at: columns[at].distance(cell))
    return over or ([nearest] if columns[nearest].distance(cell) < _ASIDE * cell.size else [])


def _middle(cell: Cell) -> float:
    return (cell.left + cell.right) / 2
