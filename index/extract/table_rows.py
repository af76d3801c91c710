"""Rows of cells → lines in which each cell still knows its column's heading:
`Region: North | Sales: 12`. Spreadsheets, CSV and the tables of other formats are written so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.extract.units import is_unit, unit_in, with_unit

if TYPE_CHECKING:
    from index.extract.text_builder import TextBuilder

_GAP = " | "
_LONGEST_HEADING = 80  # characters
_SEARCHED = 10  # rows of a table in which its headings are looked for
_RECURRING = 1000  # rows in which a word comes again that is a value, and no heading
_LEAST_RECURRING = 4  # rows; in fewer a word may come again by chance
_YEAR = re.compile(r"(?:19|20)\d\d")
_FIGURE = re.compile(
    r"[(+\-−]*[$€£¥]?[\s(+\-−]*\d[\d.,'’\s]*(?:[eE][+-]?\d+)?\s*[%)€$£¥]*[⁰¹²³⁴-⁹]*"  # 1,234.5
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T\s]\d{1,2}:\d\d.*)?"  # 2024-05-06
    r"|\d{1,2}:\d\d(?::\d\d)?|true|false",
    re.IGNORECASE,
)

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows that stand together; `numbers` are theirs in the whole, counted from 1."""

    numbers: Sequence[int]
    rows: Sequence[Row]


def tables(rows: Iterable[Row], above: str = "") -> Iterator[str]:
    """The text of each table in `rows`, a row a line; `above` is the line over them. Tables are
    set apart by an empty row, or by an empty column where both sides have headings of their own. A
    table that continues after an empty row keeps its headings; one that states none has its cells
    set apart by " | "."""
    for table in numbered_tables(rows, above):
        yield "\n".join(line for _, line in table)


def numbered_tables(rows: Iterable[Row], above: str = "") -> Iterator[list[tuple[int, str]]]:
    """As `tables`, each line apart and with the number of its row, counted from 1. The unit that is
    stated above a table, or in its corner, stands in each of its rows of figures, behind the
    label."""
    heads: list[str] = []
    unit, above = "", unit_in(above)  # that of a table, and what is said of the next one
    for group in _groups(rows):
        for table in _side_by_side(group):
            at, found = headings(table.rows)
            if found:
                unit = corner_unit(found[0], (row[0] for row in table.rows[at:]))
                heads = ["", *found[1:]] if unit else found
            elif not _fits(table.rows, heads):
                heads, unit = [], ""
            unit = unit_of(table.rows, at) or unit or above
            lines = [_GAP.join(filter(None, row)) for row in table.rows[:at]]
            lines += [_labelled(row, heads, unit) for row in table.rows[at:]]
            yield list(zip(table.numbers, lines, strict=True))
        alone = max(map(_filled, group.rows)) == 1
        above = unit_of(group.rows, len(group.rows)) if alone else ""


def unit_of(rows: Sequence[Row], data: int) -> str:
    """The unit that a row of one cell states in front of the row `data`, the first with data; the
    nearest counts."""
    alone = (next(filter(None, row)) for row in reversed(rows[: max(data, 1)]) if _filled(row) == 1)
    return next(filter(None, map(unit_in, alone)), "")


def corner_unit(head: str, labels: Iterable[str]) -> str:
    """The unit that `head` states, which stands over the `labels` of a table's rows; "" where it
    says what they are, or they are figures."""
    unit = unit_in(head)
    return unit if unit and not any(map(is_figure, labels)) else ""


def write_rows(builder: TextBuilder, rows: Iterable[Row], place: str = "row") -> None:
    """Writes the tables in `rows`; the location of each line is `place` and its row's number."""
    for table in numbered_tables(rows):
        separator = "\n\n"
        for number, line in table:
            builder.place(f"{place} {number}")
            builder.block(line, separator)
            separator = "\n"


def _groups(rows: Iterable[Row]) -> Iterator[_Group]:
    """The runs of rows between empty ones, each cell on one line and stripped."""
    numbers: list[int] = []
    group: list[Row] = []
    for number, row in enumerate(rows, start=1):
        cells = [" ".join(cell.split()) for cell in row]
        if any(cells):
            numbers.append(number)
            group.append(cells)
        elif group:
            yield _Group(numbers, group)
            numbers, group = [], []
    if group:
        yield _Group(numbers, group)


