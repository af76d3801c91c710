"""DOCX through python-docx: paragraphs, headings and tables in document order."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from index.extract.extracted import Extracted
from index.extract.file_metadata import metadata_of
from index.extract.table_grid import Cell, grid_lines
from index.extract.text_builder import TextBuilder
from index.extract.zipped_xml import open_archive
from index.text.clean import one_line

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MOST_COLUMNS = 63  # that Word lets a table have
_MARKS = {_W + "tab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "-"}


def read_docx(data: bytes) -> Extracted:
    """The text of the body, with what was inserted under tracked changes and without what was
    deleted. Raises as `open_archive`."""
    import docx

    open_archive(data).close()
    document = docx.Document(io.BytesIO(data))
    levels = {style.style_id: _level(style) for style in document.styles}
    builder = TextBuilder()
    title = ""
    in_list = False
    for element in _blocks(document.element.body):
        if element.tag == _W + "tbl":
            builder.block("\n".join(grid_lines(_rows(element))))
            in_list = False
            continue
        text = _text(element)
        level = levels.get(element.style)
        listed = element.find(f"{_W}pPr/{_W}numPr") is not None
        if level is None:
            builder.block(text, "\n" if in_list and listed else "\n\n")
        else:
            title = title or (one_line(text) if level == 0 else "")
            builder.heading(text, max(level, 1))
        in_list = listed and level is None
    core = document.core_properties
    return builder.build(
        core.title or title,
        metadata_of(
            author=core.author or "",
            dated=core.created.isoformat() if core.created else "",
            language=core.language or "",
        ),
    )


def _level(style: Any) -> int | None:
    """The level of the headings in `style` (0: the document's title); None for other styles."""
    while style is not None:
        if style.name == "Title":
            return 0
        if found := re.fullmatch(r"Heading ([1-9])", style.name or "", re.IGNORECASE):
            return int(found[1])
        outline = style.element.find(f"{_W}pPr/{_W}outlineLvl")
        if outline is not None and int(outline.get(_W + "val")) < 9:
            return int(outline.get(_W + "val")) + 1
        style = getattr(style, "base_style", None)
    return None


def _blocks(parent: Any) -> Iterator[Any]:
    """The paragraphs and tables under `parent`, also those in content controls, tracked changes
    and text boxes (which follow the paragraph that anchors them)."""
    for child in parent:
        if child.tag in (_W + "p", _W + "tbl"):
            yield child
            if child.tag == _W + "p":
                for box in child.iter(_W + "txbxContent"):
                    in_fallback = any(above.tag == _FALLBACK for above in box.iterancestors())
                    if not in_fallback and next(box.iterancestors(_W + "p")) is child:
                        yield from _blocks(box)
        elif child.tag in (_W + "sdt", _W + "sdtContent", _W + "ins", _W + "customXml"):
            yield from _blocks(child)


def _text(element: Any) -> str:
    """The words of one paragraph, without those of the text boxes anchored in it."""
    if element.tag == _W + "t":
        return element.text or ""
    if element.tag in _MARKS:
        return _MARKS[element.tag]
    if element.tag in (_W + "pPr", _W + "del", _W + "moveFrom", _W + "txbxContent", _FALLBACK):
        return ""
    return "".join(map(_text, element))


def _rows(table: Any) -> Iterator[list[Cell]]:
    """The cells of each row, without what goes on with a cell above. Headings are the rows that
    are repeated on every page, and a first row in bold."""
    rows = [row for row in table.iter(_W + "tr") if next(row.iterancestors(_W + "tbl")) is table]
    grid = [dict(_by_column(row)) for row in rows]
    for number, (row, cells) in enumerate(zip(rows, grid, strict=True)):
        heading = row.find(f"{_W}trPr/{_W}tblHeader") is not None
        heading = heading or (number == 0 and all(map(_is_bold, cells.values())))
        found, reached = [], 0
        for at, cell in cells.items():
            found += [Cell("")] * (at - reached)
            reached = at + _span(cell)
            if _merged(cell) != "continue":
                below = (one.get(at) for one in grid[number + 1 :])
                goes_on = takewhile(lambda one: _merged(one) == "continue", below)
                found.append(Cell(_words(cell), _span(cell), 1 + len(list(goes_on)), heading))
        yield found


def _by_column(row: Any) -> Iterator[tuple[int, Any]]:
    """The cells of a row, each with the column that it begins in."""
    at = _number(row.find(f"{_W}trPr/{_W}gridBefore"), 0)
    for cell in row.iter(_W + "tc"):
        if next(cell.iterancestors(_W + "tr")) is row:
            yield at, cell
            at += _span(cell)


def _span(cell: Any) -> int:
    return max(_number(cell.find(f"{_W}tcPr/{_W}gridSpan"), 1), 1)


def _number(element: Any, default: int) -> int:
    stated = "" if element is None else element.get(_W + "val", "")
    return min(int(stated), _MOST_COLUMNS) if re.fullmatch(r"\d{1,9}", stated) else default


def _merged(cell: Any) -> str:
    """ "restart" where `cell` begins one merged over several rows, "continue" where it lies in
    one."""
    merge = None if cell is None else cell.find(f"{_W}tcPr/{_W}vMerge")
    return "" if merge is None else str(merge.get(_W + "val", "continue"))


def _is_bold(cell: Any) -> bool:
    marks = [run.find(f"{_W}rPr/{_W}b") for run in cell.iter(_W + "r") if _text(run).strip()]
    return all(b is not None and b.get(_W + "val", "1") not in ("0", "false") for b in marks)


def _words(cell: Any) -> str:
    parts = [
        "; ".join(grid_lines(_rows(block))) if block.tag == _W + "tbl" else one_line(_text(block))
        for block in _blocks(cell)
    ]
    return " ".join(part for part in parts if part)
