"""Pure: which lines of a PDF are headings, as its outline tells, or else their font."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.extract.pdf.lines import HYPHEN, Line
from index.extract.pdf.tables import Table

_MOST_LINES = 3  # that a heading runs over
_LONGEST = 160  # characters
_LARGER = 1.15  # than the text, where a heading is not bold
_AS_LARGE = 0.97  # as the text, where it is; smaller bold letters are the heads of columns
_LONGEST_ABBREVIATION = 5  # letters
_ONE_SIZE = 0.92  # of the larger of two sizes that count as one
_SENTENCE = re.compile(r"[.,;]$")

Item = Line | Table
Outline = Mapping[int, Sequence[tuple[str, int]]]  # page from 0 → (title, level from 1) of each


@dataclass(frozen=True, slots=True)
class Title:
    """The words of a heading; `level` 1 would be the document's own title."""

    text: str
    level: int


def with_headings(pages: Sequence[Sequence[Item]], outline: Outline) -> list[list[Item | Title]]:
    """`pages` with the lines that are headings put together to `Title`s. Those that the outline
    names have its levels, from 2 on; below them come those that are told by their font, the larger
    above the smaller."""
    size, bold = _text_style(item for page in pages for item in page)
    found: list[list[Item | tuple[str, int, _Style]]] = []
    for number, page in enumerate(pages):
        due: dict[str, list[int]] = defaultdict(list)  # levels of each title still to be found
        for title, level in outline.get(number, ()):
            if key := _letters(title):
                due[key].append(level)
        found.append(list(_headed(page, due, size, bold)))
    headings = [item for page in found for item in page if isinstance(item, tuple)]
    deepest = max((level for _, level, _ in headings), default=0)
    ranks = _ranks({style for _, level, style in headings if not level})
    return [
        [
            Title(item[0], 1 + (item[1] or deepest + 1 + ranks[item[2]]))
            if isinstance(item, tuple)
            else item
            for item in page
        ]
        for page in found
    ]


_Style = tuple[float, bool, bool]  # size, bold, in capitals


def _ranks(styles: Iterable[_Style]) -> dict[_Style, int]:
    """The depth of each style from 0 on: the larger above the smaller, and of one size capitals
    above other bold letters, and these above light ones."""
    steps: dict[float, float] = {}  # sizes that differ by a few percent are one
    largest = 0.0
    for size in sorted({size for size, _, _ in styles}, reverse=True):
        largest = size if size < _ONE_SIZE * largest or not largest else largest
        steps[size] = largest
    keys = {style: (-steps[style[0]], not style[2], not style[1]) for style in styles}
    order = sorted(set(keys.values()))
    return {style: order.index(key) for style, key in keys.items()}


def _text_style(items: Iterable[Item]) -> tuple[float, bool]:
    """Size and boldness of most characters."""
    sizes: Counter[float] = Counter()
    weights: Counter[bool] = Counter()
    for item in items:
        bold = isinstance(item, Line) and item.bold
        letters = len(item.text) if isinstance(item, Line) else sum(map(len, item.lines))
        sizes[round(item.size, 1)] += letters
        weights[bold] += letters
    return (sizes.most_common(1) or [(10.0, 0)])[0][0], weights[True] > weights[False]


def _headed(
    page: Sequence[Item], due: dict[str, list[int]], size: float, bold: bool
) -> Iterable[Item | tuple[str, int, _Style]]:
    at = 0
    while at < len(page):
        item = page[at]
        if isinstance(item, Table):
            yield item
            at += 1
            continue
        count, level = _in_outline(page[at : at + _MOST_LINES], due)
        count = count or _in_font(page, at, size, bold)
        lines = [line for line in page[at : at + count] if isinstance(line, Line)]
        if lines:
            text = " ".join(line.text for line in lines).replace(HYPHEN + " ", "-")
            yield text, level, (round(item.size, 1), item.bold, _is_capitals(text))
        else:
            yield item
        at += max(count, 1)


def _in_outline(items: Sequence[Item], due: dict[str, list[int]]) -> tuple[int, int]:
    """How many of the lines that come next are the words of a bookmark, and its level."""
    text = ""
    for count, item in enumerate(items, start=1):
        if isinstance(item, Table):
            break
        text = f"{text} {item.text}".strip()
        unnumbered = re.sub(r"^\d+(?:\.\d+)*\.?\s+", "", text)
        levels = due.get(_letters(text)) or due.get(_letters(unnumbered))
        if levels:
            return count, levels.pop(0)
    return 0, 0


def _in_font(page: Sequence[Item], at: int, size: float, bold: bool) -> int:
    """How many lines from `at` on are a heading by their font; 0 when none is."""
    first = page[at]
    if not isinstance(first, Line) or not _stands_out(first, size, bold):
        return 0
    above = page[at - 1] if at else None
    if isinstance(above, Line) and not _sets_off(above, first):
        return 0
    lines = [first]
    for item in page[at + 1 : at + 1 + _MOST_LINES]:
        if not isinstance(item, Line) or not _stands_out(item, size, bold):
            break
        same = abs(item.size - first.size) < 0.05 * first.size and item.bold == first.bold
        if not same or not 0 < lines[-1].baseline - item.baseline < 1.6 * item.size:
            break
        lines.append(item)
    text = " ".join(line.text for line in lines)
    whole = len(lines) <= _MOST_LINES and len(text) <= _LONGEST and not _SENTENCE.search(text)
    begins = re.match(r"[^\w•‣▪●○◦*]*[^\W_]", text) and not text[:1].islower()
    return len(lines) if whole and begins else 0


def _stands_out(line: Line, size: float, bold: bool) -> bool:
    """Whether the font is not that of the text, and the words are more than figures."""
    larger = line.size > _LARGER * size
    heavier = line.bold and not bold and line.size > _AS_LARGE * size
    return (larger or heavier) and sum(map(str.isalpha, line.text)) >= 0.5 * len(
        line.text.replace(" ", "")
    )


def _sets_off(above: Line, line: Line) -> bool:
    """Whether a line does not go on with the paragraph of the one above it."""
    step = above.baseline - line.baseline
    if abs(step) < 0.4 * line.size:
        return False  # words in the midst of a line
    same = abs(above.size - line.size) < 0.05 * line.size
    return (
        not same
        or step < 0
        or step > 1.3 * line.size
        or bool(_ends(above.text))
        or above.bold != line.bold
    )


def _is_capitals(text: str) -> bool:
    """Whether `text` is set in capitals, and no mere abbreviation such as COVID-19."""
    return text.isupper() and (" " in text or sum(map(str.isalpha, text)) > _LONGEST_ABBREVIATION)


def _ends(text: str) -> bool:
    return text.rstrip('”’")]')[-1:] in tuple(".!?:")


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
