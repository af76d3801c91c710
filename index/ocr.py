"""Scanned pages of a PDF: which they are, and their text where Tesseract is installed.

Tesseract is run as a command, one page at a time. What it misreads is read wrongly, so a document
says in its metadata which of its pages come from it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from index.document import Document, MetadataValue
from index.errors import UnreadableFile
from index.parsing import beat, current

COMMAND = "tesseract"
SCANNED, READ = "scanned_pages", "ocr_pages"  # in the metadata: "2, 5–7"
_DPI = 300  # what Tesseract reads best
_MOST_PIXELS = 30_000_000  # of a page's picture
_STAMP = 40  # characters; a scan may bear a number or a name that a program has set on it
_FILLS = 0.8  # share of the page that its picture covers then
_OUTLINES = 100  # drawn paths; letters drawn as such are many
_IMAGE, _TEXT, _PATH = 3, 1, 2  # PDFium's kinds of objects on a page
_WORD_LEVEL = "5"
_LEAST_CONFIDENCE = 20.0  # of 100; below it, a word is a stain


@dataclass(frozen=True, slots=True)
class Scans:
    """The pages without a text layer, counted from 0, and the paragraphs read on some of them."""

    pages: tuple[int, ...] = ()
    texts: Mapping[int, str] = field(default_factory=dict)

    @property
    def metadata(self) -> dict[str, MetadataValue]:
        """Which pages were read by OCR, and which not at all."""
        unread = [page for page in self.pages if not self.texts.get(page)]
        stated = {SCANNED: page_ranges(unread), READ: page_ranges([*self.texts])}
        return {key: pages for key, pages in stated.items() if pages}

    def fault(self, count: int) -> str:
        """Why a document of `count` pages gave no text, and the mend."""
        if not self.pages:
            return f"has no text (pages: {count})"
        return f"has no text layer: {_scanned(page_ranges(self.pages))}; {_mend('add it again')}"


def note_of(document: Document) -> str:
    """What a person should know of pages that were left out; "" where none were."""
    pages = document.metadata.get(SCANNED)
    return f"{_scanned(str(pages))}; {_mend('remove it and add it again')}" if pages else ""


def page_ranges(pages: Sequence[int]) -> str:
    """Pages counted from 0 as a person counts and writes them: "1, 3–5"."""
    runs = []
    for _, run in groupby(enumerate(sorted(pages)), lambda pair: pair[1] - pair[0]):
        numbers = [page + 1 for _, page in run]
        runs.append("–".join(map(str, dict.fromkeys([numbers[0], numbers[-1]]))))
    return ", ".join(runs)


def _scanned(pages: str) -> str:
    return f"page {pages} is scanned" if pages.isdecimal() else f"pages {pages} are scanned"


def _mend(finally_: str) -> str:
    steps = []
    if current().ocr == "off":
        steps.append("set FOOTNOTE_OCR to auto")
    if shutil.which(COMMAND) is None:
        steps.append("install Tesseract (Debian: apt install tesseract-ocr)")
    if not steps:
        return f"Tesseract found no words there in the language '{current().ocr_languages}'"
    return f"to have that read, {' and '.join(steps)}, then {finally_}"


def read_scans(document: Any, characters: Sequence[int]) -> Scans:
    """The scanned pages of a PDFium document whose text layer has so many `characters` on each
    page, read if the setting and the machine allow. Raises `UnreadableFile` where Tesseract lacks
    the language that is set."""
    pages = tuple(n for n, count in enumerate(characters) if _is_scanned(document, n, count))
    texts = {}
    if current().ocr != "off" and pages and shutil.which(COMMAND):
        for number in pages:
            beat()
            if text := "\n\n".join(_paragraphs(_recognised(document, number))):
                texts[number] = text
    return Scans(pages, texts)


def _is_scanned(document: Any, number: int, characters: int) -> bool:
    if characters >= _STAMP:
        return False
    page = document[number]
    try:
        width, height = page.get_size()
        images = paths = texts = 0
        filled = 0.0
        for one in page.get_objects(max_depth=3):
            images += one.type == _IMAGE
            paths += one.type == _PATH
            texts += one.type == _TEXT
            if one.type == _IMAGE and characters:
                left, bottom, right, top = one.get_bounds()
                filled = max(filled, (right - left) * (top - bottom) / (width * height))
        return filled >= _FILLS if characters else bool(images or texts or paths >= _OUTLINES)
    finally:
        page.close()


def _recognised(document: Any, number: int) -> str:
    """What Tesseract finds on a page: tab-separated values, a line for each word."""
    languages = current().ocr_languages
    done = subprocess.run(
        [COMMAND, "-", "-", "-l", languages, "--dpi", str(_DPI), "tsv"],
        input=_picture(document, number),
        capture_output=True,
        timeout=current().seconds,
        check=False,
    )
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        raise UnreadableFile(
            f"is scanned, and Tesseract fails at page {number + 1} in the language '{languages}' "
            f"({said[:200]}); install its data (Debian: apt install tesseract-ocr-{languages}), "
            "or change FOOTNOTE_OCR_LANGUAGES"
        )
    return done.stdout.decode("utf-8", "replace")


def _picture(document: Any, number: int) -> bytes:
    """The page in grey, as a portable graymap (PGM)."""
    page = document[number]
    try:
        width, height = page.get_size()
        scale = min(_DPI / 72, (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=True)
        try:
            size, stride = (bitmap.width, bitmap.height), bitmap.stride
            rows = bytes(bitmap.buffer)
            grey = b"".join(rows[at : at + size[0]] for at in range(0, stride * size[1], stride))
        finally:
            bitmap.close()
    finally:
        page.close()
    return b"P5 %d %d 255\n" % size + grey


def _paragraphs(table: str) -> Iterator[str]:
    """The paragraphs of Tesseract's table, a hyphen at a line's end mended."""
    rows = [line.split("\t") for line in table.splitlines()[1:]]
    words = [row for row in rows if len(row) == 12 and row[0] == _WORD_LEVEL and row[11].strip()]
    for _, paragraph in groupby(words, lambda row: row[2:4]):
        lines = [
            " ".join(row[11] for row in line if float(row[10]) >= _LEAST_CONFIDENCE)
            for _, line in groupby(paragraph, lambda row: row[4])
        ]
        text = "\n".join(filter(None, lines))
        text = re.sub(r"(?<=[^\W\d_])[-‐]\n(?=[a-zà-ÿ])", "", text).replace("\n", " ")
        if re.search(r"\w{2}", text):
            yield text
