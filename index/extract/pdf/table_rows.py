"""Pure: the lines of a PDF page → rows of cells, told apart by the gaps between words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from index.extract.pdf.lines import Line, Word

_WIDE = 1.0  # font sizes between two cells
_NARROW = 0.45  # between two figures, or two headings; a space is about 0.25
_BACK = 4  # lines within which a row may be drawn cell by cell
_YEAR = re.compile(r"(?:19|20)\d\d")
_CURRENCY = r"(?:[$€£¥]|US\$|R\$|CHF|EUR|USD)"
_FIGURE = re.compile(
    rf"[(+\-–—−]*\s?{_CURRENCY}?\s?[(+\-–—−]*\d[\d.,’']*\s?[)%x]*\s?%?\)?"  # $1,234  (12)%  2.5x
    rf"|{_CURRENCY}?\s?[-–—−]+\s?%?|N/?[AM]|n/m|#",
)
_MARK = re.compile(r"(?:\(?[a-z\d]{1,2}\)|[\d*†‡§]{1,2})(?:[ ,]+\(?[a-z\d]{1,2}\))*")
_TAIL = re.compile(r"[)%]+|bps|pts?\.?")  # belongs to the figure before it
_LEAD = re.compile(rf"\(?{_CURRENCY}\(?|\(")  # belongs to the figure after it


@dataclass(frozen=True)
class Cell:
    """Words that stand together; a place as in `Line`. A figure's signs ($, %) may stand off it
    and under those of the next column: `first` and `last` are the edges without them."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    first: float
    last: float

    @cached_property
    def is_figure(self) -> bool:
        return _is_figure(self.text)

    @cached_property
    def is_year(self) -> bool:
        return _YEAR.fullmatch(self.text) is not None


@dataclass(frozen=True)
class Row:
    """Lines on one baseline, and their cells from left to right; `places` are those of the lines
    among all of the page."""

    lines: tuple[Line, ...]
    cells: tuple[Cell, ...]
    places: tuple[int, ...]

    @property
    def baseline(self) -> float:
        return self.lines[0].baseline

    @property
    def size(self) -> float:
        return self.lines[0].size

    @property
    def left(self) -> float:
        return self.cells[0].left

    @property
    def right(self) -> float:
        return self.cells[-1].right

    @cached_property
    def figures(self) -> list[Cell]:
        """Its figures, but for one that stands where the label does."""
        lead = 1 if len(self.cells) > 1 or not self.cells[0].is_figure else 0
        figures = [cell for cell in self.cells[lead:] if cell.is_figure]
        if lead and self.cells[0].is_figure and len(figures) == len(self.cells) - 1:
            return list(self.cells)  # a row of figures alone
        return figures

    @cached_property
    def is_figures(self) -> bool:
        """Whether the row is one of a table's body: of its cells after the first, half or more
        are figures, and not all of them years."""
        figures = self.figures
        if len(self.cells) < 2 or 2 * len(figures) < len(self.cells) - 1 or not figures:
            return False
        return not all(cell.is_year for cell in figures)


def rows_of(lines: Sequence[Line]) -> list[Row]:
    """The rows in the order of `lines`. A row may be drawn cell by cell, so a line of figures goes
    to the line on its baseline and left of it that came shortly before."""
    groups: list[list[int]] = []
    for place, line in enumerate(lines):
        near = groups[: -_BACK - 1 : -1]
        home = next((group for group in near if _beside(lines[group[-1]], line)), None)
        if home is not None:
            home.append(place)
        else:
            groups.append([place])
    rows = []
    for places in groups:
        held = [lines[place] for place in places]
        rows.append(Row(tuple(held), tuple(_cells(held)), tuple(places)))
    return rows


def _beside(last: Line, line: Line) -> bool:
    """Whether `line` stands right of `last`, on its baseline; text only where it follows at
    once."""
    step = abs(last.baseline - line.baseline)
    if line.left < last.right - 0.2 * line.size or step > 0.8 * last.size:
        return False
    if line.left - last.right < last.size and _MARK.fullmatch(line.text):
        return True  # of a footnote, raised
    if step > 0.4 * min(last.size, line.size):
        return False
    return line.left - last.right < 0.5 * line.size or all(
        _FIGURE.fullmatch(word) or _TAIL.fullmatch(word) or _LEAD.fullmatch(word)
        for word in line.text.split()
    )


def _cells(lines: Sequence[Line]) -> list[Cell]:
    cells: list[list[Word]] = []
    figure = lead = False  # whether the cell so far is a figure, or what comes before one
    for word in _words(lines):
        gap = word.left - cells[-1][-1].right if cells else 0.0
        if cells and _is_same(gap / word.size, word.text, figure, lead):
            cells[-1].append(word)
            figure = figure and _TAIL.fullmatch(word.text) is not None
            figure = figure or (lead and _is_figure(word.text))
            lead = False
        else:
            cells.append([word])
            figure, lead = _is_figure(word.text), _LEAD.fullmatch(word.text) is not None
    return [_cell(words) for words in cells]


def _is_figure(text: str) -> bool:
    return _FIGURE.fullmatch(text) is not None


def header_cells(row: Row) -> list[Cell]:
    """The cells of a row that holds headings, which may stand close to one another."""
    cells: list[list[Word]] = []
    for word in _words(row.lines):
        if cells and word.left - cells[-1][-1].right < _NARROW * word.size:
            cells[-1].append(word)
        else:
            cells.append([word])
    return [_cell(words) for words in cells]


def _words(lines: Sequence[Line]) -> list[Word]:
    return sorted((word for line in lines for word in line.words), key=lambda word: word.left)


def _is_same(gap: float, text: str, figure: bool, lead: bool) -> bool:
    """Whether the word `text`, `gap` font sizes after a cell, goes on with it."""
    if lead:
        return True
    if not figure:
        return gap < _WIDE
    if _TAIL.fullmatch(text):
        return gap < 2 * _WIDE
    both = _is_figure(text) or _LEAD.fullmatch(text)
    return gap < (_NARROW if both else _WIDE)


def _cell(words: Sequence[Word]) -> Cell:
    text = " ".join(word.text for word in words)
    text = re.sub(r"(?<=[$€£¥]) (?=[\d(–—−-])|(?<=[\d)–—−#]) (?=[%)])", "", text)
    bare = [w for w in words if not _LEAD.fullmatch(w.text) and not _TAIL.fullmatch(w.text)]
    bare = bare or list(words)
    left, right = words[0].left, words[-1].right
    edges = bare[0].left, bare[-1].right
    return Cell(text, left, right, words[0].baseline, words[0].size, *edges)
