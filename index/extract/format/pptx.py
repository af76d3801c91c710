"""PPTX through python-pptx: each slide a page, its title a heading, then its text, tables, charts,
the speaker's notes and comments."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from index.extract.content import Extracted
from index.extract.file_metadata import metadata_of
from index.extract.limits import Parsing
from index.extract.numerals import numeral
from index.extract.office.chart import chart_rows
from index.extract.office.drawing import drawn_words, without_alternatives
from index.extract.office.package import opened
from index.extract.reading_order import Box, reading_order
from index.extract.table_grid import Cell, grid_lines
from index.extract.table_rows import tables
from index.extract.text_builder import TextBuilder
from index.extract.zipped_xml import parse_sound
from index.text.clean import one_line

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_NEW_CHART = "{http://schemas.microsoft.com/office/drawing/2014/chartex}chart"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DIAGRAM = "/diagramData"  # how the relation to a SmartArt graphic's words ends
_COMMENTS = "/comments"
_NUMERALS = {
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
}
_SHAPES = {
    _P + name for name in ("nvGrpSpPr", "grpSpPr", "sp", "grpSp", "graphicFrame", "cxnSp", "pic")
}
_NAMELESS = {"PowerPoint Presentation", "Presentation", "Slide 1"}


def read_pptx(data: bytes, parsing: Parsing) -> Extracted:
    """The slides in order, hidden ones among them; slide numbers, dates and footers are left out.
    Raises as `open_archive`."""
    deck, damaged = opened(data, _open)
    builder = TextBuilder(parsing)
    for number, slide in enumerate(_slides(deck), start=1):
        builder.page(f"slide {number}")
        if slide is None:
            builder.leave_out(f"slide {number}, which is missing or damaged")
        else:
            _write_slide(builder, slide)
    for name in damaged:
        builder.leave_out(f"damaged part {name}")
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


def _open(file: io.BytesIO) -> Any:
    import pptx

    return pptx.Presentation(file)


def _slides(deck: Any) -> Iterator[Any]:
    """The slides; None for one whose part is not in the file."""
    parts = deck.part.related_slide
    for entry in deck.part._element.iter(_P + "sldId"):
        relation = entry.get(_ID, "")
        yield parts(relation) if relation in deck.part.rels else None


def _write_slide(builder: TextBuilder, slide: Any) -> None:
    without_alternatives(slide.element)
    builder.leave_out("shapes of an unknown kind", _without_unknown(slide.element))
    title = slide.shapes.title
    if title is not None:
        builder.heading(_words(title.text_frame), 1)
    for shape in _flat(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            _write(builder, shape, slide)
    builder.leave_out("embedded objects", len(list(slide.element.iter(_P + "oleObj"))))
    builder.leave_out("charts of a new kind", len(list(slide.element.iter(_NEW_CHART))))
    for relation in slide.part.rels.values():
        if relation.is_external:
            continue
        if not relation.reltype.endswith((_DIAGRAM, _COMMENTS)):
            continue
        root = parse_sound(relation.target_part.blob)
        if root is None:
            builder.leave_out(f"damaged part {relation.target_part.partname.lstrip('/')}")
        elif relation.reltype.endswith(_DIAGRAM):
            builder.block("\n".join(_diagram(root)))
        else:
            for words in _comments(root):
                builder.block("Comment: " + words)
    if slide.has_notes_slide:
        without_alternatives(slide.notes_slide.element)
        _without_unknown(slide.notes_slide.element)
        said = [_words(shape.text_frame) for shape in _noted(slide.notes_slide)]
        builder.block("Notes: " + "\n".join(said) if any(said) else "")


def _without_unknown(root: Any) -> int:
    """Takes the shapes away that PowerPoint may have and python-pptx doesn't know; how many."""
    unknown = [
        shape
        for shapes in root.iter(_P + "spTree", _P + "grpSp")
        for shape in shapes
        if shape.tag not in _SHAPES
    ]
    for shape in unknown:
        shape.getparent().remove(shape)
    return sum(not shape.tag.endswith("extLst") for shape in unknown)


