"""Pure: tables that a PDF draws column by column, put in the order of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from index.extract.pdf.lines import Line
from index.extract.pdf.page import line_of
from index.extract.table_rows import is_figure

_LEVEL = 0.3  # font sizes by which the lines of a row may differ
_LEAST_ROWS = 3
_MOST_WORDS = 6  # of half of the lines of a column; those of prose have more
_FIGURES = 0.6  # share of the lines of one column, its heading left out


def in_rows(lines: Sequence[Line]) -> list[Line]:
    """`lines` in their order, but where short lines stand below one another, and others that are
    drawn behind them stand beside them, some of them figures, row by row."""
    stacks = _stacks(lines)
    found: list[Line] = []
    at = 0
    while at < len(stacks):
        columns, rest = _table(stacks[at:])
        if columns:
            first = stacks[at]
            found += first[: len(first) - len(columns[0])]
            found += _by_rows(columns)
            found += rest
            at += len(columns)
        else:
            found += stacks[at]
            at += 1
    return found


def _stacks(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that follow one another down the page."""
    stacks: list[list[Line]] = []
    for line in lines:
        if stacks and stacks[-1][-1].baseline - line.baseline > _LEVEL * line.size:
            stacks[-1].append(line)
        else:
            stacks.append([line])
    return stacks


def _table(stacks: Sequence[Sequence[Line]]) -> tuple[list[list[Line]], list[Line]]:
    """The columns that the first stack and those behind it make, and the lines of the last that lie
    below the table; none where they make none."""
    columns: list[list[Line]] = []
    rest: list[Line] = []
    for left, right in pairwise(stacks):
        left = columns[-1] if columns else left
        pair = _beside(left, right)
        if pair is None or rest:
            break
        columns = [*columns[:-1], *pair] if columns else [*pair]
        rest = list(right[len(pair[1]) :])
    is_table = any(map(_is_figures, columns[1:])) and all(map(_is_short, columns))
    return (columns, rest) if is_table else ([], [])


def _beside(left: Sequence[Line], right: Sequence[Line]) -> tuple[list[Line], list[Line]] | None:
    """The end of `left` and the beginning of `right` that stand beside one another; None where too
    few lines do."""
    level = [at for at, line in enumerate(left) if _is_level(line, right[0])]
    if not level:
        return None
    column = list(left[level[0] :])
    lowest = column[-1].baseline - _LEVEL * column[-1].size
    beside = [line for line in right if line.baseline > lowest]
    rows = [one for line in beside for one in column if _is_level(one, line)]
    apart = all(line.left > max(one.right for one in column) for line in beside)
    enough = len(rows) == len(beside) >= _LEAST_ROWS and len(beside) * 2 >= len(column)
    return (column, beside) if enough and apart else None


def _is_level(line: Line, other: Line) -> bool:
    return abs(line.baseline - other.baseline) < _LEVEL * line.size


def _is_short(column: Sequence[Line]) -> bool:
    return median(len(line.text.split()) for line in column) <= _MOST_WORDS


def _is_figures(column: Sequence[Line]) -> bool:
    below = [line for line in column[1:] if is_figure(line.text)]
    return len(below) >= max(_FIGURES * (len(column) - 1), _LEAST_ROWS - 1)


def _by_rows(columns: Sequence[Sequence[Line]]) -> list[Line]:
    rows = []
    rest = [list(column) for column in columns[1:]]
    for line in columns[0]:
        row = [line]
        for column in rest:
            if column and _is_level(column[0], line):
                row.append(column.pop(0))
        rows.append(line_of([word for one in row for word in one.words]))
    return rows