def _side_by_side(group: _Group) -> list[_Group]:
    """`group` as one table, or as those that stand beside each other in it: all two columns wide
    or more, with headings, and not beginning or ending in the same row."""
    filled = sorted({at for row in group.rows for at, cell in enumerate(row) if cell})
    starts = [at for place, at in enumerate(filled) if place == 0 or filled[place - 1] != at - 1]
    if len(starts) < 2:
        return [group]
    parts = []
    extents = set()
    for start, end in zip(starts, [*starts[1:], filled[-1] + 1], strict=True):
        part = [row[start:end] for row in group.rows]
        held = [at for at, row in enumerate(part) if any(row)]
        extents.add((held[0], held[-1]))
        if sum(any(column) for column in zip(*_even(part), strict=True)) < 2:
            return [group]
        parts.append(_Group([group.numbers[at] for at in held], [part[at] for at in held]))
    return parts if len(extents) > 1 and all(headings(part.rows)[1] for part in parts) else [group]


def _even(rows: Sequence[Row]) -> list[list[str]]:
    width = max(map(len, rows))
    return [[*row, *[""] * (width - len(row))] for row in rows]


def headings(table: Sequence[Row]) -> tuple[int, list[str]]:
    """How many rows of `table` come before its data, and the heading of each column; 0 and none
    where no row can be the one of the headings. Headings in two rows are joined: `2023 Sales`."""
    widest = max(map(_filled, table[: 5 * _SEARCHED]))
    for at, row in enumerate(table[: min(_SEARCHED, len(table) - 1)]):
        below = table[at + 1]
        if any(1 < _filled(above) >= _filled(row) for above in table[:at]):
            break
        two = at + 2 < len(table) and _are_upper(row, below) and _filled(below[1:]) == widest - 1
        if two and _are_headings(below, table[at + 2]):
            return at + 2, _joined(row, below)
        units = at + 2 < len(table) and are_units(below)
        distinct = len(set(filter(None, row))) == _filled(row)
        if 2 * _filled(row) >= widest and distinct and _are_headings(row, below):
            if _are_values(row, table[at + 1 :]):
                return 0, []
            return (at + 2, _joined(row, below)) if units else (at + 1, list(row))
    return 0, []


def are_units(row: Row) -> bool:
    """Whether `row` holds nothing but units, and none or `Unit` in the place of a label."""
    first, *others = row
    labelled = not first or is_unit(first) or first.lower().rstrip("s:") in ("unit", "einheit")
    return labelled and any(others) and all(is_unit(cell) for cell in others if cell)


def _are_values(row: Row, rows: Sequence[Row]) -> bool:
    """Whether half of the words of `row`, or more, come again in their columns, as those of values
    do: it is one of the rows. A row that is written again as a whole is none of them."""
    others = [other for other in rows[:_RECURRING] if other != row]
    if len(others) < _LEAST_RECURRING:
        return False
    again = sum(
        cell != "" and any(cell == other[at] for other in others if at < len(other))
        for at, cell in enumerate(row)
    )
    return 2 * again >= _filled(row)


def _are_headings(row: Row, below: Row) -> bool:
    """Whether `row` holds two words or more and no figures, but years above something else."""
    if _filled(row) < 2 or (row[0].endswith(":") and _filled(row) == 2):
        return False
    for at, cell in enumerate(row):
        under = below[at] if at < len(below) else ""
        year = _YEAR.fullmatch(cell) and at > 0 and not _YEAR.fullmatch(under)
        if len(cell) > _LONGEST_HEADING or (is_figure(cell) and not year):
            return False
    return True


def _are_upper(row: Row, below: Row) -> bool:
    """Whether `row` may hold headings over those in `below`: both leave the corner empty, or share
    it."""
    return row[0] == below[0] and _are_headings(row, below)


def _joined(upper: Row, lower: Row) -> list[str]:
    """The headings of two rows, those above reaching over the empty cells to their right."""
    heads = []
    over = ""
    for at, head in enumerate(lower):
        over = (upper[at] if at < len(upper) else "") or (over if at > 1 else "")
        heads.append(" ".join(dict.fromkeys(filter(None, [over, head]))))
    return heads


def _fits(table: Sequence[Row], heads: Sequence[str]) -> bool:
    """Whether rows without headings may stand under `heads`: they fill more than one column, and
    none beyond the last."""
    return max(map(_filled, table)) > 1 and all(not any(row[len(heads) :]) for row in table)


def _labelled(row: Row, heads: Sequence[str], unit: str) -> str:
    if row[0] and _filled(row) == 1 and len(heads) > 2:  # a caption or a note between the rows
        return row[0]
    cells, figures = [], []
    for at, cell in enumerate(row):
        head = heads[at].rstrip(": ") if at < len(heads) else ""
        if cell:
            cells.append(f"{head}: {cell}" if head and head != cell else cell)
            if at and is_figure(cell):
                figures.append(f"{head} {cell}")
    return _GAP.join(with_unit(cells, unit, figures) if row[0] else cells)


def is_figure(text: str) -> bool:
    """Whether `text` is a number, an amount, a date, a time or a truth value, and nothing else."""
    return _FIGURE.fullmatch(text) is not None


def _filled(row: Row) -> int:
    return sum(map(bool, row))
