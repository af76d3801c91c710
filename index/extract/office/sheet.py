"""What the parts of a workbook say of a sheet that openpyxl leaves out when it only reads: merged
and hidden cells, formulas without values, comments and text boxes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any

from index.extract.office.drawing import drawn_words
from index.extract.office.raised_cells import raised_cells
from index.extract.page_numbers import numbers_pages
from index.extract.zipped_xml import parse_sound
from index.text.clean import one_line

if TYPE_CHECKING:
    from zipfile import ZipFile

# Some programs write a prefix before each name, <x:row>, or single quotation marks.
_MERGED = re.compile(rb"""mergeCell\s+ref=["']([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})["']""")
_HIDDEN = re.compile(rb"""<(?:\w+:)?(row|col)\b(?=[^>]*\shidden=["'](?:1|true)["'])[^>]*>""")
_PLACE = re.compile(rb"""\s(r|min|max)=["'](\d{1,7})["']""")
_VOID = rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*"
_NO_VALUE = re.compile(
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)" + _VOID + rb"(?=</(?:\w+:)?c>)"
)
_FORMULA = re.compile(
    rb"""<(?:\w+:)?c\b[^>]*?\sr=["']([A-Z]{1,3}\d{1,7})["'][^>]*>\s*"""
    rb"<(?:\w+:)?f\b[^>]*(?<!/)>([^<]*)</(?:\w+:)?f>" + _VOID + rb"</(?:\w+:)?c>"
)
_DATA = re.compile(rb"<(?:\w+:)?sheetData")
_HAS_FORMULA = re.compile(rb"<(?:\w+:)?f[ >]")
_MARGIN = re.compile(
    rb"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)>([^<]+)</(?:\w+:)?(?:odd|even|first)"
)
_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f+\-]{5,6}|\d{1,3}|[A-Z&])')
_MOST_COLUMNS = 16_384  # of a sheet
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """`merged` are the first and last cell of each range; `rows` and `columns` those that are
    hidden, counted from 1; `valueless` counts the formulas whose values the file doesn't hold;
    `formulas` are (cell, formula) of those of them that the file writes out, and `comments` (cell,
    words); `raised` are the words of cells in which some letters are; `margins` what headers and
    footers say."""

    merged: tuple[tuple[str, str], ...]
    rows: frozenset[int]
    columns: frozenset[int]
    valueless: int
    formulas: tuple[tuple[str, str], ...]
    comments: tuple[tuple[str, str], ...]
    boxes: tuple[str, ...]
    raised: Mapping[str, str]
    margins: tuple[str, ...]


def read_sheet(archive: ZipFile, name: str) -> Sheet:
    """The sheet whose part in the workbook is `name`."""
    source = archive.read(name)
    data = _DATA.search(source)
    begin, end = data.start() if data else 0, source.rfind(b"sheetData>")
    return Sheet(
        tuple((first.decode(), last.decode()) for first, last in _MERGED.findall(source, end)),
        _hidden(source, begin, len(source)),
        _hidden(source, 0, begin),
        len(_NO_VALUE.findall(source)) if _HAS_FORMULA.search(source) else 0,
        tuple(_formulas(source)) if _HAS_FORMULA.search(source) else (),
        tuple(_comments(archive, name)),
        tuple(_boxes(archive, name)),
        raised_cells(source),
        tuple(dict.fromkeys(_margins(source[max(end, 0) :]))),
    )


def _formulas(source: bytes) -> Iterator[tuple[str, str]]:
    for cell, formula in _FORMULA.findall(source):
        if words := unescape(formula.decode("utf-8", "replace")).strip():
            yield cell.decode(), "=" + words


def _margins(source: bytes) -> Iterator[str]:
    """What is printed above and below each page, without its number, the day and the like."""
    for coded in _MARGIN.findall(source):
        words = _CODE.sub(_meant, unescape(coded.decode("utf-8", "replace")))
        if re.search(r"[^\W\d_]{2}", words) and not numbers_pages(words := one_line(words)):
            yield words


def _meant(code: re.Match[str]) -> str:
    """`&` for two of them, a space where the left, middle or right part begins; nothing for other
    codes."""
    return {"&&": "&", "&L": " ", "&C": " ", "&R": " "}.get(code[0], "")


def _hidden(source: bytes, begin: int, end: int) -> frozenset[int]:
    """The rows or columns that elements between two places say are hidden."""
    found: set[int] = set()
    if source.find(b"hidden=", begin, end) >= 0:
        for element in _HIDDEN.finditer(source, begin, end):
            places = {key: int(value) for key, value in _PLACE.findall(element[0])}
            first = places.get(b"r", places.get(b"min", 0))
            last = places.get(b"max", first)
            found.update(range(first, min(last, first + _MOST_COLUMNS) + 1))
    return frozenset(found)


def _comments(archive: ZipFile, name: str) -> Iterator[tuple[str, str]]:
    """Those of the present form, or else of the older one, which repeats them."""
    threads = list(_related(archive, name, "/threadedComment"))
    for part in threads or _related(archive, name, "/comments"):
        authors = [one.text or "" for one in part.iter("{*}author")]
        for comment in part.iter("{*}comment", "{*}threadedComment"):
            number = comment.get("authorId", "")
            author = (
                authors[int(number)] if number.isdecimal() and int(number) < len(authors) else ""
            )
            words = one_line("".join(_said(comment)))
            if words:
                lead = f"({author}): " if author else ": "
                yield comment.get("ref", ""), lead + words


def _said(comment: Any) -> Iterator[str]:
    for text in comment.iter("{*}t", "{*}text"):
        yield text.text or ""


def _boxes(archive: ZipFile, name: str) -> Iterator[str]:
    """The words of each shape that is drawn on the sheet."""
    for part in _related(archive, name, "/drawing"):
        for shape in part.iter(_XDR + "txBody"):
            lines = [one_line(drawn_words(paragraph)) for paragraph in shape.iter(_A + "p")]
            yield "\n".join(filter(None, lines))


def _related(archive: ZipFile, name: str, kind: str) -> Iterator[Any]:
    """The parts that the sheet is related to in this way."""
    folder, file = posixpath.split(name)
    relations = f"{folder}/_rels/{file}.rels"
    names = set(archive.namelist())
    if relations not in names:
        return
    root = parse_sound(archive.read(relations))
    for relation in () if root is None else root:
        target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "")))
        if relation.get("Type", "").endswith(kind) and target.lstrip("/") in names:
            part = parse_sound(archive.read(target.lstrip("/")))
            if part is not None:
                yield part
