"""Which of two passages is of the later edition: another version, year or date of the same."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal

from rag.answer import Passage
from rag.facts.dates import MONTHS, dates

Kind = Literal["version", "date"]
"""What is compared: versions part by part, or years, months and days as far as they are stated."""

_VERSION = re.compile(
    r"\b(?:v|ver\.?|version|release|rev\.?|revision|edition|issue|build) ?(\d+(?:\.\d+)*)(?![\w-])",
    re.IGNORECASE,
)
_BARE_VERSION = re.compile(r"(?<![\w.])(\d+\.\d+(?:\.\d+)*)(?![\w.]|-\d)")
_YEAR = re.compile(r"(?<![\d.,])(?:FY ?)?((?:19|20)\d\d)(?![\d.,]\d|\d)")
_IN_FORCE = re.compile(
    r"\b(?:valid|effective|in force|applies|applicable|as of|as at|updated|amended|revised|"
    r"approved|issued|adopted|dated|status|last change)\b[^.\n]{0,24}?",
    re.IGNORECASE,
)
_FIGURES = re.compile(rf"\b(?:{'|'.join(MONTHS)})\b|\d+(?:[./:-]\d+)*", re.IGNORECASE)
_EDITION_WORDS = re.compile(
    r"\b(?:v|ver|version|release|rev|revision|edition|issue|fy|new|old|updated|draft|final|valid|"
    r"from|of|copy)(?![a-z])",
    re.IGNORECASE,
)
_EARLIER = re.compile(
    r"\b(?:previous(?:ly)?|former(?:ly)?|old(?:er)?|earlier|before|used to|until|originally|"
    r"at first|back then|last year|first (?:version|edition)|was|were|did|had)\b",
    re.IGNORECASE,
)


def edition(passage: Passage) -> dict[Kind, tuple[int, ...]]:
    """The version and the date that `passage` says it is of, as far as it does: in its headings,
    the title and the file's name, in its words on when they are in force, in the file's metadata.
    The nearest to the passage counts."""
    places = [*reversed(passage.heading.split(" › ")), passage.title, _file_name(passage.uri)]
    found: dict[Kind, tuple[int, ...]] = {}
    for place in places:
        version = _VERSION.search(place) or _BARE_VERSION.search(place)
        if version:
            found.setdefault("version", tuple(int(part) for part in version[1].split(".")))
        if date := _date(place):
            found.setdefault("date", date)
    for said in _IN_FORCE.finditer(passage.text):
        if date := _date(passage.text[said.start() : said.end() + 24]):
            found.setdefault("date", date)
    if date := _date(str(passage.metadata.get("date", ""))):
        found.setdefault("date", date)
    return found


def is_later(passage: Passage, other: Passage) -> bool | None:
    """Whether `passage` is of a later edition than `other`; None where neither can be told."""
    own, others = edition(passage), edition(other)
    for kind in ("version", "date"):
        a, b = own.get(kind), others.get(kind)
        if a and b and (kind == "version" or a[0] != b[0] or len(a) == len(b)) and a != b:
            return a > b
    return None


def of_one_series(passage: Passage, other: Passage) -> bool:
    """Whether the two have the same title, or without one their files the same name, and stand
    under the same headings, but for figures and words such as "version"."""
    if _series(passage.heading) != _series(other.heading):
        return False
    titled = passage.title and other.title
    names = [each.title if titled else _file_name(each.uri) for each in (passage, other)]
    return bool(_series(names[0])) and _series(names[0]) == _series(names[1])


def asks_for_earlier(question: str) -> bool:
    """Whether `question` is about what was, so that the latest edition isn't meant."""
    return _EARLIER.search(question) is not None


def _file_name(uri: str) -> str:
    return re.sub(r"[_-](?!\d)|(?<!\d)[_-]", " ", PurePosixPath(uri).stem)


def _date(text: str) -> tuple[int, ...] | None:
    """The latest day that `text` states in full, or its latest year."""
    full = [(d.year, d.month, *((d.day,) if d.day else ())) for d in dates(text) if d.year]
    return max(full, default=None) or max(
        ((int(year),) for year in _YEAR.findall(text)), default=None
    )


def _series(text: str) -> str:
    words = _EDITION_WORDS.sub(" ", _FIGURES.sub(" ", text.casefold()))
    return " ".join(re.findall(r"\w+", words))
