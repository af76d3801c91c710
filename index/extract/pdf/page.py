"""The words of a PDF page and where they stand, as PDFium tells them."""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from statistics import median
from typing import Any

from index.extract.pdf.fields import Additions, additions_of
from index.extract.pdf.lines import HYPHEN, Line, Word
from index.extract.pdf.shifts import Letter, set_apart

_TOKEN = re.compile(rf"[^\s{HYPHEN}]+{HYPHEN}?")
_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_BOLD = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
_ENDING = re.compile(r"\w[^\w\s]{1,2}$")
_INNER = re.compile(r"[^\W\d_]\d+[^\W\d_]|[)\]]\d")  # H2O
_LEVEL = 0.05  # of the size of letters, by which those on one line may differ
_UNMAPPED = 0.2  # of the letters of a page; with more its fonts have no character map
_SAMPLED = 15  # words of a page whose direction is looked at
_FONT_NAME_BYTES = 128


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page in the order in which the file draws them, and what a person has added.
    `unknown` letters are left out, because their fonts have no character map; `unmapped` says that
    they are so many that what the page shows cannot be told from the file."""

    lines: tuple[Line, ...]
    unmapped: bool = False
    unknown: int = 0
    added: Additions = field(default_factory=Additions)


def read_page(page: Any, form: Any = None) -> Page:
    """What is on an open PDFium page; `form` is PDFium's form of the document, or none."""
    text_page = page.get_textpage()
    try:
        return replace(_Reader(text_page).read(), added=additions_of(page, form))
    finally:
        text_page.close()


