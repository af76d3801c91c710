"""XLSX through openpyxl: each sheet a page under its name, each row a line of labelled cells, its
comments behind them."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from index.document import MetadataValue
from index.errors import UnreadableFile
from index.extract.content import Extracted
from index.extract.file_metadata import metadata_of
from index.extract.limits import Parsing
from index.extract.office.package import opened
from index.extract.office.raised_cells import raised_strings
from index.extract.office.sheet import Sheet, read_sheet
from index.extract.office.xlsx_numbers import shown
from index.extract.table_rows import write_rows
from index.extract.text_builder import TextBuilder
from index.extract.zipped_xml import open_archive, parse_xml

if TYPE_CHECKING:
    from zipfile import ZipFile

_CORE = "docProps/core.xml"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_MOST_COLUMNS = 16_384  # of a sheet
_MOST_SPANNED = 200  # rows that one cell may be repeated in
_HIDDEN_ROW, _HIDDEN_COLUMN = " (hidden row)", " (hidden)"
_MOST_CELLS = 20_000_000  # in one workbook, empty ones between others among them


def read_xlsx(data: bytes, parsing: Parsing) -> Extracted:
    """The values that the sheets show, and formulas only where the file holds no values for them;
    then their comments and text boxes; hidden rows and columns are marked, hidden sheets left out.
    Raises `UnreadableFile` for a workbook of more than 20 million cells, and as `open_archive`
    does."""
    with open_archive(data) as archive:
        title, metadata = _stated(archive)
        book, damaged = opened(data, _open)
        try:
            builder = TextBuilder(parsing)
            seen = 0
            _set_apart(book, raised_strings(archive))
            for sheet in book.worksheets:
                if sheet.sheet_state != "visible":
                    builder.leave_out(f"hidden sheet {sheet.title}")
                    continue
                try:
                    seen += _write_sheet(builder, sheet, read_sheet(archive, _part(sheet)), seen)
                except SyntaxError:  # of its XML
                    builder.leave_out(f"sheet {sheet.title}, which is damaged")
            for name in damaged:
                builder.leave_out(f"damaged part {name}")
            return builder.build(title, metadata)
        finally:
            book.close()


def _open(file: io.BytesIO) -> Any:
    import openpyxl

    warnings.filterwarnings("ignore", module="openpyxl")  # of features it does not keep
    return openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)


def _set_apart(book: Any, strings: Mapping[int, str]) -> None:
    """Puts `strings` in their places among those that the sheets share."""
    shared: list[str] = next((sheet._shared_strings for sheet in book.worksheets), [])
    for number, words in strings.items():
        if number < len(shared):
            shared[number] = words


def _part(sheet: Any) -> str:
    return str(sheet._worksheet_path).lstrip("/")


def _write_sheet(builder: TextBuilder, sheet: Any, source: Sheet, seen: int) -> int:
    """Writes a sheet, where `seen` cells came before it; the number of its own."""
    rows = list(_rows(sheet, seen))
    cells = sum(map(len, rows))
    _write_cells(source.raised.items(), rows, anew=True)
    _write_cells(source.formulas, rows)
    _repeat_merged(source.merged, rows)
    _mark_hidden(source, rows)
    builder.page(f"sheet {sheet.title}")
    if any(map(any, rows)):
        builder.heading(sheet.title, 2)
    write_rows(builder, rows, f"sheet {sheet.title}, row")
    for place, words in source.comments:
        builder.place(f"sheet {sheet.title}, {place}")
        builder.block(f"Comment on {place} {words}" if words[0] == "(" else f"{place}{words}")
    for words in source.boxes:
        builder.place(f"sheet {sheet.title}")
        builder.block(words)
    for words in source.margins:
        builder.place(f"sheet {sheet.title}")
        builder.block(words)
    builder.leave_out("formulas whose values the file doesn't hold", source.valueless)
    return cells


def _stated(archive: ZipFile) -> tuple[str, dict[str, MetadataValue]]:
    """The title and the metadata. openpyxl would give today's date where the file has none."""
    if _CORE not in archive.namelist():
        return "", {}
    core = parse_xml(archive.read(_CORE))
    author = core.findtext(f"{_DC}creator") or ""
    return core.findtext(f"{_DC}title") or "", metadata_of(
        author="" if author == "openpyxl" else author,
        dated=core.findtext(f"{_TERMS}created") or "",
        language=core.findtext(f"{_DC}language") or "",
    )


def _rows(sheet: Any, seen: int) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # what a sheet states of its size is often wrong
    for row in sheet.iter_rows():
        seen += len(row)
        if seen > _MOST_CELLS:
            raise UnreadableFile(f"has more than {_MOST_CELLS:,} cells; split it into smaller ones")
        yield [_text(cell) for cell in row]


def _write_cells(
    cells: Iterable[tuple[str, str]], rows: list[list[str]], anew: bool = False
) -> None:
    """Writes words into cells by their names: those that are empty, such as formulas for which the
    file holds no values, or all of them `anew`."""
    from openpyxl.utils.cell import coordinate_to_tuple

    for cell, words in cells:
        number, column = coordinate_to_tuple(cell) if cell else (len(rows) + 1, 1)
        if number <= len(rows):
            row = rows[number - 1]
            row += [""] * (min(column, _MOST_COLUMNS) - len(row))
            if column <= len(row) and (anew or not row[column - 1]):
                row[column - 1] = words


def _repeat_merged(ranges: Iterable[tuple[str, str]], rows: list[list[str]]) -> None:
    """Writes what a cell merged over several rows holds into each of them."""
    from openpyxl.utils.cell import coordinate_to_tuple

    for first, last in ranges:
        top, left = coordinate_to_tuple(first)
        bottom, _ = coordinate_to_tuple(last)
        for row in rows[top : min(bottom, top + _MOST_SPANNED)]:
            if left <= len(row) and top <= len(rows) and left <= len(rows[top - 1]):
                row[left - 1] = row[left - 1] or rows[top - 1][left - 1]


def _mark_hidden(source: Sheet, rows: list[list[str]]) -> None:
    """Says which rows are hidden, behind their last cell, and which columns, in the first."""
    for number in source.rows:
        row = rows[number - 1] if 0 < number <= len(rows) else []
        filled = [at for at, cell in enumerate(row) if cell]
        if filled:
            row[filled[-1]] += _HIDDEN_ROW
    for column in source.columns:
        first = next((row for row in rows if len(row) >= column and row[column - 1]), None)
        if first is not None:
            first[column - 1] += _HIDDEN_COLUMN


def _text(cell: Any) -> str:
    value = cell.value
    if value is None or cell.data_type == "e":  # an error such as #N/A
        return ""
    return shown(value, cell.number_format)
