"""Pure: the tables of figures on a PDF page, found by how their figures line up, and written as
those of spreadsheets are: `Net sales | 2022: $34,229 | 2021: $35,355`.

A file holds no tables, only words in places. A cell is words with no wide gap between them; rows
whose cells are figures make the body of a table, the figures above one another its columns, and
what stands above them its headings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.extract.pdf.column_heads import Column, heads_of, levels_of, names_period
from index.extract.pdf.lines import Line
from index.extract.pdf.table_rows import Cell, Row, header_cells, rows_of
from index.extract.units import unit_in, with_unit

_GAP = " | "
_FARTHEST = 3.5  # font sizes between two rows of a table
_MOST_LABELS = 4  # rows without figures in the midst of a table
_MOST_HEADINGS = 40  # rows above the first with figures; each of their cells may be a row
_BESIDE = 0.5  # font sizes between a dash and the figures of its column, which end in brackets
_PROSE = 45  # characters; a longer line that runs under the figures is none of the table
_UNIT_ABOVE = 2  # rows over those that are headings
_WRAPPED = 1.3  # font sizes between two lines of one label


@dataclass(frozen=True, slots=True)
class Table:
    """The lines that a table is written as, and the size of its letters."""

    lines: tuple[str, ...]
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a table, the heading of each, and the unit that is stated of all."""

    columns: tuple[Column, ...] = ()
    heads: tuple[str, ...] = ()
    unit: str = ""

    def fits(self, columns: Sequence[Column]) -> bool:
        """Whether `columns` stand where these do."""
        return len(columns) == len(self.columns) and all(
            mine.left < other.right and other.left < mine.right
            for mine, other in zip(self.columns, columns, strict=True)
        )


def tables_of(pages: Sequence[Sequence[Line]]) -> list[list[Line | Table]]:
    """The lines of each page, in their order, with those that make a table taken together. A table
    without headings has those of the one before it when its columns stand in the same places."""
    header = Header()
    found = []
    for lines in pages:
        items, header = _with_tables(lines, header)
        found.append(items)
    return found


def _with_tables(lines: Sequence[Line], header: Header) -> tuple[list[Line | Table], Header]:
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
                header = header if header.fits(columns) else Header(tuple(columns))
                if unit := _unit(rows[max(done, first - _UNIT_ABOVE) : at]):
                    header = replace(header, unit=unit)
                writing = _Writing(header, columns)
                written = tuple(writing.lines(rows[first:end], at - first))
                found.append(Table(written, rows[at].size))
                header = writing.header
                done = at = end
                continue
        at = max(end, at + 1)
    found += _in_order(rows[done:])
    return found, header


