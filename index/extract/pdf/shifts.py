"""Pure: letters of a PDF that stand above or below their line, within a word and beside one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median

from index.extract.pdf.lines import Line, Word
from index.text.raised import lowered, raised

_HIGH = (0.12, 0.75)  # of the height of the word, from its baseline to that of raised letters
_LOW = (-0.5, -0.06)
_SMALLEST = 0.4  # of the height of the word; a word below a larger letter is none of its marks
_SMALLER = 0.9  # of the height of the word; lowered letters are below it
_SMALL = 0.85  # of the usual size; marks that are drawn apart are below it
_BESIDE = 0.35  # font sizes between a word and its mark
_BEFORE = 1.0  # font sizes between the mark of a note and its first word
_MARKS = re.compile(r"(?:\(?[a-z\d]{1,2}\)|\d{1,2}|[*†‡§]+)(?:[ ,]+(?:\(?[a-z\d]{1,2}\)|\d{1,2}))*")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, how high it stands and how high it is, in points."""

    text: str
    baseline: float
    size: float


def set_apart(letters: Sequence[Letter]) -> tuple[str, Letter]:
    """The word that `letters` make, with those that are raised or lowered told from the others;
    and one of the others."""
    counts = Counter((round(one.baseline, 1), round(one.size, 1)) for one in letters)
    baseline, size = max(counts, key=lambda place: (counts[place], place[1]))
    main = next(
        one for one in letters if (round(one.baseline, 1), round(one.size, 1)) == (baseline, size)
    )
    word = ""
    for shift, run in groupby(letters, key=lambda letter: _shift(letter, main)):
        text = "".join(letter.text for letter in run)
        word += (raised if shift > 0 else lowered)(text, word) if shift else text
    return word, main


def _shift(letter: Letter, main: Letter) -> int:
    """1 for a raised letter, -1 for a lowered one."""
    height = (letter.baseline - main.baseline) / main.size
    if letter.size < _SMALLEST * main.size:
        return 0
    if _HIGH[0] < height < _HIGH[1]:
        return 1
    return -1 if _LOW[0] < height < _LOW[1] and letter.size < _SMALLER * main.size else 0


def with_marks(lines: Sequence[Line]) -> list[Line]:
    """`lines` with the marks of notes that are drawn apart written at the words they stand at, and
    at the notes that begin with them. Small figures that stand at no word stay as they are, but for
    those in brackets that begin a note below."""
    if not lines:
        return []
    usual = median(line.size for line in lines for _ in line.text)
    found = list(lines)
    noted = {line.words[0].text for line in lines if len(line.words) > 1}
    for at, mark in enumerate(lines):
        if mark.size <= _SMALL * usual and _MARKS.fullmatch(mark.text):
            holder = next((n for n, line in enumerate(found) if _holds(line, mark, n == at)), None)
            if holder is not None:
                found[holder] = _marked(found[holder], mark)
            if holder is not None or (mark.text in noted and not mark.text.isalnum()):
                found[at] = replace(mark, text="")
    return [line for line in found if line.text]


def _holds(line: Line, mark: Line, same: bool) -> bool:
    return not same and bool(line.text) and _place(line, mark) is not None


def _place(line: Line, mark: Line) -> int | None:
    """The word of `line` that `mark` stands at."""
    height = (mark.baseline - line.baseline) / line.size
    if not (_HIGH[0] < height < _HIGH[1] and mark.size < _SMALLER * line.size):
        return None
    for at, word in enumerate(line.words):
        if abs(mark.left - word.right) < _BESIDE * word.size:
            return at
    first = line.words[0] if line.words else None
    return (
        0 if first and -0.1 * first.size < first.left - mark.right < _BEFORE * first.size else None
    )


def _marked(line: Line, mark: Line) -> Line:
    place = _place(line, mark) or 0
    word = line.words[place]
    if mark.left >= word.left:
        text = word.text + raised(mark.text, word.text)
    else:
        text = f"{raised(mark.text, '')} {word.text}"
    words: list[Word] = list(line.words)
    words[place] = replace(
        word, text=text, left=min(word.left, mark.left), right=max(word.right, mark.right)
    )
    return replace(
        line,
        text=" ".join(one.text for one in words),
        words=tuple(words),
        left=min(line.left, mark.left),
        right=max(line.right, mark.right),
    )
