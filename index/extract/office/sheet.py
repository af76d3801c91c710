"""What the parts of a workbook say of a sheet that openpyxl leaves out when it only reads: merged
and hidden cells, formulas without values, comments and text boxes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any

from index.extract.office.drawing import drawn_words
from index.extract.zipped_xml import parse_sound
from index.text.clean import one_line

if TYPE_CHECKING:
    from zipfile import ZipFile

_MERGED = re.compile(rb'mergeCell\s+ref="([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})"')
_HIDDEN = re.compile(rb'<(row|col)\b(?=[^>]*\shidden="(?:1|true)")[^>]*>')
_PLACE = re.compile(rb'\s(r|min|max)="(\d{1,7})"')
_NO_VALUE = re.compile(rb"<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*(?=</c>)")
_FORMULA = re.compile(
    rb'<c\b[^>]*?\sr="([A-Z]{1,3}\d{1,7})"[^>]*>\s*<f\b[^>]*(?<!/)>([^<]*)</f>'
    rb"\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_MOST_COLUMNS = 16_384  # of a sheet
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """`merged` are the first and last cell of each range; `rows` and `columns` those that are
    hidden, counted from 1; `valueless` counts the formulas whose values the file doesn't hold;
    `formulas` are (cell, formula) of those of them that the file writes out, and `comments` (cell,
    words)."""

    merged: tuple[tuple[str, str], ...]
    rows: frozenset[int]
    columns: frozenset[int]
    valueless: int
    formulas: tuple[tuple[str, str], ...]
    comments: tuple[tuple[str, str], ...]
    boxes: tuple[str, ...]


def read_sheet(archive: ZipFile, name: str) -> Sheet:
    """The sheet whose part in the workbook is `name`."""
    source = archive.read(name)
    begin, end = source.find(b"<sheetData"), source.rfind(b"sheetData>")
    return Sheet(
        tuple((first.decode(), last.decode()) for first, last in _MERGED.findall(source, end)),
        _hidden(source, max(begin, 0), len(source)),
        _hidden(source, 0, max(begin, 0)),
        len(_NO_VALUE.findall(source)) if b"<f" in source else 0,
        tuple(_formulas(source)) if b"<f" in source else (),
        tuple(_comments(archive, name)),
        tuple(_boxes(archive, name)),
    )


def _formulas(source: bytes) -> Iterator[tuple[str, str]]:
    for cell, formula in _FORMULA.findall(source):
        if words := unescape(formula.decode("utf-8", "replace")).strip():
            yield cell.decode(), "=" + words


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


def _number(stated: str) -> int:
    return int(stated) if re.fullmatch(r"\d{1,6}", stated) else -1


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
