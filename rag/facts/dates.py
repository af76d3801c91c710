"""The dates in a text, in the forms that are usual."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

MONTHS = (
    "january february march april may june july august september october november december"
).split()
_NUMBER = {name: number for number, name in enumerate(MONTHS, start=1)}
_NUMBER |= {name[:3]: number for name, number in _NUMBER.items()} | {"sept": 9}
_NAMES = "|".join(sorted((name.capitalize() for name in _NUMBER), key=len, reverse=True))
_MONTH = rf"(?P<month>{_NAMES}|{_NAMES.upper()})\b\.?"
_DAY = r"(?P<day>\d{1,2})"
_YEAR = r"(?P<year>[12]\d{3})(?!\w)"
_FORMS = [
    re.compile(rf"(?<!\w){_DAY}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? {_YEAR})?"),
    re.compile(rf"\b{_MONTH} {_DAY}(?:st|nd|rd|th)?(?!\w)(?:,? {_YEAR})?"),
    re.compile(rf"\b{_MONTH}(?:,| of)? {_YEAR}"),
    re.compile(r"(?<!\w)(?P<year>[12]\d{3})-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)"),
    re.compile(rf"(?<!\w){_DAY}[./](?P<month>\d{{1,2}})[./]{_YEAR}"),
    re.compile(rf"(?<!\w)(?P<month>\d{{1,2}})/{_DAY}/{_YEAR}"),
]
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Date:
    """A date written at `start` to `end`; year or day is None where it is not stated."""

    start: int
    end: int
    year: int | None
    month: int
    day: int | None

    def is_in(self, others: Iterable[Date], years: Iterable[int]) -> bool:
        """Whether one of `others` states all that this one does; a year that it leaves open may
        be any of `years`."""
        return any(
            self.month == other.month
            and self.day in (None, other.day)
            and (self.year in (None, other.year) or (other.year is None and self.year in years))
            for other in others
        )


def dates(text: str) -> list[Date]:
    """The dates of `text` that hold a month and a day or a year, by place. Of two that overlap the
    longer counts; "3/4/2024" is two, since either number may be the month."""
    found = [each for form in _FORMS for each in map(_date, form.finditer(text)) if each]
    kept: list[Date] = []
    for each in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        same = [k for k in kept if each.start < k.end and k.start < each.end]
        if all((k.start, k.end) == (each.start, each.end) for k in same):
            kept.append(each)
    return sorted(kept, key=lambda one: one.start)


def _date(match: re.Match[str]) -> Date | None:
    """None where there is no such day."""
    stated = match.groupdict()
    month = stated["month"]
    number = int(month) if month.isdigit() else _NUMBER[month.lower()]
    year, day = (int(stated[part]) if stated.get(part) else None for part in ("year", "day"))
    try:
        date(year or _LEAP_YEAR, number, day or 1)
    except ValueError:
        return None
    return Date(match.start(), match.end(), year, number, day)
