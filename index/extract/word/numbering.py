"""The numbers that Word sets before paragraphs: `1.2`, `(a)`, `iv.`; and those of lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from index.extract.numerals import numeral

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MOST_LEVELS = 9
_LARGEST = 1_000_000  # that a list may begin with
_BULLET = "-"


@dataclass(slots=True)
class _Level:
    """How the paragraphs of one depth are numbered: `text` is such as `%1.%2`. `restarts` says that
    it begins anew below each paragraph of a level above."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    legal: bool = False  # figures alone, whatever the levels above have
    style: str = ""
    restarts: bool = True


@dataclass(slots=True)
class _List:
    """Paragraphs that are counted together; `restarts` are the numbers that one of several
    instances of it begins with, by level."""

    abstract: str
    levels: dict[int, _Level]
    restarts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts the numbered paragraphs of a document in their order."""

    def __init__(self, numbering: Any, styles: Any) -> None:
        self._styles = {} if styles is None else dict(_styles(styles))
        self._lists = {} if numbering is None else dict(_lists(numbering, self._styles))
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()

    def label(self, paragraph: Any) -> tuple[str, int] | None:
        """What stands before the next paragraph, which is `paragraph`, and how deep it is, from 0
        on; None for one that is in no list."""
        if _is_deleted(paragraph):
            return None
        number, depth = self._place(paragraph)
        found = self._lists.get(number)
        if found is None or depth not in found.levels:
            return None
        counts = self._counts.setdefault(found.abstract, {})
        if number not in self._begun:
            self._begun.add(number)
            counts.update({at: start - 1 for at, start in found.restarts.items()})
        level = found.levels[depth]
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [at for at in counts if at > depth]:
            if deeper not in found.levels or found.levels[deeper].restarts:
                del counts[deeper]
        if level.form == "bullet":
            return _BULLET, depth
        return _written(found.levels, depth, counts), depth

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """The list that the paragraph or its style names, and the depth in it."""
        style = _value(paragraph.find(f"{_W}pPr/{_W}pStyle"), "Normal")
        own = paragraph.find(f"{_W}pPr/{_W}numPr")
        number, depth = _named(own)
        seen = set()
        while style and style not in seen and not (number and depth is not None):
            seen.add(style)
            based_on, stated = self._styles.get(style, ("", None))
            its_number, its_depth = _named(stated)
            number = number or its_number
            if depth is None and its_number:
                depth = self._depth_of(its_number, style) if its_depth is None else its_depth
            style = based_on
        return number, depth or 0

    def _depth_of(self, number: str, style: str) -> int | None:
        levels = self._lists[number].levels if number in self._lists else {}
        return next((at for at, level in levels.items() if level.style == style), None)


def _is_deleted(paragraph: Any) -> bool:
    """Whether a paragraph is deleted as a whole, under tracked changes."""
    if paragraph.find(f"{_W}pPr/{_W}rPr/{_W}del") is None:
        return False
    words = paragraph.iter(_W + "t")
    gone = {_W + "del", _W + "moveFrom"}
    return not any(not any(above.tag in gone for above in one.iterancestors()) for one in words)


def _named(numbered: Any) -> tuple[str, int | None]:
    if numbered is None:
        return "", None
    depth = numbered.find(_W + "ilvl")
    stated = None if depth is None else min(_number(depth, 0), _MOST_LEVELS - 1)
    return _value(numbered.find(_W + "numId"), ""), stated


def _lists(numbering: Any, styles: Mapping[str, tuple[str, Any]]) -> Iterator[tuple[str, _List]]:
    """The lists by their numbers; one that a style of lists stands for has the levels of that."""
    abstract = {}
    linked = {}
    instances = {
        one.get(_W + "numId", ""): _value(one.find(_W + "abstractNumId"), "")
        for one in numbering.iter(_W + "num")
    }
    for one in numbering.iter(_W + "abstractNum"):
        named = one.get(_W + "abstractNumId")
        abstract[named] = dict(map(_level, one.iter(_W + "lvl")))
        if (link := _value(one.find(_W + "numStyleLink"), "")) in styles:
            linked[named] = instances.get(_named(styles[link][1])[0], "")
    for named, meant in linked.items():
        abstract[named] = abstract[named] or abstract.get(meant, {})
    for one in numbering.iter(_W + "num"):
        named = _value(one.find(_W + "abstractNumId"), "")
        levels = dict(abstract.get(named, {}))
        restarts = {}
        for override in one.iter(_W + "lvlOverride"):
            levels.update(map(_level, override.iter(_W + "lvl")))
            start = override.find(_W + "startOverride")
            if start is not None:
                restarts[_depth(override)] = _number(start, 1)
        yield one.get(_W + "numId", ""), _List(named, levels, restarts)


def _level(level: Any) -> tuple[int, _Level]:
    return _depth(level), _Level(
        _number(level.find(_W + "start"), 1),
        _form(level),
        _value(level.find(_W + "lvlText"), ""),
        level.find(_W + "isLgl") is not None,
        _value(level.find(_W + "pStyle"), ""),
        _value(level.find(_W + "lvlRestart"), "") != "0",
    )


def _form(level: Any) -> str:
    """The form of the numbers; `001` where figures are filled up to three, say."""
    stated = next(level.iter(_W + "numFmt"), None)
    form = _value(stated, "decimal")
    example = "" if stated is None else stated.get(_W + "format", "")
    filled = re.match(r"0+1\b", example)
    return filled[0] if form == "custom" and filled else form


def _depth(element: Any) -> int:
    stated = element.get(_W + "ilvl", "")
    return int(stated) if re.fullmatch(r"\d", stated) else 0


def _styles(styles: Any) -> Iterator[tuple[str, tuple[str, Any]]]:
    """Each style by its name, with the one it is based on and what it says of numbers."""
    for style in styles.iter(_W + "style"):
        based_on = _value(style.find(_W + "basedOn"), "")
        yield style.get(_W + "styleId", ""), (based_on, style.find(f"{_W}pPr/{_W}numPr"))


def _written(levels: dict[int, _Level], depth: int, counts: dict[int, int]) -> str:
    def number(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        level = levels.get(at, _Level())
        plain = levels[depth].legal and level.form != "decimalZero"
        form = "decimal" if plain else level.form
        return numeral(counts.get(at, level.start), form)

    return re.sub(r"%([1-9])", number, levels[depth].text).strip()


def _number(element: Any, default: int) -> int:
    stated = _value(element, "")
    return min(int(stated), _LARGEST) if re.fullmatch(r"\d{1,9}", stated) else default


def _value(element: Any, default: str) -> str:
    return default if element is None else str(element.get(_W + "val", default))
