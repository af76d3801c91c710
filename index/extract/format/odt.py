"""ODT: its zipped XML, read directly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from index.document import MetadataValue
from index.errors import UnreadableFile
from index.extract.content import Extracted
from index.extract.file_metadata import metadata_of
from index.extract.limits import Parsing
from index.extract.odt_words import Words
from index.extract.page_numbers import numbers_pages
from index.extract.table_grid import Cell, grid_lines
from index.extract.text_builder import TextBuilder
from index.extract.zipped_xml import open_archive, parse_xml
from index.text.clean import one_line

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE = f"{{{_OASIS}text:1.0}}", f"{{{_OASIS}table:1.0}}"
_OFFICE, _META = f"{{{_OASIS}office:1.0}}", f"{{{_OASIS}meta:1.0}}"
_FRAME, _BOX = f"{{{_OASIS}drawing:1.0}}frame", f"{{{_OASIS}drawing:1.0}}text-box"
_DC = "{http://purl.org/dc/elements/1.1/}"
_MOST_REPEATS = 100  # of a cell; sheets pad their rows with thousands of empty ones
_STYLE = f"{{{_OASIS}style:1.0}}"
_WHICH = ("", "-left", "-first")  # pages a header or footer is for
_UNSEEN = {
    _OFFICE + "annotation", _TEXT + "tracked-changes", _TEXT + "note-citation",
    _OFFICE + "forms", _TEXT + "sequence-decls", _TEXT + "variable-decls",
}  # fmt: skip
_APART = {
    *_UNSEEN,
    _TEXT + "note",
    _FRAME,
    _TEXT + "page-number",
    _TEXT + "page-count",
}  # of the words of a paragraph
_ROWS = {_TABLE + "table-header-rows", _TABLE + "table-rows", _TABLE + "table-row-group"}


def read_odt(data: bytes, parsing: Parsing) -> Extracted:
    """Paragraphs, headings, lists and tables in order; footnotes follow the paragraph that calls
    them; comments too; deleted text is left out; then what headers and footers say. Raises as
    `open_archive`."""
    with open_archive(data) as archive:
        names = archive.namelist()
        manifest = "META-INF/manifest.xml"
        if manifest in names and b"encryption-data" in archive.read(manifest):
            raise UnreadableFile(
                "is encrypted and opens only with a password; save a copy without one"
            )
        content = parse_xml(archive.read("content.xml"))
        meta = parse_xml(archive.read("meta.xml")) if "meta.xml" in names else None
        styles = parse_xml(archive.read("styles.xml")) if "styles.xml" in names else None
    builder = TextBuilder(parsing)
    body = content.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise UnreadableFile("is an OpenDocument file, but no text document")
    parts = [part for part in (styles, content) if part is not None]
    writer = _Writer(builder, Words(parts, _APART))
    writer.write(body)
    if styles is not None:
        writer.margins(styles)
    title, metadata = _stated(meta)
    return builder.build(title, metadata)


def _stated(meta: Any) -> tuple[str, dict[str, MetadataValue]]:
    if meta is None:
        return "", {}

    def first(*names: str) -> str:
        return next((words for name in names if (words := meta.findtext(f".//{name}"))), "")

    return first(_DC + "title"), metadata_of(
        author=first(_META + "initial-creator", _DC + "creator"),
        dated=first(_META + "creation-date", _DC + "date"),
        language=first(_DC + "language"),
    )


class _Writer:
    """Writes the blocks under an element in order; knows how deep in lists it is."""

    def __init__(self, builder: TextBuilder, words: Words) -> None:
        self._builder = builder
        self._words = words
        self._depth = 0
        self._marker = ""
        self._tight = False

    def write(self, parent: Any) -> None:
        for child in parent:
            if child.tag == _TEXT + "h":
                level = child.get(_TEXT + "outline-level", "1")
                self._builder.heading(self._words.of(child), int(level))
                self._after(child)
            elif child.tag == _TEXT + "p":
                self._paragraph(child)
                self._after(child)
            elif child.tag == _TEXT + "list":
                self._depth += 1
                self.write(child)
                self._depth -= 1
                self._tight = self._tight and self._depth > 0
            elif child.tag in (_TEXT + "list-item", _TEXT + "list-header"):
                self._marker = "- "
                self.write(child)
                self._marker = ""
            elif child.tag == _TABLE + "table":
                self._builder.block("\n".join(grid_lines(self._rows(child), self._builder.above)))
                self._tight = False
            elif child.tag not in _UNSEEN:
                self.write(child)

    def margins(self, styles: Any) -> None:
        """Writes each header and footer once, but for those that hold page numbers alone."""
        seen = set()
        for kind in ("header", "footer"):
            for margin in styles.iter(*(f"{_STYLE}{kind}{which}" for which in _WHICH)):
                lines = [one_line(self._words.of(line)) for line in margin.iter(_TEXT + "p")]
                words = "\n".join(filter(None, lines))
                if words not in seen and not numbers_pages(words):
                    seen.add(words)
                    self._builder.block(words)

    def _paragraph(self, element: Any) -> None:
        words = self._words.of(element)
        separator = "\n" if self._tight and self._marker else "\n\n"
        if self._marker:
            separator += "  " * (self._depth - 1)
        if words.strip():
            self._builder.block(self._marker + words.strip(), separator)
            self._tight = bool(self._marker)
            self._marker = ""

    def _after(self, element: Any) -> None:
        """What hangs on a paragraph: its notes and the text boxes anchored in it, which write
        what hangs on theirs."""
        for child in element:
            if child.tag in (_TEXT + "note-body", _BOX):
                self.write(child)
            elif child.tag == _OFFICE + "annotation":
                author = one_line(child.findtext(_DC + "creator") or "")
                lines = [one_line(self._words.of(line)) for line in child.iter(_TEXT + "p")]
                lead = f"Comment ({author}): " if author else "Comment: "
                self._builder.block(lead + "\n".join(lines) if any(lines) else "")
            elif child.tag not in _UNSEEN:
                self._after(child)

    def _rows(self, table: Any, heading: bool = False) -> Iterator[list[Cell]]:
        for child in table:
            if child.tag in _ROWS:
                headed = heading or child.tag == _TABLE + "table-header-rows"
                yield from self._rows(child, headed)
            elif child.tag == _TABLE + "table-row":
                yield [cell for one in child for cell in self._cells(one, heading)]

    def _cells(self, cell: Any, heading: bool) -> list[Cell]:
        """The cell as often as it is repeated; nothing for what is no cell or lies under one that
        reaches over several columns or rows."""
        if cell.tag != _TABLE + "table-cell":
            return []
        lines = [one_line(self._words.of(line)) for line in cell.iter(_TEXT + "p", _TEXT + "h")]
        columns, rows, times = (
            _number(cell, name) for name in ("columns-spanned", "rows-spanned", "columns-repeated")
        )
        made = Cell(" ".join(filter(None, lines)), columns, rows, heading)
        return [made] * min(times, _MOST_REPEATS)


def _number(cell: Any, name: str) -> int:
    stated = cell.get(f"{_TABLE}number-{name}", "")
    return int(stated) if re.fullmatch(r"\d{1,9}", stated) else 1
