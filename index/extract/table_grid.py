"""Pure: the cells of a table as a file holds them, some merged → lines in which each cell knows its
column's heading and its row's label: `Net sales | 2022: $34,229 | 2021: $35,355`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from index.extract.table_rows import are_units, corner_unit, headings, is_figure, unit_of
from index.extract.units import unit_in, with_unit

_GAP = " | "
_MOST_SPANNED = 200  # columns or rows that one cell may claim
_LEAD = re.compile(r"[(+\-−–—]?\s?(?:[$€£¥]|US\$|CHF|EUR|USD|GBP)\s?[(+\-−–—]?|\(")
_TAIL = re.compile(r"\)|\)?\s?%\s?\)?")


@dataclass(frozen=True, slots=True)
class Cell:
    """The words of a cell, on one line, how many columns and rows it takes up, and whether the
    file marks it as a heading."""

    text: str
    columns: int = 1
    rows: int = 1
    heading: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """A cell in its places: one object wherever it reaches. `last` is the row where it ends."""

    text: str
    last: int
    heading: bool


_Row = Sequence[_Placed | None]


@dataclass(frozen=True, slots=True)
class _Run:
    """A cell with words, and the columns that it fills in one row."""

    cell: _Placed
    columns: range


def grid_lines(rows: Iterable[Sequence[Cell]], above: str = "") -> list[str]:
    """A line for each row that holds words; `above` is the line over the table.

    The first rows are headings where the file marks them so, or where they look like it. A heading
    over several columns is that of each of them, one over another is joined to it (`2023 Sold`).
    A cell merged over several rows is repeated in each. A sign in a cell of its own ($, %) goes to
    the figure that it belongs to. A row of one cell is written as it is. The unit that is stated in
    a row of its own above the data, in the corner or above the table stands in each row of figures,
    behind its label.
    """
    grid = [row for row in map(_signed, _placed(rows)) if any(_runs(row))]
    depth = _depth(grid)
    heads = _heads(grid[:depth])
    unit = unit_of([_begun(row) for row in grid], depth) if grid else ""
    corner = corner_unit(heads.get(0, ""), _labels(grid[depth:])) if len(heads) > 1 else ""
    if corner:
        del heads[0]
    unit = corner or unit or unit_in(above)
    lines = []
    for number, row in enumerate(grid):
        runs = list(_runs(row))
        if number < depth:
            upper = grid[number - 1] if number else ()
            lines.append(_GAP.join(run.cell.text for run in runs if run.cell not in upper))
        elif len(runs) == 1 and len(heads) != 2:
            lines.append(runs[0].cell.text)
        else:
            cells = [_labelled(run, heads) for run in runs]
            figures = [cell for cell, run in zip(cells, runs, strict=True) if _is_value(run)]
            labelled = runs[0].columns.start == 0
            lines.append(_GAP.join(with_unit(cells, unit, figures) if labelled else cells))
    return [line for line in lines if line]


def _labels(rows: Iterable[_Row]) -> Iterator[str]:
    return (row[0].text for row in rows if row and row[0] is not None)


def _is_value(run: _Run) -> bool:
    return run.columns.start > 0 and is_figure(run.cell.text)


def _placed(rows: Iterable[Sequence[Cell]]) -> Iterator[_Row]:
    """The rows with each cell in all of its places."""
    reaching: dict[int, _Placed] = {}  # by column, what a row above has begun
    for number, row in enumerate(rows):
        line = {at: cell for at, cell in reaching.items() if cell.last >= number}
        at = 0
        for cell in row:
            while at in line:
                at += 1
            last = number + min(max(cell.rows, 1), _MOST_SPANNED) - 1
            placed = _Placed(cell.text, last, cell.heading)
            end = at + min(max(cell.columns, 1), _MOST_SPANNED)
            while at < end and at not in line:
                line[at] = placed
                at += 1
        reaching = line
        yield [line.get(at) for at in range(max(line, default=-1) + 1)]


def _runs(row: _Row) -> Iterator[_Run]:
    """The cells with words from left to right."""
    at = 0
    for _, places in groupby(row, key=id):
        cells = list(places)
        if cells[0] is not None and cells[0].text:
            yield _Run(cells[0], range(at, at + len(cells)))
        at += len(cells)


def _signed(row: _Row) -> _Row:
    """`row` with the signs that stand in cells of their own joined to their figures."""
    joined = list(row)
    before: _Run | None = None
    for run in _runs(row):
        if before and _belongs(before.cell.text, run.cell.text):
            text = before.cell.text + run.cell.text
            cell = _Placed(text, run.cell.last, run.cell.heading)
            run = _Run(cell, range(before.columns.start, run.columns.stop))
            joined[run.columns.start : run.columns.stop] = [cell] * len(run.columns)
        before = run
    return joined


def _belongs(left: str, right: str) -> bool:
    """Whether one of two cells is a figure and the other a sign of it."""
    lead = _LEAD.fullmatch(left) is not None and is_figure(right)
    return lead or (_TAIL.fullmatch(right) is not None and is_figure(left))


def _depth(grid: Sequence[_Row]) -> int:
    """How many rows come before the data, headings and what stands above them."""
    if len(grid) < 2:
        return 0
    marked = len(list(takewhile(_is_marked, grid)))
    if 0 < marked < len(grid):
        units = marked + 1 < len(grid) and are_units(_begun(grid[marked]))
        return marked + units
    top = next((at for at, row in enumerate(grid) if not _is_alone(row)), 0)
    first = [run.cell for run in _runs(grid[top]) if len(run.columns) > 1]
    deepest = max(
        at for at, row in enumerate(grid) if any(cell in row for cell in grid[top] if cell)
    )
    if first and top < deepest < len(grid) - 1:
        return deepest + 1
    texts = [_begun(row) for row in grid]
    if max(map(len, grid)) < 3 and not any(is_figure(text) for row in texts[1:] for text in row):
        return 0  # pairs of words, the first pair of which may be one like the others
    return headings(texts)[0]


def _is_marked(row: _Row) -> bool:
    return all(run.cell.heading for run in _runs(row))


def _begun(row: _Row) -> list[str]:
    """The words in each column; those of a cell over several columns stand in the first."""
    return [
        cell.text if cell and (at == 0 or row[at - 1] is not cell) else ""
        for at, cell in enumerate(row)
    ]


def _is_alone(row: _Row) -> bool:
    """Whether one cell, in the first column, holds all the words of `row`."""
    return [run.columns.start for run in _runs(row)] == [0]


def _heads(rows: Sequence[_Row]) -> dict[int, str]:
    """The heading of each column: the words over it from the top down, without captions."""
    if len(rows) > 1:
        rows = [row for row in rows if not _is_alone(row)]
    heads: dict[int, dict[str, None]] = {}
    for row in rows:
        for run in _runs(row):
            for at in run.columns:
                heads.setdefault(at, {})[run.cell.text.rstrip(": ")] = None
    return {at: " ".join(words) for at, words in heads.items()}


def _labelled(run: _Run, heads: Mapping[int, str]) -> str:
    over = dict.fromkeys(heads[at] for at in run.columns if at in heads)
    head = " / ".join(filter(None, over))
    return f"{head}: {run.cell.text}" if head and head != run.cell.text else run.cell.text
