"""Pure: the tables of figures on a PDF page, found by how their figures line up, and written as
those of spreadsheets are: `Net sales | 2022: $34,229 | 2021: $35,355`.

A file holds no tables, only words in places. A cell is words with no wide gap between them; rows
whose cells are figures make the body of a table, the figures above one another its columns, and
what stands above them its headings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.pdf_heads import Column, heads_of, levels_of
from index.pdf_lines import Line
from index.pdf_rows import Cell, Row, header_cells, rows_of

_GAP = " | "
_FARTHEST = 3.5  # font sizes between two rows of a table
_MOST_LABELS = 4  # rows without figures in the midst of a table
_MOST_HEADINGS = 12  # rows above the first with figures
_PROSE = 45  # characters; a longer line that runs under the figures is none of the table
_MARK = re.compile(r"\(?[a-z\d]\)")  # of a footnote


@dataclass(frozen=True, slots=True)
class Table:
    """The lines that a table is written as."""

    lines: tuple[str, ...]


def with_tables(lines: Sequence[Line]) -> list[Line | Table]:
    """`lines`, in their order, with those that make a table taken together."""
    rows = rows_of(lines)
    found: list[Line | Table] = []
    done = 0
    at = 0
    while at < len(rows):
        end = _end(rows, at) if rows[at].is_figures else at
        columns = _columns(rows[at:end])
        if columns:
            first = _first_heading(rows, done, at, columns)
            if _is_table(rows[at:end], rows[first:at], columns):
                found += _in_order(rows[done:first])
                found.append(Table(tuple(_written(rows[first:end], at - first, columns))))
                done = at = end
                continue
        at = max(end, at + 1)
    found += _in_order(rows[done:])
    return found


def _in_order(rows: Sequence[Row]) -> list[Line]:
    placed = {place: line for row in rows for place, line in zip(row.places, row.lines)}
    return [placed[place] for place in sorted(placed)]


def _end(rows: Sequence[Row], start: int) -> int:
    """Where the rows end that go on from the one at `start`, the last being one of figures or the
    rest of its label."""
    last = start
    for at in range(start + 1, len(rows)):
        above, row = rows[at - 1], rows[at]
        step = above.baseline - row.baseline
        if not 0 < step < _FARTHEST * row.size or at - last > _MOST_LABELS:
            break
        if row.is_figures:
            last = at
        elif _runs_under(row, rows[start : last + 1]):
            break
    if last + 1 < len(rows) and _goes_on(rows[last], rows[last + 1]):
        last += 1
    return last + 1


def _runs_under(row: Row, body: Sequence[Row]) -> bool:
    """Whether `row` is a line of prose: long, and under the figures of `body` too."""
    edge = min(cell.left for above in body for cell in above.cells if cell.is_figure)
    whole = len(row.cells) == 1
    return whole and row.left < edge < row.right - row.size and len(row.cells[0].text) > _PROSE


def _goes_on(above: Row, row: Row) -> bool:
    """Whether `row` holds the rest of the label that `above` begins with."""
    near = 0 < above.baseline - row.baseline < 1.5 * row.size
    return near and len(row.cells) == 1 and row.cells[0].text[:1].islower()


def _columns(body: Sequence[Row]) -> list[Column]:
    """Where figures stand above one another. Years may be headings, and don't count among other
    figures."""
    figures = [cell for row in body for cell in row.figures if not cell.is_year]
    figures = figures or [cell for row in body for cell in row.figures]
    columns: list[Column] = []
    for cell in sorted(figures, key=lambda cell: cell.first):
        if columns and cell.first < columns[-1].right - 1:
            last = columns[-1]
            columns[-1] = Column(last.left, max(last.right, cell.last))
        else:
            columns.append(Column(cell.first, cell.last))
    return columns


def _first_heading(rows: Sequence[Row], done: int, start: int, columns: Sequence[Column]) -> int:
    """Where the rows begin that stand over the columns of the body at `start`."""
    edge = columns[0].left
    nearby = range(max(done, start - _MOST_HEADINGS), start)
    over = {start}
    top = rows[start].baseline
    # They may be drawn column by column, so they are looked through from the lowest up.
    for at in sorted(nearby, key=lambda at: rows[at].baseline):
        row = rows[at]
        if row.baseline < rows[start].baseline + 0.3 * row.size:
            continue
        cells = header_cells(row)
        if row.baseline - top > 2.6 * row.size or any(_is_title(cell, edge) for cell in cells):
            break
        top = row.baseline
        over.add(at)
    first = start
    while first - 1 in over:
        first -= 1
    while first < start and not any(_is_over(cell, edge) for cell in header_cells(rows[first])):
        first += 1
    return first


def _is_over(cell: Cell, edge: float) -> bool:
    """Whether a heading stands over the figures, the first of which begin at `edge`."""
    return cell.right > edge and cell.left > edge - 6 * cell.size


def _is_title(cell: Cell, edge: float) -> bool:
    """Whether `cell` stands over label and figures alike."""
    return cell.right > edge + cell.size and not _is_over(cell, edge)


def _is_table(body: Sequence[Row], above: Sequence[Row], columns: Sequence[Column]) -> bool:
    """Two rows of figures, or one under headings of its columns; where there is but one column,
    three."""
    count = sum(row.is_figures for row in body)
    if len(columns) == 1:
        return count >= 3 or (count >= 2 and bool(above))
    return count >= 2 or (bool(above) and len(body[0].figures) >= 2)


def _written(rows: Sequence[Row], above: int, columns: Sequence[Column]) -> Iterator[str]:
    """The table's lines; the first `above` rows stand over its columns."""
    edge = columns[0].left
    pending = list(rows[:above])
    heads = [""] * len(columns)
    label = ""
    for row in [*rows[above:], None]:
        if row is not None and _is_heading(row, edge):
            pending.append(row)
            continue
        if pending:
            if label:
                yield label
                label = ""
            over = [cell for each in pending for cell in header_cells(each)]
            heads = heads_of([cell for cell in over if _is_over(cell, edge)], columns)
            yield from _shown(pending)
            pending = []
        if row is None:
            break
        text = _label(row, edge)
        if label and (text[:1].islower() or label.count("(") > label.count(")")):
            text, label = f"{label} {text}", ""
        if label:
            yield label
            label = ""
        cells = [cell for cell in row.cells if not _is_label(cell, edge)]
        if cells:
            yield _GAP.join(filter(None, [text, *_labelled(cells, columns, heads)]))
        else:
            label = text
    if label:
        yield label


