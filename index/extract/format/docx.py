"""DOCX through python-docx: paragraphs, headings and tables in document order, their notes and
comments behind them."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from index.document import MetadataValue
from index.extract.content import Extracted
from index.extract.file_metadata import metadata_of
from index.extract.limits import Parsing
from index.extract.office.chart import chart_rows
from index.extract.office.drawing import drawn_words
from index.extract.office.package import opened
from index.extract.page_numbers import numbers_pages
from index.extract.table_grid import grid_lines
from index.extract.table_rows import tables
from index.extract.text_builder import TextBuilder
from index.extract.word.numbering import Numbering
from index.extract.word.paragraph import FALLBACK, Paragraphs, W
from index.extract.word.shifts import Shifts
from index.extract.word.table import blocks, table_rows
from index.extract.zipped_xml import parse_sound
from index.text.clean import one_line

_GRAPHIC = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DATA = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_docx(data: bytes, parsing: Parsing) -> Extracted:
    """The text of the body, with what was inserted under tracked changes and without what was
    deleted; then what headers and footers say. Raises as `open_archive`."""
    document, damaged = opened(data, _open)
    writer = _Writer(document, parsing)
    writer.write(document.element.body)
    writer.margins()
    core = document.core_properties
    return writer.build(
        core.title or "",
        metadata_of(
            author=core.author or "",
            dated=core.created.isoformat() if core.created else "",
            language=core.language or "",
        ),
        damaged,
    )


def _open(file: io.BytesIO) -> Any:
    import docx

    return docx.Document(file)


class _Writer:
    """Writes the blocks of a document and of its notes; knows the list it is in."""

    def __init__(self, document: Any, parsing: Parsing) -> None:
        self.builder = TextBuilder(parsing)
        self._document = document
        self._levels = {style.style_id: _level(style) for style in document.styles}
        self._parts = {
            relation.reltype.rpartition("/")[2]: relation.target_part
            for relation in document.part.rels.values()
            if not relation.is_external
        }
        numbering = Numbering(self._root("numbering"), document.styles.element)
        notes = (self._noted(name) for name in ("footnotes", "endnotes", "comments"))
        self._paragraphs = Paragraphs(numbering, Shifts(document.styles.element), *notes)
        self._title = ""
        self._in_list = False

    def write(self, parent: Any) -> None:
        for element in blocks(parent):
            if element.tag == W + "tbl":
                rows = table_rows(element, self._paragraphs)
                self.builder.block("\n".join(grid_lines(rows, self.builder.above)))
                self._in_list = False
            else:
                self._paragraph(element)
            self._charts(element)
            self._diagrams(element)
            self._notes()
        if parent is self._document.element.body:
            self._write_notes(self._paragraphs.unread())

    def margins(self) -> None:
        """Writes each header and footer once, but for those that hold page numbers alone."""
        seen = set()
        for name in ("header", "footer"):
            for relation in self._document.part.rels.values():
                if relation.is_external or not relation.reltype.endswith("/" + name):
                    continue
                root = self._sound(relation.target_part)
                lines = [
                    one_line(self._paragraphs.text(line))
                    for line in root.iter(W + "p")
                    if next(line.iterancestors(FALLBACK), None) is None
                ]
                words = "\n".join(filter(None, lines))
                if words not in seen and not numbers_pages(words):
                    seen.add(words)
                    self.builder.block(words)

    def build(
        self, title: str, metadata: Mapping[str, MetadataValue], damaged: Sequence[str]
    ) -> Extracted:
        body = self._document.element.body
        self.builder.leave_out("embedded objects", len(list(body.iter(W + "object"))))
        self.builder.leave_out("embedded documents", len(list(body.iter(W + "altChunk"))))
        for font, count in self._paragraphs.unknown.items():
            self.builder.leave_out(f"symbols of the font {font}", count)
        for name in damaged:
            self.builder.leave_out(f"damaged part {name}")
        return self.builder.build(title or self._title, metadata)

    def _paragraph(self, element: Any) -> None:
        text = self._paragraphs.text(element)
        level = self._levels.get(element.style)
        marker, depth = self._paragraphs.marker(element) or ("", 0)
        if level is not None:
            self._title = self._title or (one_line(text) if level == 0 else "")
            self.builder.heading(marker + text if text.strip() else "", max(level, 1))
        elif text.strip() and depth:
            separator = "\n" if self._in_list else "\n\n"
            self.builder.block(marker + text.strip(), separator + "  " * (depth - 1))
        else:
            self.builder.block(text)
        self._in_list = depth > 0 and level is None

    def _charts(self, element: Any) -> None:
        for chart in element.iter(_CHART):
            part = self._document.part.related_parts.get(chart.get(_ID, ""))
            if part is not None:
                title, rows = chart_rows(self._sound(part))
                self.builder.block(title)
                for table in tables(rows):
                    self.builder.block(table)

    def _notes(self) -> None:
        while notes := self._paragraphs.notes():
            self._write_notes(notes)

    def _write_notes(self, notes: Sequence[tuple[str, Any]]) -> None:
        for lead, note in notes:
            lines = [one_line(self._paragraphs.labelled(one)) for one in note.iter(W + "p")]
            words = "\n".join(filter(None, lines))
            self.builder.block(lead + words if words else "")

    def _diagrams(self, element: Any) -> None:
        """Writes the words of SmartArt graphics."""
        for graphic in element.iter(_GRAPHIC + "relIds"):
            part = self._document.part.related_parts.get(graphic.get(_DATA, ""))
            if part is not None:
                lines = (one_line(drawn_words(one)) for one in self._sound(part).iter(_DRAWN + "p"))
                self.builder.block("\n".join(filter(None, lines)))

    def _root(self, name: str) -> Any:
        """The root element of the part that the document has of this name; None without one."""
        part = self._parts.get(name)
        return None if part is None else self._sound(part)

    def _sound(self, part: Any) -> Any:
        """The root element of a part; an empty one, which is noted, for one that is damaged."""
        from lxml.etree import Element

        root = parse_sound(part.blob)
        if root is None:
            self.builder.leave_out(f"damaged part {part.partname.lstrip('/')}")
        return Element("damaged") if root is None else root

    def _noted(self, name: str) -> dict[str, Any]:
        root = self._root(name)
        return {} if root is None else {one.get(W + "id", ""): one for one in root}


def _level(style: Any) -> int | None:
    """The level of the headings in `style` (0: the document's title); None for other styles."""
    while style is not None:
        if style.name == "Title":
            return 0
        if found := re.fullmatch(r"Heading ([1-9])", style.name or "", re.IGNORECASE):
            return int(found[1])
        outline = style.element.find(f"{W}pPr/{W}outlineLvl")
        if outline is not None and int(outline.get(W + "val")) < 9:
            return int(outline.get(W + "val")) + 1
        style = getattr(style, "base_style", None)
    return None
