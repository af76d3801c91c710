"""Pure: which headings stand over which columns of a table on a PDF page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb
from statistics import mean

from index.extract.pdf.table_rows import Cell

_PERIOD = re.compile(r"\b(?:19|20)\d\d\b|\b(?:end(?:ed|ing)|as of|at|during)\b", re.IGNORECASE)
# Of a column's pitch: a heading over several columns may be so far off their middle.
_CENTRED = 0.35
_MOST_DIVISIONS = 5000  # of columns among headings that are tried
_ASIDE = 4  # font sizes that a heading may stand beside the figures that are under it


@dataclass(frozen=True, slots=True)
class _Reach:
    """A heading, and the places of the columns that it stands over."""

    cell: Cell
    columns: Sequence[int]


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
    it. A heading may reach over several columns when it stands over their middle, or over that of
    their own headings; one that reaches over all is left out unless it names a period, as is a
    unit over other headings."""
    heads: list[list[str]] = [[] for _ in columns]
    levels = levels_of(cells)
    below: list[list[_Reach]] = []  # the lines further down, from the top
    for level in reversed(levels):
        over = _spread(level, columns, below)
        below.insert(0, [_Reach(*pair) for pair in zip(level, over, strict=True)])
        if len(level) == 1 < len(levels) and re.fullmatch(r"\(.*\)", level[0].text):
            continue
        for reach in below[0]:
            whole = len(below) > 1 and len(reach.columns) == len(columns) > 1
            for at in () if whole and not names_period(reach.cell) else reach.columns:
                heads[at].insert(0, reach.cell.text)
    return [" ".join(words).rstrip(": ") for words in heads]


def names_period(cell: Cell) -> bool:
    """Whether a heading says of what time the figures are: `Three months ended`, `2022`."""
    return _PERIOD.search(cell.text) is not None


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
    cells: Sequence[Cell], columns: Sequence[Column], below: Sequence[Sequence[_Reach]]
) -> list[list[int]]:
    """The columns under each of `cells`, which stand on one line."""
    if len(cells) == len(columns):
        return [[at] for at in range(len(cells))]
    centres = _centres(columns, below)
    groups = _divided(cells, centres)
    pairs = list(zip(cells, groups, strict=True))
    lower = below[0] if below else []
    if all(group and _is_over(cell, group, columns, centres) for cell, group in pairs):
        wrapped = any(_is_wrapped(cell, one.cell) for cell in cells for one in lower)
        if not wrapped or (len(cells) > 1 and all(len(group) > 1 for group in groups)):
            return groups
    return [_under(cell, columns, lower) for cell in cells]


def _divided(cells: Sequence[Cell], centres: Sequence[float]) -> list[list[int]]:
    """The columns divided among `cells`, from left to right and none left over, so that each cell
    stands as near to the middle of its own as can be."""
    count = len(centres)
    if len(cells) > count or comb(count, len(cells)) > _MOST_DIVISIONS:
        return [[] for _ in cells]

    def off(cuts: Sequence[int]) -> float:
        middles = [(centres[a] + centres[b - 1]) / 2 for a, b in pairwise(cuts)]
        return sum(abs(_middle(cell) - m) for cell, m in zip(cells, middles, strict=True))

    inner = combinations(range(1, count), len(cells) - 1)
    best = min(((0, *cuts, count) for cuts in inner), key=off)
    return [list(range(a, b)) for a, b in pairwise(best)]


def _centres(columns: Sequence[Column], below: Sequence[Sequence[_Reach]]) -> list[float]:
    """The middle of each column: that of its own heading where each has one, for figures stand at
    the right of theirs."""
    for level in below:
        if len(level) == len(columns):
            return [_middle(one.cell) for one in level]
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


def _under(cell: Cell, columns: Sequence[Column], below: Sequence[_Reach]) -> list[int]:
    """The columns of the one heading in the line below that `cell` stands over the middle of; else
    those that it stands over for the most part; else the nearest."""
    for lower in below:
        off = abs(_middle(cell) - _middle(lower.cell))
        if lower.columns and off < (
            2 * cell.size if len(lower.columns) == 1 else _half(lower.cell)
        ):
            return list(lower.columns)
    over = [
        at
        for at, column in enumerate(columns)
        if min(cell.right, column.right) - max(cell.left, column.left)
        > 0.6 * (column.right - column.left)
    ]
    nearest = min(range(len(columns)), key=lambda at: columns[at].distance(cell))
    return over or ([nearest] if columns[nearest].distance(cell) < _ASIDE * cell.size else [])


def _half(cell: Cell) -> float:
    return (cell.right - cell.left) / 2


def _middle(cell: Cell) -> float:
    return (cell.left + cell.right) / 2