def _flat(shapes: Iterable[Any]) -> Iterator[Any]:
    """The shapes as they are read, those in groups among them, without what repeats on every
    slide."""
    from pptx.enum.shapes import PP_PLACEHOLDER

    repeated = (PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER)
    drawn = [
        shape
        for shape in shapes
        if not (shape.is_placeholder and shape.placeholder_format.type in repeated)
    ]
    for place in reading_order([_box(shape) for shape in drawn]):
        inner = getattr(drawn[place], "shapes", None)
        if inner is None:
            yield drawn[place]
        else:
            yield from _flat(inner)


def _box(shape: Any) -> Box:
    left, top, width, height = (_side(shape, name) for name in ("left", "top", "width", "height"))
    return Box(left, top, left + width, top + height)


def _side(shape: Any, name: str) -> int:
    """0 where the layout that would tell it is missing or damaged."""
    try:
        return getattr(shape, name) or 0
    except (KeyError, AttributeError):
        return 0


def _write(builder: TextBuilder, shape: Any, slide: Any) -> None:
    if shape.has_text_frame:
        builder.block(_words(shape.text_frame))
    elif getattr(shape, "has_table", False):
        builder.block("\n".join(grid_lines(_rows(shape.table), builder.above)))
    elif getattr(shape, "has_chart", False):
        relation = slide.part.rels.get(shape._element.chart_rId)
        if relation is None:
            builder.leave_out("charts whose part is missing or damaged")
            return
        title, rows = chart_rows(relation.target_part._element)
        builder.block(title)
        for table in tables(rows):
            builder.block(table)


def _noted(slide: Any) -> list[Any]:
    """What is written on the page of the speaker's notes: the notes and boxes beside them."""
    from pptx.enum.shapes import PP_PLACEHOLDER

    return [
        shape
        for shape in slide.shapes
        if shape.has_text_frame
        and shape.text_frame.text.strip()
        and (not shape.is_placeholder or shape.placeholder_format.type == PP_PLACEHOLDER.BODY)
    ]


def _rows(table: Any) -> Iterator[list[Cell]]:
    """The cells of each row, but for those that lie under a merged one."""
    for number, row in enumerate(table.rows):
        heading = number == 0 and table.first_row and len(table.columns) > 1
        yield [
            Cell(_cell(cell), cell.span_width, cell.span_height, heading)
            if cell.is_merge_origin
            else Cell(_cell(cell), heading=heading)
            for cell in row.cells
            if not cell.is_spanned
        ]


def _cell(cell: Any) -> str:
    return one_line("\n".join(drawn_words(line._p) for line in cell.text_frame.paragraphs))


def _words(frame: Any) -> str:
    """The paragraphs of a text frame, each on a line, those of a deeper level set in."""
    counts: dict[int, int] = {}
    lines = [
        (line.level, one_line(_numbered(line, counts) + drawn_words(line._p)))
        for line in frame.paragraphs
        if one_line(drawn_words(line._p))
    ]
    return "\n".join("  " * level + words for level, words in lines if words)


def _numbered(line: Any, counts: dict[int, int]) -> str:
    """The number that PowerPoint counts before a paragraph; `counts` are those so far, by level."""
    for deeper in [level for level in counts if level > line.level]:
        del counts[deeper]
    form = line._p.find(f"{_A}pPr/{_A}buAutoNum")
    if form is None:
        counts.pop(line.level, None)
        return ""
    first = form.get("startAt", "1")
    start = int(first) if re.fullmatch(r"\d{1,5}", first) else 1
    counts[line.level] = number = counts.get(line.level, start - 1) + 1
    kind = form.get("type", "arabicPeriod")
    letters = next((name for sign, name in _NUMERALS.items() if kind.startswith(sign)), "decimal")
    word = numeral(number, letters)
    if kind.endswith("ParenBoth"):
        return f"({word}) "
    return word + (") " if kind.endswith("ParenR") else " " if kind.endswith("Plain") else ". ")


def _diagram(root: Any) -> Iterator[str]:
    for paragraph in root.iter(_A + "p"):
        if words := one_line(drawn_words(paragraph)):
            yield words


def _comments(root: Any) -> Iterator[str]:
    """Of the older form of comments and of the present one."""
    for text in root.iter(_P + "text"):
        yield text.text or ""
    yield from _diagram(root)
