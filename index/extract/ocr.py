"""Scanned pages of a PDF, and others whose letters are not to be known: which they are, and their
text where Tesseract is installed.

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
from index.extract.beat import beat, pages_read
from index.extract.limits import Parsing

COMMAND = "tesseract"
SCANNED, READ, UNREAD = "scanned_pages", "ocr_pages", "unread_pages"  # in the metadata: "2, 5–7"
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
    """The pages without a text layer, those whose letters no font names or that are damaged
    (`unread`), both counted from 0, and the paragraphs read on some of them."""

    pages: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()
    texts: Mapping[int, str] = field(default_factory=dict)

    @property
    def metadata(self) -> dict[str, MetadataValue]:
        """Which pages were read by OCR, and which not, or not wholly."""
        stated = {
            SCANNED: page_ranges([page for page in self.pages if page not in self.texts]),
            UNREAD: page_ranges([page for page in self.unread if page not in self.texts]),
            READ: page_ranges([*self.texts]),
        }
        return {key: pages for key, pages in stated.items() if pages}

    def fault(self, count: int, parsing: Parsing) -> str:
        """Why a document of `count` pages gave no text, and the mend."""
        if self.unread:
            return f"holds no text: {_unread(page_ranges(self.unread), 'add it again', parsing)}"
        if not self.pages:
            return f"has no text (pages: {count})"
        mend = _mend("add it again", parsing)
        return f"has no text layer: {_scanned(page_ranges(self.pages))}; {mend}"


def note_of(document: Document, parsing: Parsing) -> str:
    """What a person should know of pages that were left out under `parsing`; "" where none were."""
    again = "remove it and add it again"
    notes = []
    if scanned := document.metadata.get(SCANNED):
        notes.append(f"{_scanned(str(scanned))}; {_mend(again, parsing)}")
    if unread := document.metadata.get(UNREAD):
        notes.append(_unread(str(unread), again, parsing))
    return "; ".join(notes)


def page_ranges(pages: Sequence[int]) -> str:
    """Pages counted from 0 as a person counts and writes them: "1, 3–5"."""
    runs = []
    for _, run in groupby(enumerate(sorted(pages)), lambda pair: pair[1] - pair[0]):
        numbers = [page + 1 for _, page in run]
        runs.append("–".join(map(str, dict.fromkeys([numbers[0], numbers[-1]]))))
    return ", ".join(runs)


def pages_in(ranges: str) -> set[int]:
    """The pages, counted from 1, that `page_ranges` wrote."""
    runs = (run.split("–") for run in ranges.split(", ") if run)
    return {page for run in runs for page in range(int(run[0]), int(run[-1]) + 1)}


def _scanned(pages: str) -> str:
    return f"{_pages(pages)} {'is' if pages.isdecimal() else 'are'} scanned"


def _unread(pages: str, finally_: str, parsing: Parsing) -> str:
    mend = (
        _steps(finally_, parsing)
        or "print the file to a new PDF with another program, and add that"
    )
    return (
        f"{_pages(pages)} could not be read, or not wholly: a font that doesn't say which letters "
        f"it shows, or damage; {mend}"
    )


def _pages(pages: str) -> str:
    return f"page {pages}" if pages.isdecimal() else f"pages {pages}"


def _mend(finally_: str, parsing: Parsing) -> str:
    none = f"Tesseract found no words there in the language '{parsing.ocr_languages}'"
    return _steps(finally_, parsing) or none


def _steps(finally_: str, parsing: Parsing) -> str:
    """What to do so that Tesseract reads pages; "" where it has tried."""
    steps = []
    if parsing.ocr == "off":
        steps.append("set FOOTNOTE_OCR to auto")
    if shutil.which(COMMAND) is None:
        steps.append("install Tesseract (Debian: apt install tesseract-ocr)")
    return f"to have that read, {' and '.join(steps)}, then {finally_}" if steps else ""


def read_scans(
    document: Any,
    characters: Mapping[int, int],
    unmapped: Sequence[int],
    damaged: Sequence[int],
    parsing: Parsing,
) -> Scans:
    """The scanned pages of a PDFium document, read if the setting and the machine allow, and with
    them those that are `unmapped`, whose fonts don't say which letters they show. `characters` has
    the length of each page's text layer, but for those that are `damaged` and can't be opened.
    Raises `UnreadableFile` where Tesseract lacks the language that is set."""
    pages = tuple(
        number
        for number, count in characters.items()
        if number not in unmapped and _is_scanned(document, number, count)
    )
    texts = {}
    if parsing.ocr != "off" and (pages or unmapped) and shutil.which(COMMAND):
        waiting = sorted({*pages, *unmapped})
        for at, number in enumerate(waiting):
            beat()
            pages_read(len(document) - len(waiting) + at, len(document))
            if text := "\n\n".join(_paragraphs(_recognised(document, number, parsing))):
                texts[number] = text
    return Scans(pages, tuple(sorted({*unmapped, *damaged})), texts)


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


def _recognised(document: Any, number: int, parsing: Parsing) -> str:
    """What Tesseract finds on a page: tab-separated values, a line for each word."""
    languages = parsing.ocr_languages
    done = subprocess.run(
        [COMMAND, "-", "-", "-l", languages, "--dpi", str(_DPI), "tsv"],
        input=_picture(document, number),
        capture_output=True,
        timeout=parsing.seconds,
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


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A word that Tesseract found, its box in fractions of the page from its upper left corner, and
    the number of its line."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    line: int


def read_words(document: Any, number: int, parsing: Parsing) -> list[ReadWord]:
    """The words of a page, counted from 0, as `read_scans` reads them; none where no Tesseract is
    installed, or it fails."""
    if parsing.ocr == "off" or not shutil.which(COMMAND):
        return []
    rows = [line.split("\t") for line in _recognised(document, number, parsing).splitlines()[1:]]
    width, height = next(((int(row[8]), int(row[9])) for row in rows if row[0] == "1"), (1, 1))
    words = [row for row in rows if len(row) == 12 and row[0] == _WORD_LEVEL and row[11].strip()]
    found = []
    for line, (_, run) in enumerate(groupby(words, lambda row: row[2:5])):
        for row in run:
            if float(row[10]) >= _LEAST_CONFIDENCE:
                left, top, wide, high = (int(value) for value in row[6:10])
                box = left / width, top / height, (left + wide) / width, (top + high) / height
                found.append(ReadWord(row[11], *box, line))
    return found


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
