"""What can be checked to the letter: that a text's numbers, dates and names occur in others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rag.facts.dates import MONTHS, Date, dates
from rag.facts.names import Words, names, words
from rag.facts.numerals import Reading, amounts, numerals


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that some texts state, to look facts up in."""

    amounts: Reading
    dates: tuple[Date, ...]
    years: frozenset[int]
    words: Words


def sources(texts: Sequence[str]) -> Sources:
    """What `texts` state between them."""
    whole = "\n".join(texts)
    stated = dates(whole)
    parts = {Decimal(part) for d in stated for part in (d.year, d.day) if part is not None}
    quantities = amounts(whole) | parts
    months = " ".join(MONTHS[d.month - 1] for d in stated)
    years = frozenset(int(q) for q in quantities if isinstance(q, Decimal) and 1000 <= q < 3000)
    return Sources(quantities, tuple(stated), years, words(f"{whole}\n{months}"))


def missing(sentence: str, found_in: Sources) -> tuple[str, ...]:
    """The numbers, dates and names of `sentence`, as written, that are not in `found_in`."""
    return tuple(text for text, found in _checked(sentence, found_in) if not found)


def stated(sentence: str, found_in: Sources) -> tuple[int, int]:
    """How many facts `sentence` has, and how many of them are in `found_in`."""
    checks = _checked(sentence, found_in)
    return len(checks), sum(found for _, found in checks)


def _checked(sentence: str, found_in: Sources) -> list[tuple[str, bool]]:
    """Each fact of `sentence` once, in order, and whether it is in `found_in`. A number or month
    that belongs to a date is none by itself."""
    facts: dict[tuple[int, int], bool] = {}
    for date in dates(sentence):
        place = (date.start, date.end)
        facts[place] = facts.get(place, False) or date.is_in(found_in.dates, found_in.years)
    spans = list(facts)
    for number in numerals(sentence):
        if not _inside(number.start, number.end, spans):
            found = any(reading <= found_in.amounts for reading in number.readings)
            facts[number.start, number.end] = found
    spans = list(facts)
    for name in names(sentence):
        if not _inside(name.start, name.end, spans):
            facts[name.start, name.end] = name.is_in(found_in.words)
    return [(sentence[start:end], facts[start, end]) for start, end in sorted(facts)]


def _inside(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < stop and first < end for first, stop in spans)