class _Reader:
    """Places are turned as the letters are, so that lines run from left to right."""

    def __init__(self, text_page: Any) -> None:
        self._text_page = text_page
        self._quarter = 0  # turns that the letters make, against the clock
        self._mapped = self._unmapped = 0

    def read(self) -> Page:
        text = self._text_page.get_text_range()
        wide = any(character > "\uffff" for character in text)
        tokens = list(_TOKEN.finditer(text))
        self._quarter = self._turn(tokens)
        words: list[tuple[Word, bool]] = []  # and whether PDFium begins a line with it
        end = 0
        for token in tokens:
            between = text[end : token.start()]
            breaks = "\n" in between or "\r" in between or HYPHEN in text[max(end - 1, 0) : end]
            # PDFium counts in UTF-16 units
            first = _units(text[: token.start()]) if wide else token.start()
            last = first + _units(token[0]) - 1 if wide else token.end() - 1
            end = token.end()
            if (word := self._word(token[0], first, last)) is not None:
                words.append((word, breaks))
        letters = self._mapped + self._unmapped
        unmapped = self._unmapped > _UNMAPPED * max(letters, 1)
        return Page(tuple(_lines(words)), unmapped, self._unmapped)

    def _turn(self, tokens: Sequence[re.Match[str]]) -> int:
        """The quarter turns of most letters."""
        import pypdfium2.raw as pdfium

        step = len(tokens) // _SAMPLED + 1
        angles = [
            pdfium.FPDFText_GetCharAngle(
                self._text_page,
                pdfium.FPDFText_GetCharIndexFromTextIndex(self._text_page, token.start()),
            )
            for token in tokens[::step]
        ]
        turns = Counter(round(-angle / (math.pi / 2)) % 4 for angle in angles)
        return turns.most_common(1)[0][0] if turns else 0

    def _word(self, token: str, first: int, last: int) -> Word | None:
        """The word at these text offsets; None where none of its letters is known."""
        import pypdfium2.raw as pdfium

        text_page = self._text_page
        start = pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, first)
        stop = pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, last)
        known = token
        if _is_control(token) or any(
            pdfium.FPDFText_HasUnicodeMapError(text_page, index) for index in (start, stop)
        ):
            known = self._known(token, start, stop)
        self._unmapped += len(token) - len(known)
        self._mapped += len(known)
        if not known:
            return None
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(text_page, start, x, y)
        box, end = pdfium.FS_RECTF(), pdfium.FS_RECTF()
        pdfium.FPDFText_GetLooseCharBox(text_page, start, box)
        pdfium.FPDFText_GetLooseCharBox(text_page, stop, end)
        if known == token and _RTL.search(token):
            known = self._from_right_to_left(token, start, stop)
        left, right, baseline, size = self._seen(box, end, x.value, y.value)
        if known == token and stop - start + 1 == len(token) > 1 and not _RTL.search(token):
            level = _LEVEL * size
            if self._leaves(token, start, baseline, level):
                known, main = set_apart([self._letter(at) for at in range(start, stop + 1)])
                baseline, size = main.baseline, main.size
        return Word(known, left, right, baseline, max(size, 1.0), self._is_bold(start))

    def _known(self, token: str, start: int, stop: int) -> str:
        """The letters of `token` that its font has a character for."""
        import pypdfium2.raw as pdfium

        letters = [
            chr(pdfium.FPDFText_GetUnicode(self._text_page, index))
            for index in range(start, stop + 1)
            if not pdfium.FPDFText_HasUnicodeMapError(self._text_page, index)
        ]
        return "".join(letter for letter in letters if letter > " " and letter in token)

    def _seen(self, first: Any, last: Any, x: float, y: float) -> tuple[float, float, float, float]:
        """Left and right edge, baseline and height of what lies between two boxes and begins at
        (x, y), as the letters are turned."""
        left, right = min(first.left, last.left), max(first.right, last.right)
        bottom, top = min(first.bottom, last.bottom), max(first.top, last.top)
        width, height = abs(first.right - first.left), abs(first.top - first.bottom)
        if self._quarter == 1:
            return bottom, top, -x, width
        if self._quarter == 2:
            return -right, -left, -y, height
        if self._quarter == 3:
            return -top, -bottom, x, width
        return left, right, y, height

    def _leaves(self, token: str, start: int, baseline: float, level: float) -> bool:
        """Whether letters of `token` stand above or below its first one. Those looked at are its
        last, that before a sign that ends it, and all where figures are among letters."""
        last = start + len(token) - 1
        places = [last]
        if ending := _ENDING.search(token):
            places.append(start + ending.start())
        if _INNER.search(token):
            places = list(range(start + 1, last + 1))
        return any(abs(self._baseline(at) - baseline) > level for at in places)

    def _baseline(self, index: int) -> float:
        import pypdfium2.raw as pdfium

        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(self._text_page, index, x, y)
        return (y.value, -x.value, -y.value, x.value)[self._quarter]

    def _letter(self, index: int) -> Letter:
        import pypdfium2.raw as pdfium

        box = pdfium.FS_RECTF()
        pdfium.FPDFText_GetLooseCharBox(self._text_page, index, box)
        lying = self._quarter % 2
        size = abs(box.right - box.left) if lying else abs(box.top - box.bottom)
        letter = chr(pdfium.FPDFText_GetUnicode(self._text_page, index))
        return Letter(letter, self._baseline(index), max(size, 1.0))

    def _is_bold(self, index: int) -> bool:
        import pypdfium2.raw as pdfium

        name = ctypes.create_string_buffer(_FONT_NAME_BYTES)
        pdfium.FPDFText_GetFontInfo(self._text_page, index, name, _FONT_NAME_BYTES, ctypes.c_int())
        return _BOLD.search(name.value.decode("latin-1")) is not None

    def _from_right_to_left(self, token: str, start: int, stop: int) -> str:
        """`token` in the order in which it is read. PDFium turns a run of a script that is written
        from right to left as a whole, and so also the letters that one glyph stands for."""
        import pypdfium2.raw as pdfium

        if stop - start + 1 != len(token):
            return token
        places = []
        for index in range(start, stop + 1):
            x, y = ctypes.c_double(), ctypes.c_double()
            pdfium.FPDFText_GetCharOrigin(self._text_page, index, x, y)
            places.append((x.value, y.value))
        turned = ""
        for _, run in groupby(zip(places, token, strict=True), key=lambda pair: pair[0]):
            letters = "".join(letter for _, letter in run)
            turned += letters[::-1] if len(letters) > 1 and _RTL.match(letters) else letters
        return turned


def _is_control(token: str) -> bool:
    """Whether these are glyph numbers: control characters where the page shows letters."""
    return any(letter < " " for letter in token)


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _lines(words: list[tuple[Word, bool]]) -> list[Line]:
    """Words on one baseline that follow each other make a line."""
    lines: list[Line] = []
    current: list[Word] = []
    for word, breaks in words:
        if current and (breaks or abs(word.baseline - current[-1].baseline) > 0.6 * word.size):
            lines.append(line_of(current))
            current = []
        current.append(word)
    if current:
        lines.append(line_of(current))
    return lines


def line_of(words: list[Word]) -> Line:
    """The words as one line, in reading order."""
    if sum(_RTL.search(word.text) is not None for word in words) * 2 > len(words):
        words = _read_from_right(words)
    size = median(word.size for word in words)
    baseline = median(word.baseline for word in words)
    return Line(
        " ".join(word.text for word in words),
        min(word.left for word in words),
        max(word.right for word in words),
        baseline,
        size,
        tuple(words),
    )


def _read_from_right(words: list[Word]) -> list[Word]:
    """From right to left, but runs of another script (and numbers) from left to right."""
    ordered: list[Word] = []
    by_place = sorted(words, key=lambda word: -word.right)
    for rtl, run in groupby(by_place, key=lambda word: _RTL.search(word.text) is not None):
        together = list(run)
        ordered += together if rtl else together[::-1]
    return ordered
