"""A PDF page as a person sees it: its picture, and where on it a stretch of its text stands."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from index.errors import UnknownPage
from index.extract.limits import Parsing
from index.extract.ocr import read_words
from index.extract.pdf.alignment import marked
from index.extract.pdf.pdf import PDFIUM, open_pdf
from index.extract.pdf.spots import Spot, spots_on

_MOST_PIXELS = 12_000_000  # of a picture; a page that is long and narrow is drawn smaller
_HYPHENS = ("-", "‐")


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A stretch of a line, in fractions of the page's width and height from its upper left
    corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """`text[start:end]` of the page with this number, counted from 1, whose whole text is `text`;
    `scanned` says that it was read from the page's picture."""

    page: int
    text: str
    start: int
    end: int
    scanned: bool


@dataclass(frozen=True, slots=True)
class Marked:
    """Where a stretch stands on a page that is `width` by `height` points, as it is seen; `found`
    is the share of its words that was found there, in [0, 1]."""

    page: int
    width: float
    height: float
    found: float
    rectangles: tuple[Rectangle, ...]


def draw(data: bytes, number: int, width: int) -> bytes:
    """The page with this number, counted from 1, as a PNG that is `width` pixels wide, or less
    where it would be too large. Raises `UnknownPage` and `UnreadableFile`."""
    with _page(data, number) as (document, page):
        across, down = page.get_size()
        scale = min(width / across, (_MOST_PIXELS / (across * down)) ** 0.5)
        bitmap = page.render(scale=scale, may_draw_forms=document.formenv is not None)
        try:
            drawn = io.BytesIO()
            bitmap.to_pil().convert("RGB").save(drawn, "PNG")
        finally:
            bitmap.close()
    return drawn.getvalue()


def mark(data: bytes, stretches: Sequence[Stretch], parsing: Parsing) -> list[Marked]:
    """Where each of `stretches` stands. Raises `UnknownPage` and `UnreadableFile`."""
    return [_marked(data, stretch, parsing) for stretch in stretches]


def _marked(data: bytes, stretch: Stretch, parsing: Parsing) -> Marked:
    with _page(data, stretch.page) as (document, page):
        width, height = page.get_size()
        if stretch.scanned:
            spots = _read(document, stretch.page - 1, width, height, parsing)
        else:
            spots = spots_on(page, document.formenv)
    boxes, found = marked(stretch.text, stretch.start, stretch.end, spots)
    rectangles = (_rectangle(box, width, height) for box in boxes)
    return Marked(stretch.page, width, height, found, tuple(rectangles))


def _rectangle(box: Spot, width: float, height: float) -> Rectangle:
    places = box.left / width, box.top / height, box.right / width, box.bottom / height
    return Rectangle(*(round(min(max(place, 0.0), 1.0), 5) for place in places))


def _read(document: Any, number: int, width: float, height: float, parsing: Parsing) -> list[Spot]:
    """The words that were read from the picture of a page; one that ends with a hyphen at the end
    of a line goes on in the next."""
    words = read_words(document, number, parsing)
    spots = [
        Spot(
            word.text,
            word.left * width,
            word.top * height,
            word.right * width,
            word.bottom * height,
            word.line,
        )
        for word in words
    ]
    ends = [one.line != other.line for one, other in pairwise(words)]
    return [
        replace(spot, broken=ended and spot.text.endswith(_HYPHENS))
        for spot, ended in zip(spots, [*ends, False], strict=False)
    ]


@contextmanager
def _page(data: bytes, number: int) -> Iterator[tuple[Any, Any]]:
    """The open document in `data` and its page with this number, counted from 1."""
    import pypdfium2

    with PDFIUM:
        document = open_pdf(data)
        try:
            if document.get_formtype():
                document.init_forms()
            if not 1 <= number <= len(document):
                raise UnknownPage(f"has no page {number}; its pages are 1 to {len(document)}")
            try:
                page = document[number - 1]
            except pypdfium2.PdfiumError as error:
                raise UnknownPage(f"has a damaged page {number}, which can't be drawn") from error
            try:
                yield document, page
            finally:
                page.close()
        finally:
            document.close()
