"""The words of a PDF page and where they stand, as PDFium tells them."""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
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
_STACKED = 0.8  # font sizes; letters so far apart in height are those of several lines
_UNMAPPED = 0.2  # of the letters of a page; with more its fonts have no character map
_SAMPLED = 15  # words of a page whose direction is looked at
_FONT_NAME_BYTES = 128


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page in the order in which the file draws them, and what a person has added.
    `unknown` letters are left out, because their fonts have no character map; `unmapped` says that
    they are so many that what the page shows cannot be told from the file. The places of its words
    are turned by `quarter` quarter turns with the clock from those of the file. `turned` are the
    lines of what stands across the others: a stamp in the margin, the title of an axis."""

    lines: tuple[Line, ...]
    unmapped: bool = False
    unknown: int = 0
    quarter: int = 0
    added: Additions = field(default_factory=Additions)
    turned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """A word, whether a line begins with it, and the first of its letters."""

    word: Word
    breaks: bool
    start: int


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
        words: list[_Read] = []
        end = 0
        for token in tokens:
            between = text[end : token.start()]
            breaks = "\n" in between or "\r" in between or HYPHEN in text[max(end - 1, 0) : end]
            # PDFium counts in UTF-16 units
            first = _units(text[: token.start()]) if wide else token.start()
            last = first + _units(token[0]) - 1 if wide else token.end() - 1
            end = token.end()
            start, stop = self._index(first), self._index(last)
            for number, word in enumerate(self._words(token[0], start, stop)):
                words.append(_Read(word, breaks or number > 0, start))
        letters = self._mapped + self._unmapped
        unmapped = self._unmapped > _UNMAPPED * max(letters, 1)
        lines, turned = self._along(_lines(words))
        return Page(tuple(lines), unmapped, self._unmapped, self._quarter, turned=tuple(turned))

    def _turn(self, tokens: Sequence[re.Match[str]]) -> int:
        """The quarter turns of most letters."""
        step = len(tokens) // _SAMPLED + 1
        turns = Counter(self._quarter_at(self._index(one.start())) for one in tokens[::step])
        return turns.most_common(1)[0][0] if turns else 0

    def _index(self, place: int) -> int:
        import pypdfium2.raw as pdfium

        return int(pdfium.FPDFText_GetCharIndexFromTextIndex(self._text_page, place))

    def _along(self, lines: Sequence[Sequence[_Read]]) -> tuple[list[Line], list[str]]:
        """The lines, and the words of those whose letters are turned otherwise. Each of their words
        is a line to PDFium, so only such are looked at."""
        straight: list[Line] = []
        turned: list[list[Word]] = []
        last = -2
        for number, line in enumerate(lines):
            words = [one.word for one in line]
            if len(line) == 1 and self._quarter_at(line[0].start) != self._quarter:
                level = turned and abs(turned[-1][-1].left - words[0].left) < words[0].size
                if last == number - 1 and level:
                    turned[-1] += words
                else:
                    turned.append(words)
                last = number
            else:
                straight.append(line_of(words))
        return straight, [" ".join(word.text for word in words) for words in turned]

    def _quarter_at(self, index: int) -> int:
        """The quarter turns of a letter."""
        import pypdfium2.raw as pdfium

        angle = pdfium.FPDFText_GetCharAngle(self._text_page, index)
        return int(round(-angle / (math.pi / 2)) % 4)

    def _words(self, token: str, start: int, stop: int) -> list[Word]:
        """The word of these letters; none where none of them is known, and several where they
        stand below one another: PDFium takes the single figures of a column for one word."""
        import pypdfium2.raw as pdfium

        text_page = self._text_page
        known = token
        if _is_control(token) or any(
            pdfium.FPDFText_HasUnicodeMapError(text_page, index) for index in (start, stop)
        ):
            known = self._known(token, start, stop)
        self._unmapped += len(token) - len(known)
        self._mapped += len(known)
        if not known:
            return []
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
                letters = [self._letter(at) for at in range(start, stop + 1)]
                pieces = list(_pieces(letters))
                if len(pieces) > 1 and self._quarter_at(start) == self._quarter:
                    self._mapped -= len(token)
                    return [
                        word
                        for at, end_ in pieces
                        for word in self._words(token[at:end_], start + at, start + end_ - 1)
                    ]
                if len(pieces) == 1:
                    known, main = set_apart(letters)
                    baseline, size = main.baseline, main.size
        return [Word(known, left, right, baseline, max(size, 1.0), self._is_bold(start))]

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


def _pieces(letters: Sequence[Letter]) -> Iterator[tuple[int, int]]:
    """Where the pieces of a word begin and end that stand on lines of their own."""
    begin = 0
    for at, (above, letter) in enumerate(pairwise(letters), start=1):
        if abs(above.baseline - letter.baseline) > _STACKED * max(above.size, letter.size):
            yield begin, at
            begin = at
    yield begin, len(letters)


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _lines(words: Sequence[_Read]) -> list[list[_Read]]:
    """Words on one baseline that follow each other make a line."""
    lines: list[list[_Read]] = []
    for one in words:
        above = lines[-1][-1].word if lines else None
        word = one.word
        if above is None or one.breaks or abs(word.baseline - above.baseline) > 0.6 * word.size:
            lines.append([])
        lines[-1].append(one)
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