def _in_order(rows: Sequence[Row]) -> list[Line]:
    placed = {
        place: line for row in rows for place, line in zip(row.places, row.lines, strict=True)
    }
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
    figures; nor do those that stand where other rows have their label."""
    labelled = [cell.left for row in body for cell in row.figures if not row.cells[0].is_figure]
    edge = min(labelled, default=0.0)
    figures = [cell for row in body for cell in row.figures if cell.right > edge]
    figures = [cell for cell in figures if not cell.is_year] or figures
    columns: list[Column] = []
    held: set[float] = set()  # the baselines of the last column's figures
    for cell in sorted(figures, key=lambda cell: cell.first):
        last = columns[-1] if columns else Column(0.0, float("-inf"))
        gap = 0.0 if cell.baseline in held else _BESIDE * cell.size
        if cell.first < last.right - 1 + gap:
            columns[-1] = Column(last.left, max(last.right, cell.last))
            held.add(cell.baseline)
        else:
            columns.append(Column(cell.first, cell.last))
            held = {cell.baseline}
    return columns


def _first_heading(rows: Sequence[Row], done: int, start: int, columns: Sequence[Column]) -> int:
    """Where the rows begin that stand over the columns of the body at `start`."""
    edge = columns[0].left
    nearby = range(max(done, start - _MOST_HEADINGS), start)
    over = {start}
    headed: set[int] = set()  # the columns that have a heading yet
    top, size = rows[start].baseline, rows[start].size
    # They may be drawn column by column, so they are looked through from the lowest up.
    for at in sorted(nearby, key=lambda at: rows[at].baseline):
        row = rows[at]
        if row.baseline < rows[start].baseline + 0.3 * row.size:
            continue
        cells = header_cells(row)
        step = row.baseline - top
        heads = [cell for cell in cells if _is_over(cell, edge)]
        if step > 2.6 * row.size or any(_is_title(cell, edge) for cell in cells):
            break
        if len(heads) == 1 and not any(c.distance(heads[0]) < 1.5 * row.size for c in columns):
            break
        complete = len(headed) == len(columns)
        if complete and len(heads) == 1 and _is_set_off(heads[0], step, size):
            break  # the table's title
        for place, column in enumerate(columns):
            if any(column.distance(cell) < 1.5 * cell.size for cell in heads):
                headed.add(place)
        size = row.size
        over.add(at)
        if not complete or heads:
            top = row.baseline
    first = start
    while first - 1 in over:
        first -= 1
    while first < start and not any(_is_over(cell, edge) for cell in header_cells(rows[first])):
        first += 1
    return first


def _is_over(cell: Cell, edge: float) -> bool:
    """Whether a heading stands over the figures, the first of which begin at `edge`."""
    return cell.right > edge - 4 * cell.size and cell.left > edge - 6 * cell.size


def _is_set_off(cell: Cell, step: float, size: float) -> bool:
    """Whether `cell`, alone on its line `step` points above the headings, which are of font size
    `size`, is none of them."""
    wide = step > _WRAPPED * cell.size and not names_period(cell)
    return wide or cell.size > 1.05 * size


def _is_title(cell: Cell, edge: float) -> bool:
    """Whether `cell` stands over label and figures alike."""
    return cell.right > edge + cell.size and not _is_over(cell, edge)


def _unit(rows: Sequence[Row]) -> str:
    """The unit that one of `rows`, or a cell of it, states of the figures below, the nearest."""
    for row in reversed(rows):
        cells = header_cells(row)
        for words in (" ".join(cell.text for cell in cells), *(cell.text for cell in cells)):
            if unit := unit_in(words):
                return unit
    return ""


def _is_table(body: Sequence[Row], above: Sequence[Row], columns: Sequence[Column]) -> bool:
    """Two rows of figures, or one under headings of its columns; where there is but one column,
    three."""
    count = sum(row.is_figures for row in body)
    if len(columns) == 1:
        return count >= 3 or (count >= 2 and bool(above))
    return count >= 2 or (bool(above) and len(body[0].figures) >= 2)


class _Writing:
    """Writes a table; `header` is the one that holds for the row in hand."""

    def __init__(self, header: Header, columns: Sequence[Column]) -> None:
        self.header = header
        self._columns = columns
        self._edge = columns[0].left

    def lines(self, rows: Sequence[Row], above: int) -> Iterator[str]:
        """The table's lines; the first `above` rows stand over its columns."""
        heading = list(rows[:above])
        label = ""  # that may go on in the next row
        for row in rows[above:]:
            if _is_heading(row, self._edge):
                heading.append(row)
                continue
            if heading:
                yield from filter(None, [label, *self._head(heading)])
                heading, label = [], ""
            text = _label(row, self._edge)
            if label and (text[:1].islower() or label.count("(") > label.count(")")):
                text, label = f"{label} {text}", ""
            if label:
                yield label
                label = ""
            cells = [cell for cell in row.cells if not _is_label(cell, self._edge)]
            if cells:
                written = list(filter(None, [text, *self._labelled(cells)]))
                figures = [cell.text for cell in cells if cell.is_figure]
                yield _GAP.join(with_unit(written, self.header.unit, figures) if text else written)
            else:
                label = text
        yield from filter(None, [label, *self._head(heading)])

    def _head(self, rows: Sequence[Row]) -> Iterator[str]:
        """Takes `rows` for the header, and gives them as a reader sees them, from the top down."""
        levels = levels_of([cell for row in rows for cell in header_cells(row)])
        over = [cell for level in levels for cell in self._over(level)]
        if over:
            heads = tuple(heads_of(over, self._columns))
            self.header = Header(tuple(self._columns), heads, self.header.unit)
        for level in levels:
            yield _GAP.join(cell.text for cell in level)

    def _over(self, level: Sequence[Cell]) -> list[Cell]:
        """Those of `level` that are over the columns; as many as there are columns may stand
        further to the left of them."""
        near = [cell for cell in level if cell.right > self._edge - 4 * cell.size]
        if len(near) == len(self._columns):
            return near
        return [cell for cell in near if _is_over(cell, self._edge)]

    def _labelled(self, cells: Sequence[Cell]) -> Iterator[str]:
        columns = self._columns
        for cell in cells:
            nearest = min(range(len(columns)), key=lambda at: columns[at].distance(cell))
            near = columns[nearest].distance(cell) < 2 * cell.size and self.header.heads
            head = self.header.heads[nearest] if near else ""
            yield f"{head}: {cell.text}" if head else cell.text


def _is_heading(row: Row, edge: float) -> bool:
    """Whether a row in the midst of a table holds headings of what comes below."""
    over = [cell for cell in row.cells if not _is_label(cell, edge)]
    return bool(over) and not row.is_figures and all(c.is_year or not c.is_figure for c in over)


def _is_label(cell: Cell, edge: float) -> bool:
    return cell.left < edge - 0.5 * cell.size and (not cell.is_figure or cell.right < edge)


def _label(row: Row, edge: float) -> str:
    return " ".join(cell.text for cell in row.cells if _is_label(cell, edge))
