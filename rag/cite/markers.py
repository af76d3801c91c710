"""The markers `[n]` of an answer as it is written: which are footnotes and which are nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.answer import Passage

_MOST = 60  # characters between the brackets of a marker; what is longer is text
_NUMBER = r"\d{1,9}(?:\s*[-–]\s*\d{1,9})?"
_INSIDE = rf"[\d,;^\s–-]{{0,{_MOST}}}"
_MARKER = re.compile(
    rf"(?<![^\S\n])[^\S\n]*[\[【](?={_INSIDE}[\]】])\s*\^?({_NUMBER}(?:\s*[,;]\s*{_NUMBER})*)"
    r"[\s,;]*[\]】]"
)
_UNFINISHED = re.compile(rf"(?<!\s)\s*[\[【]{_INSIDE}$|(?<!\s)\s+$")
_OPEN = re.compile(rf"[\[【]{_INSIDE}$")
_CLOSE = re.compile(rf"({_INSIDE})[\]】]")
_LOOKS_LIKE_ONE = re.compile(rf"[\[【](?=[^\[\]【】]*\d){_INSIDE}[\]】]")
_LONGEST_RANGE = 20


@dataclass(frozen=True, slots=True)
class Mark:
    """A footnote's place in the text, and the passage that it cites."""

    start: int
    end: int
    passage: Passage


class Footnotes:
    """Turns markers that name passages into footnotes numbered in order of appearance: `[3]`,
    `[1, 2]`, `[1-3]`, `[^1]` and `【1】`.

    A marker that names no passage is left out and counted in `removed`. Pieces may break anywhere:
    what may yet turn out to be a marker is held back until it is whole. Only what is in `marks`
    is a footnote afterwards; nothing else in `text` looks like one.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self.text = ""
        self.marks: list[Mark] = []
        self.removed = 0

    def renumber(self, pieces: Iterable[str]) -> Iterator[str]:
        """The pieces of an answer, with their markers renumbered."""
        held = ""
        for piece in pieces:
            held += piece
            unfinished = _UNFINISHED.search(held)
            cut = unfinished.start() if unfinished else len(held)
            ready, held = held[:cut], held[cut:]
            if written := self._write(ready):
                yield written
        if written := self._write(held.rstrip()):
            yield written

    def with_marks(self, places: Sequence[tuple[int, Passage]]) -> tuple[Footnotes, frozenset[int]]:
        """The same text with one more footnote at each of `places`, in order; and which of its
        footnotes those are, by index."""
        marks = [(mark.start, mark.end, mark.passage) for mark in self.marks]
        more = [(place, place, passage) for place, passage in places]
        all_of_them = sorted([*marks, *more], key=lambda each: each[:2])
        longer, position = Footnotes(self._passages), 0
        longer.removed = self.removed
        for start, end, passage in all_of_them:
            longer.text += self.text[position:start]
            longer._mark(passage)
            position = end
        longer.text += self.text[position:]
        return longer, frozenset(n for n, (start, end, _) in enumerate(all_of_them) if start == end)

    def _mark(self, passage: Passage) -> None:
        """Writes a footnote to `passage`."""
        space = "" if self.text[-1:] in ("", "[", "(") or self.text[-1].isspace() else " "
        start = len(self.text) + len(space)
        self.text += f"{space}[{len(self.marks) + 1}]"
        self.marks.append(Mark(start, len(self.text), passage))

    def _write(self, piece: str) -> str:
        before, position = len(self.text), 0
        for match in _MARKER.finditer(piece):
            self._put(piece[position : match.start()])
            position = match.end()
            for number in self._named(match.group(1)):
                self._mark(self._passages[number - 1])
        self._put(piece[position:])
        return self.text[before:]

    def _put(self, words: str) -> None:
        """Writes text that is no marker, and sees that beside what stands there it becomes none,
        nor makes a Markdown link of one."""
        words = without_forgeries(words if self.text else words.lstrip(), ())
        closing = _CLOSE.match(words)
        if closing and _OPEN.search(self.text):
            words = f"{closing.group(1)}){words[closing.end() :]}"
        if self.marks and self.marks[-1].end == len(self.text) and words[:1] in ("(", ":"):
            words = f" {words}"
        self.text += words

    def _named(self, numbers: str) -> list[int]:
        """The numbers of passages in "1, 4-6"; each that there is not counts as removed."""
        named: list[int] = []
        for part in re.split("[,;]", numbers):
            first, *last = (int(each) for each in re.split("[-–]", part))
            through = last[0] if last else first
            if 1 <= first <= through <= min(len(self._passages), first + _LONGEST_RANGE):
                named += range(first, through + 1)
            else:
                self.removed += 1
        return named


def without_forgeries(text: str, marks: Iterable[tuple[int, int]]) -> str:
    """`text`, in which whatever looks like a marker and is not at one of `marks` is closed by a
    round bracket; as long as before."""
    real = set(marks)

    def closed(match: re.Match[str]) -> str:
        return match.group() if match.span() in real else f"{match.group()[:-1]})"

    return _LOOKS_LIKE_ONE.sub(closed, text)


_BRACKETED_NUMBER = re.compile(r" ?\[\d[\d, ]*\]")


def plain(sentence: str) -> str:
    """A sentence of a document on one line, without bracketed numbers that would read as
    citations of ours."""
    words = " ".join(sentence.split())
    while (without := _BRACKETED_NUMBER.sub("", words)) != words:
        words = without  # what stood around a nested one may be one itself now
    return words.strip()
