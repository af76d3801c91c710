"""Pure: running headers, footers and page numbers, told by their coming back page after page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.extract.pdf.lines import Line

_OUTERMOST = 4  # lines at the top and at the bottom of a page that are looked at
_LEAST_PAGES = 3  # that bear a number which counts them, or the same words where they are most
_MANY_PAGES = 8  # that bear the same words, where other pages don't
_REACH = 2  # pages from one to the next: left and right pages differ
_SET_OFF = 1.7  # font sizes from a running line to the text
_LONGEST = 12  # words beside a page number
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_PAGE = re.compile(r"\b(?:page|seite|of|von)\b")
_DATED = 3  # times as many words as numbers, in what is no head of a table
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}

_Key = tuple[str, int]  # words, and how high they stand


@dataclass(frozen=True, slots=True)
class Body:
    """The lines of a page without what its margins repeat; of that the words that no page before
    it has, above its lines and below them."""

    lines: list[Line]
    head: list[str]
    foot: list[str]


def bodies(pages: Sequence[Sequence[Line]]) -> list[Body]:
    """Each page without what the margins repeat, from the edge inwards: a line whose number counts
    the pages, or words that come back at the same height on most pages, or on eight in a row, and
    are set off from the text."""
    places: dict[_Key, set[int]] = defaultdict(set)
    for number, page in enumerate(pages):
        for edge in _edges(page):
            for at in edge:
                for key in _keys(page[at], number):
                    places[key].add(number)
    least = min(max(_LEAST_PAGES, len(pages) // 2 + 1), _MANY_PAGES)
    running = {
        key: _repeated(numbers, _LEAST_PAGES if key[1] < 0 else least)
        for key, numbers in places.items()
    }
    kept = []
    seen: set[str] = set()
    for number, page in enumerate(pages):
        dropped: set[int] = set()
        for edge in _edges(page):
            dropped |= _run_of(edge, page, number, running)
        if len(dropped) == len(page):  # a page is more than margins, unless it bears a number only
            dropped = {at for at in dropped if not re.search(r"[^\W\d_]{2}", page[at].text)}
        lines = [line for at, line in enumerate(page) if at not in dropped]
        body = Body(lines, [], [])
        top = max((line.baseline for line in lines), default=0.0)
        for at in sorted(dropped, key=lambda at: -page[at].baseline):
            line = page[at]
            said = _NUMBER.sub("", line.text).casefold()
            if said not in seen and len(_WORDS.findall(_PAGE.sub("", said))) > 1:
                (body.head if line.baseline > top else body.foot).append(line.text)
            seen.add(said)
        kept.append(body)
    return kept


def _edges(page: Sequence[Line]) -> tuple[list[int], list[int]]:
    """The places in `page` of its outermost lines, from the top down and from the bottom up."""
    order = sorted(range(len(page)), key=lambda at: -page[at].baseline)
    return order[: _OUTERMOST + 1], order[::-1][: _OUTERMOST + 1]


def _run_of(
    edge: Sequence[int], page: Sequence[Line], number: int, running: dict[_Key, set[int]]
) -> set[int]:
    """Those of the places `edge` that hold running lines: all up to the first that does not."""
    taken: set[int] = set()
    counting: set[int] = set()
    for place, at in enumerate(edge[:_OUTERMOST]):
        keys = [key for key in _keys(page[at], number) if number in running[key]]
        if not keys:
            break
        taken.add(at)
        if any(height < 0 for _, height in keys):
            counting.add(at)
        elif place + 1 < len(edge):
            line, inner = page[at], page[edge[place + 1]]
            inner_runs = any(number in running[key] for key in _keys(inner, number))
            if abs(line.baseline - inner.baseline) < _SET_OFF * line.size and not inner_runs:
                return counting  # words so near to the text may be part of it
    return taken


def _keys(line: Line, number: int) -> Iterator[_Key]:
    """What a running line has in common with those of other pages: its words and its height, given
    twice, so that a line between two steps is found in one of them; or, at any height (-1), its
    words with the number that is so many more than the pages before this one."""
    words = line.text.split()
    numbers = sum(re.search(r"\d", word) is not None for word in words)
    if numbers < 2 or len(words) - numbers >= _DATED * numbers:
        form = " ".join(words).casefold()
        yield form, round(line.baseline / line.size)
        yield form, round(line.baseline / line.size + 0.5)
    if len(words) <= _LONGEST:
        template = _NUMBER.sub("#", line.text).casefold()
        values = [_value(numeral) for numeral in _NUMBER.findall(line.text)]
        for value in dict.fromkeys([*values[:1], *values[-2:]]):
            yield f"{template} {value - number}", -1


def _value(numeral: str) -> int:
    """Of Arabic or Roman numerals."""
    if numeral.isdecimal():
        return int(numeral[:9])
    values = [_ROMAN[letter] for letter in numeral.lower()]
    return sum(
        -value if any(after > value for after in values[at + 1 : at + 2]) else value
        for at, value in enumerate(values)
    )


def _repeated(numbers: Iterable[int], least: int) -> set[int]:
    """Those of the page `numbers` that lie in a run of `least` or more."""
    found: set[int] = set()
    run: list[int] = []
    for number in sorted(numbers):
        if run and number - run[-1] > _REACH:
            run = []
        run.append(number)
        if len(run) >= least:
            found.update(run)
    return found
