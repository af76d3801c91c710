"""The cells of a table in Word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from index.extract.table_grid import Cell, grid_lines
from index.extract.word.paragraph import CHOICE, FALLBACK, Paragraphs, W
from index.text.clean import one_line

_MOST_COLUMNS = 63  # that Word lets a table have


def blocks(parent: Any) -> Iterator[Any]:
    """The paragraphs and tables under `parent`, also those in content controls, tracked changes
    and text boxes (which follow the paragraph that anchors them)."""
    for child in parent:
        if child.tag in (W + "p", W + "tbl"):
            yield child
            if child.tag == W + "p":
                for box in child.iter(W + "txbxContent"):
                    in_fallback = any(above.tag == FALLBACK for above in box.iterancestors())
                    if not in_fallback and next(box.iterancestors(W + "p")) is child:
                        yield from blocks(box)
        elif child.tag == CHOICE + "AlternateContent":
            form = child.find(CHOICE + "Choice")
            yield from blocks(child if form is None else form)
        elif child.tag in (
            CHOICE + "Fallback",
            W + "sdt",
            W + "sdtContent",
            W + "ins",
            W + "moveTo",
            W + "customXml",
        ):
            yield from blocks(child)


def table_rows(table: Any, paragraphs: Paragraphs) -> Iterator[list[Cell]]:
    """The cells of each row, without what goes on with a cell above. Headings are the rows that
    are repeated on every page, and a first row in bold."""
    rows = [row for row in table.iter(W + "tr") if next(row.iterancestors(W + "tbl")) is table]
    grid = [dict(_by_column(row)) for row in rows]
    for number, (row, cells) in enumerate(zip(rows, grid, strict=True)):
        heading = row.find(f"{W}trPr/{W}tblHeader") is not None
        heading = heading or (number == 0 and all(map(_is_bold, cells.values())))
        found, reached = [], 0
        for at, cell in cells.items():
            found += [Cell("")] * (at - reached)
            reached = at + _span(cell)
            if _merged(cell) != "continue":
                below = (one.get(at) for one in grid[number + 1 :])
                goes_on = takewhile(lambda one: _merged(one) == "continue", below)
                words = _words(cell, paragraphs)
                found.append(Cell(words, _span(cell), 1 + len(list(goes_on)), heading))
        yield found


def _by_column(row: Any) -> Iterator[tuple[int, Any]]:
    """The cells of a row, each with the column that it begins in."""
    at = _number(row.find(f"{W}trPr/{W}gridBefore"), 0)
    for cell in row.iter(W + "tc"):
        if next(cell.iterancestors(W + "tr")) is row:
            yield at, cell
            at += _span(cell)


def _span(cell: Any) -> int:
    return max(_number(cell.find(f"{W}tcPr/{W}gridSpan"), 1), 1)


def _number(element: Any, default: int) -> int:
    stated = "" if element is None else element.get(W + "val", "")
    return min(int(stated), _MOST_COLUMNS) if re.fullmatch(r"\d{1,9}", stated) else default


def _merged(cell: Any) -> str:
    """ "restart" where `cell` begins one merged over several rows, "continue" where it lies in
    one."""
    merge = None if cell is None else cell.find(f"{W}tcPr/{W}vMerge")
    return "" if merge is None else str(merge.get(W + "val", "continue"))


def _is_bold(cell: Any) -> bool:
    runs = [
        run for run in cell.iter(W + "r") if any((t.text or "").strip() for t in run.iter(W + "t"))
    ]
    marks = [run.find(f"{W}rPr/{W}b") for run in runs]
    return all(b is not None and b.get(W + "val", "1") not in ("0", "false") for b in marks)


def _words(cell: Any, paragraphs: Paragraphs) -> str:
    parts = [
        "; ".join(grid_lines(table_rows(block, paragraphs)))
        if block.tag == W + "tbl"
        else one_line(paragraphs.labelled(block))
        for block in blocks(cell)
    ]
    return " ".join(part for part in parts if part)
