"""Pure: tables of words on a PDF page, found by how their cells begin below one another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from index.extract.pdf.lines import Line, Word
from index.extract.pdf.tables import Table
from index.extract.table_grid import Cell, grid_lines

_WIDE = 1.5  # font sizes between two cells
_FARTHEST = 3.5  # font sizes between two rows
_LEVEL = 0.3  # font sizes by which the lines of a row may differ
_ALIGNED = 0.5  # font sizes by which the cells of a column may begin apart
_LEAST_ROWS = 3
_MOST_WORDS = 10  # of half of the cells; those of columns of prose have more
_WRAPPED = 1.2  # times the step between the lines of a row, from one row to the next
_LABEL = re.compile(r"[•●○◦▪■□☐☑☒✓–—*·‣-]|[(\[]?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)\]]|[\d.]+")

_Row = list[list[Word]]  # its cells from left to right


def with_text_tables(items: Sequence[Line | Table]) -> list[Line | Table]:
    """`items` with the lines that make a table of words taken together: three rows or more, of two
    cells or more that begin at the same places. Items behind numbers or bullets make none."""
    found: list[Line | Table] = []
    lines: list[Line] = []
    for item in items:
        if isinstance(item, Line):
            lines.append(item)
        else:
            found += [*_tabled(lines), item]
            lines = []
    return [*found, *_tabled(lines)]


def _tabled(lines: Sequence[Line]) -> Iterator[Line | Table]:
    rows = _on_baselines(lines)
    cells = [_cells([word for line in row for word in line.words]) for row in rows]
    at = 0
    while at < len(rows):
        lefts = [cell[0].left for cell in cells[at]]
        end = at + 1
        if len(lefts) > 1:
            while end < len(rows) and _goes_on(rows[end - 1], rows[end], cells[end], lefts):
                end += 1
        while end > at + 1 and len(cells[end - 1]) < 2:
            end -= 1
        if _is_table(cells[at:end]):
            steps = [
                (above[0].baseline - row[0].baseline) / row[0].size
                for above, row in pairwise(rows[at:end])
            ]
            table = grid_lines(_table(cells[at:end], steps, lefts))
            yield Table(tuple(table), rows[at][0].size)
            at = end
        else:
            yield from rows[at]
            at += 1


def _on_baselines(lines: Sequence[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in lines:
        last = rows[-1][-1] if rows else None
        if last and line.left >= last.right and _is_level(last, line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _is_level(line: Line, other: Line) -> bool:
    return abs(line.baseline - other.baseline) < _LEVEL * line.size


def _cells(words: Sequence[Word]) -> _Row:
    cells: _Row = []
    for word in words:
        if cells and word.left - cells[-1][-1].right < _WIDE * word.size:
            cells[-1].append(word)
        else:
            cells.append([word])
    return cells


def _goes_on(above: Sequence[Line], row: Sequence[Line], cells: _Row, lefts: list[float]) -> bool:
    """Whether `row` is the next of a table whose columns begin at `lefts`."""
    step = above[0].baseline - row[0].baseline
    size = row[0].size
    begun = [cell[0].left for cell in cells]
    return (
        0 < step < _FARTHEST * size
        and 0.8 < above[0].size / size < 1.25
        and bool(begun)
        and all(any(abs(at - left) < _ALIGNED * size for left in lefts) for at in begun)
    )


def _is_table(rows: Sequence[_Row]) -> bool:
    whole = [row for row in rows if len(row) > 1]
    if len(whole) < max(_LEAST_ROWS, 0.5 * len(rows)):
        return False
    labels = sum(len(row) == 2 and _LABEL.fullmatch(_text(row[0])) is not None for row in whole)
    words = median(len(cell) for row in whole for cell in row)
    return labels * 2 < len(whole) and words <= _MOST_WORDS


def _table(
    rows: Sequence[_Row], steps: Sequence[float], lefts: Sequence[float]
) -> list[list[Cell]]:
    """The cells of each row; a line that stands nearer to the one above than rows do, and one
    without a first cell, goes on with those above."""
    wrapped = max(steps) > _WRAPPED * min(steps)
    table: list[list[str]] = []
    bold: list[bool] = []
    for row, step in zip(rows, [float("inf"), *steps], strict=True):
        texts = [""] * len(lefts)
        for cell in row:
            at = min(range(len(lefts)), key=lambda at: abs(lefts[at] - cell[0].left))
            texts[at] = _text(cell)
        if table and (not texts[0] or (wrapped and step < _WRAPPED * min(steps))):
            pairs = zip(table[-1], texts, strict=True)
            table[-1] = [" ".join(filter(None, pair)) for pair in pairs]
        else:
            table.append(texts)
            bold.append(all(word.bold for cell in row for word in cell))
    headed = bold[0] and not all(bold)
    return [
        [Cell(text, heading=headed and number == 0) for text in texts]
        for number, texts in enumerate(table)
    ]


def _text(cell: Sequence[Word]) -> str:
    return " ".join(word.text for word in cell)
