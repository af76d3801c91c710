"""PPTX through python-pptx: each slide a page, its title a heading, then its text, tables, charts
and the speaker's notes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

from index.extract.extracted import Extracted
from index.extract.file_metadata import metadata_of
from index.extract.table_grid import Cell, grid_lines
from index.extract.table_rows import tables
from index.extract.text_builder import TextBuilder
from index.extract.zipped_xml import open_archive, parse_xml
from index.text.clean import one_line

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "/diagramData"  # how the relation to a SmartArt graphic's words ends
_NAMELESS = {"PowerPoint Presentation", "Presentation", "Slide 1"}


def read_pptx(data: bytes) -> Extracted:
    """The slides in order, hidden ones among them; slide numbers, dates and footers are left out.
    Raises as `open_archive`."""
    import pptx

    open_archive(data).close()
    deck = pptx.Presentation(io.BytesIO(data))
    builder = TextBuilder()
    for number, slide in enumerate(deck.slides, start=1):
        builder.page(f"slide {number}")
        title = slide.shapes.title
        if title is not None:
            builder.heading(title.text_frame.text, 1)
        for shape in _flat(slide.shapes):
            if title is None or shape.shape_id != title.shape_id:
                _write(builder, shape)
        for relation in slide.part.rels.values():
            if relation.reltype.endswith(_DIAGRAM) and not relation.is_external:
                builder.block("\n".join(_diagram(relation.target_part.blob)))
        if slide.has_notes_slide:
            notes = slide.notes_slide.notes_text_frame
            if notes is not None and notes.text.strip():
                builder.block("Notes: " + _words(notes))
    core = deck.core_properties
    title = one_line(core.title or "")
    return builder.build(
        "" if title in _NAMELESS else title,
        metadata_of(
            author=core.author or "",
            dated=core.created.isoformat() if core.created else "",
            language=core.language or "",
        ),
    )


def _flat(shapes: Iterable[Any]) -> Iterator[Any]:
    """The shapes, those in groups among them, without what repeats on every slide."""
    from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER

    repeated = (PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER)
    for shape in shapes:
        if shape.is_placeholder and shape.placeholder_format.type in repeated:
            continue
        if not shape.is_placeholder and shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            yield from _flat(shape.shapes)
        else:
            yield shape


def _write(builder: TextBuilder, shape: Any) -> None:
    if shape.has_text_frame:
        builder.block(_words(shape.text_frame))
    elif getattr(shape, "has_table", False):
        builder.block("\n".join(grid_lines(_rows(shape.table))))
    elif getattr(shape, "has_chart", False):
        if shape.chart.has_title:
            builder.block(shape.chart.chart_title.text_frame.text)
        for table in tables(_chart(shape.chart)):
            builder.block(table)


def _rows(table: Any) -> Iterator[list[Cell]]:
    """The cells of each row, but for those that lie under a merged one."""
    for number, row in enumerate(table.rows):
        heading = number == 0 and table.first_row and len(table.columns) > 1
        yield [
            Cell(one_line(cell.text), cell.span_width, cell.span_height, heading)
            if cell.is_merge_origin
            else Cell(one_line(cell.text), heading=heading)
            for cell in row.cells
            if not cell.is_spanned
        ]


def _words(frame: Any) -> str:
    """The paragraphs of a text frame, each on a line, those of a deeper level set in."""
    return "\n".join(
        "  " * paragraph.level + one_line(paragraph.text)
        for paragraph in frame.paragraphs
        if paragraph.text.strip()
    )


def _chart(chart: Any) -> Iterator[list[str]]:
    """The figures behind a chart as a table: a row for each category, a column for each series."""
    for plot in chart.plots:
        series = [(one.name, list(one.values)) for one in plot.series]
        yield ["", *(name for name, _ in series)]
        for place, category in enumerate(plot.categories):
            values = [values[place] if place < len(values) else None for _, values in series]
            yield [str(category), *("" if value is None else f"{value:.15g}" for value in values)]
        yield []


def _diagram(xml: bytes) -> Iterator[str]:
    for paragraph in parse_xml(xml).iter(_A + "p"):
        if words := one_line("".join(run.text or "" for run in paragraph.iter(_A + "t"))):
            yield words
