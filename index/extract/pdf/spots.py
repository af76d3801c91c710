"""Where the words of a PDF page stand as a person sees it: turned as its pages are, in points from
the upper left corner, in the order in which the loader writes them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from index.extract.pdf.columns import in_columns
from index.extract.pdf.labels import with_fields
from index.extract.pdf.lines import HYPHEN, Line, Word
from index.extract.pdf.page import Page, read_page
from index.extract.pdf.shifts import with_marks
from index.extract.pdf.stacks import in_rows

_DESCENT = 0.22  # of the height of a word, the part of it that is below its baseline
_NARROW, _WIDE = frozenset(" iljtfrI.,;:!'|()[]"), frozenset("mwMW%@")
_FINE = 100  # parts of a point that places are told in


@dataclass(frozen=True, slots=True)
class Spot:
    """A word and its box, in points from the upper left corner of the page. `line` is the number
    of the line that it stands on; `broken` says that the word goes on in the next spot. It runs to
    the right, turned by `way` quarter turns with the clock."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    line: int
    broken: bool = False
    way: int = 0


def advance(text: str) -> float:
    """How wide `text` is about, in letters of usual width: a font's own widths are not at hand."""
    narrow = sum(sign in _NARROW for sign in text)
    return len(text) - narrow / 2 + sum(sign in _WIDE for sign in text) / 2


def written(page: Page) -> list[Line]:
    """The lines of a page in the order in which they are read, with the marks of notes and the
    fields of its form among them."""
    return with_fields(in_rows(in_columns(with_marks(page.lines))), page.added.fields)


def spots_on(page: Any, form: Any) -> list[Spot]:
    """The words in the text layer of an open PDFium page; `form` is that of its document."""
    found = read_page(page, form)
    return [
        spot
        for number, line in enumerate(written(found))
        for word in line.words
        for spot in _spots(page, found.quarter, word, number)
    ]


def _spots(page: Any, quarter: int, word: Word, line: int) -> Iterator[Spot]:
    """A word with a space in it, as the value of a field has, is several."""
    unit, at = (word.right - word.left) / (advance(word.text) or 1.0), 0
    for piece in word.text.split():
        at = word.text.index(piece, at)
        left = word.left + unit * advance(word.text[:at])
        at += len(piece)
        right = word.left + unit * advance(word.text[:at])
        bottom = word.baseline - _DESCENT * word.size
        box, way = _seen(page, quarter, left, bottom, right, bottom + word.size)
        yield Spot(piece.rstrip(HYPHEN), *box, line, piece.endswith(HYPHEN), way)


def _seen(
    page: Any, quarter: int, left: float, bottom: float, right: float, top: float
) -> tuple[tuple[float, float, float, float], int]:
    """A box in points as the letters are turned, as it is seen: left, top, right, bottom; and by
    how many quarter turns with the clock its letters are turned then."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    corners = []
    for across, up in ((left, bottom), (right, top)):
        x, y = ((across, up), (-up, across), (-across, -up), (up, -across))[quarter]
        column, row = ctypes.c_int(), ctypes.c_int()
        size = round(width * _FINE), round(height * _FINE)
        pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, column, row)
        corners.append((column.value / _FINE, row.value / _FINE))
    (one, other), (third, fourth) = zip(*corners, strict=True)
    way = {(True, False): 0, (True, True): 1, (False, True): 2, (False, False): 3}
    box = min(one, other), min(third, fourth), max(one, other), max(third, fourth)
    return box, way[one < other, third < fourth]