def _is_heading(row: Row, edge: float) -> bool:
    """Whether a row in the midst of a table holds headings of what comes below."""
    over = [cell for cell in row.cells if not _is_label(cell, edge)]
    return bool(over) and not row.is_figures and all(c.is_year or not c.is_figure for c in over)


def _is_label(cell: Cell, edge: float) -> bool:
    return cell.left < edge - 0.5 * cell.size and (not cell.is_figure or cell.right < edge)


def _label(row: Row, edge: float) -> str:
    return " ".join(cell.text for cell in row.cells if _is_label(cell, edge))


def _shown(rows: Sequence[Row]) -> Iterator[str]:
    """The lines of headings as a reader sees them, from the top down."""
    for level in levels_of([cell for row in rows for cell in header_cells(row)]):
        yield _GAP.join(cell.text for cell in level)


def _labelled(
    cells: Sequence[Cell], columns: Sequence[Column], heads: Sequence[str]
) -> Iterator[str]:
    for cell in cells:
        if _MARK.fullmatch(cell.text) and not cell.is_figure:
            yield cell.text
            continue
        nearest = min(range(len(columns)), key=lambda at: columns[at].distance(cell))
        head = heads[nearest] if columns[nearest].distance(cell) < 2 * cell.size else ""
        yield f"{head}: {cell.text}" if head else cell.text
