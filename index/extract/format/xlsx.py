"""XLSX through openpyxl: each sheet a page under its name, each row a line of labelled cells."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from index.document import MetadataValue
from index.errors import UnreadableFile
from index.extract.extracted import Extracted
from index.extract.file_metadata import metadata_of
from index.extract.format.xlsx_numbers import shown
from index.extract.table_rows import write_rows
from index.extract.text_builder import TextBuilder
from index.extract.zipped_xml import open_archive, parse_xml

if TYPE_CHECKING:
    from zipfile import ZipFile

_CORE = "docProps/core.xml"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_MERGED = re.compile(rb'mergeCell\s+ref="([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})"')
_MOST_SPANNED = 200  # rows that one cell may be repeated in
_MOST_CELLS = 20_000_000  # in one workbook, empty ones between others among them


def read_xlsx(data: bytes) -> Extracted:
    """The values that the sheets show, not their formulas; hidden sheets are left out. Raises
    `UnreadableFile` for a workbook of more than 20 million cells, and as `open_archive` does."""
    import openpyxl

    with open_archive(data) as archive:
        title, metadata = _stated(archive)
    warnings.filterwarnings("ignore", module="openpyxl")  # of features it does not keep
    book = openpyxl.load_workbook(
        io.BytesIO(data), read_only=True, data_only=True, keep_links=False
    )
    try:
        builder = TextBuilder()
        seen = 0
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                rows = list(_rows(sheet, seen))
                _repeat_merged(sheet, rows)
                seen += sum(map(len, rows))
                builder.page(f"sheet {sheet.title}")
                if any(map(any, rows)):
                    builder.heading(sheet.title, 2)
                write_rows(builder, rows, f"sheet {sheet.title}, row")
        return builder.build(title, metadata)
    finally:
        book.close()


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


def _repeat_merged(sheet: Any, rows: list[list[str]]) -> None:
    """Writes what a cell merged over several rows holds into each of them."""
    from openpyxl.utils.cell import coordinate_to_tuple

    with sheet._get_source() as source:  # openpyxl leaves merged cells out of what it only reads
        ranges = _MERGED.findall(source.read().rpartition(b"sheetData>")[2])
    for first, last in ranges:
        top, left = coordinate_to_tuple(first.decode())
        bottom, _ = coordinate_to_tuple(last.decode())
        for row in rows[top : min(bottom, top + _MOST_SPANNED)]:
            if left <= len(row) and top <= len(rows) and left <= len(rows[top - 1]):
                row[left - 1] = row[left - 1] or rows[top - 1][left - 1]


def _text(cell: Any) -> str:
    value = cell.value
    if value is None or cell.data_type == "e":  # an error such as #N/A
        return ""
    return shown(value, cell.number_format) if isinstance(value, int | float) else shown(value)
