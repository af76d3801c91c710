"""Pure: the lines of a PDF page, with their places, put together to paragraphs.

A PDF knows glyphs and where they stand, no paragraphs. A line goes on where the next line's first
word would not have fitted on it; else the line was ended on purpose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

HYPHEN = "\ufffe"  # PDFium's sign for a hyphen at a line's end

_BULLET = re.compile(r"[•●○◦▪■□☐☑☒✓–—*·‣]\s|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s")
_ENDS = re.compile(r"[.!?:;][\"'”’)\]]*$")
_BEGINS = re.compile(r"[^\W_a-zß-ÿ]")
_CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_FIGURES = re.compile(r"[$€£(]?[-–—]?[\d.,]*\d[\d.,]*[%)]*[⁰¹²³⁴-⁹]*|[$€£%—–)-]")
_SHORT = 25  # characters; a shorter line may be a page number or a running title
_EM = 0.5  # mean width of a character, in font sizes


@dataclass(frozen=True, slots=True)
class Word:
    """A word, in points from the lower left corner of the page; `size` is the height of its
    font."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand on one baseline, in points from the lower left corner of the page."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    words: tuple[Word, ...] = ()

    @property
    def bold(self) -> bool:
        return bool(self.words) and all(word.bold for word in self.words)


def joined(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """(separator, text) of each line: a space within a paragraph, nothing after a hyphen, `\\n`
    between rows and items, an empty line between paragraphs; the first has an empty separator."""
    pitch = _pitch(lines)
    for number, line in enumerate(lines):
        yield _separator(lines, number, pitch) if number else "", line.text


def _pitch(lines: Sequence[Line]) -> float:
    """The usual distance between baselines, in font sizes."""
    steps = [
        (above.baseline - line.baseline) / line.size
        for above, line in pairwise(lines)
        if 0.8 * line.size < above.baseline - line.baseline < 2 * line.size
    ]
    return median(steps) if steps else 1.2


def _separator(lines: Sequence[Line], number: int, pitch: float) -> str:
    above, line = lines[number - 1], lines[number]
    if above.text.endswith(HYPHEN):
        return ""
    step = above.baseline - line.baseline
    if abs(step) < 0.6 * max(above.size, line.size) and line.left >= above.right - line.size:
        return "" if re.match(r"[,.;:)\]]", line.text) else " "  # one line in two pieces
    unfinished = not _ENDS.search(above.text) and line.text[:1].islower()
    if step < 0 and unfinished and len(above.text) >= _SHORT:
        return _space(above, line)  # on in the next column
    if step < 0:
        return "\n\n"
    if max(above.size, line.size) > 1.15 * min(above.size, line.size):
        return "\n\n"
    if step > 1.25 * pitch * line.size:
        return "\n\n"
    if _BULLET.match(line.text) or _is_row(above) or _is_row(line):
        return "\n"
    if line.left > above.left + 0.8 * line.size and _ENDS.search(above.text):
        return "\n\n"  # an indent
    room = _right_margin(lines, number) - above.right
    first_word = line.text.split(maxsplit=1)[0]
    if room > (len(first_word) + 1) * _EM * line.size and not unfinished:
        return "\n\n" if _ENDS.search(above.text) else "\n"
    short = len(above.text) < _SHORT > len(line.text)
    if short and _BEGINS.match(line.text) and not above.text.endswith((",", "-", "–", "(")):
        return "\n"  # an item of a list, a line of an address
    return _space(above, line)


def _right_margin(lines: Sequence[Line], number: int) -> float:
    """How far the lines reach to the right around and in the column of line `number`."""
    line = lines[number]
    near = lines[max(number - 12, 0) : number + 12]
    return max(
        [other.right for other in near if abs(other.left - line.left) < 4 * line.size],
        default=line.right,
    )


def _space(above: Line, line: Line) -> str:
    return "" if _CJK.match(above.text[-1:]) and _CJK.match(line.text) else " "


def _is_row(line: Line) -> bool:
    """Whether the line is a row of a table of figures."""
    words = line.text.split()
    figures = sum(bool(_FIGURES.fullmatch(word)) for word in words)
    return len(words) >= 3 and figures >= 2 and figures >= 0.4 * len(words)


def mend_hyphens(texts: Sequence[str]) -> list[str]:
    """`texts` with each hyphen at a line's end taken away, or kept where the word is written
    with it elsewhere in `texts`, or where what follows is no small letter."""
    words = Counter(re.findall(r"\w+(?:-\w+)*", " ".join(texts).lower()))

    def mend(match: re.Match[str]) -> str:
        first, second = match[1], match[2]
        whole, hyphenated = (first + second).lower(), f"{first}-{second}".lower()
        kept = words[hyphenated] > words[whole] or not second[:1].islower() or first[-1:].isdigit()
        return f"{first}-{second}" if kept else first + second

    return [re.sub(rf"([\w-]*){HYPHEN}\s*(\w*)", mend, text) for text in texts]


def goes_on(above: str, text: str) -> bool:
    """Whether `text`, which begins a page, goes on with the sentence that ended the last one."""
    return not _ENDS.search(above) and text[:1].islower()
