"""The numbers in a text, each with what it may mean, however it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

Reading = frozenset[Decimal | str]

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_SMALL = {word: value for value, word in enumerate(_ONES)}
_SMALL |= {word: 10 * value for value, word in enumerate(_TENS, start=2)}
_SMALL |= {word: value for value, word in enumerate(_ORDINALS, start=3)}
_SCALES = {
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "dozen": 12,
}
_SHORT_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9, "b": 10**9}
_PERCENT = r"%|per ?cent(?:age)?\b"
_WORDS = "|".join([*_SMALL, *_SCALES])
_DIGITS = re.compile(
    r"(?<!\w)(?<!\d[.,])(?P<digits>\d+(?:[.,'\u00a0\u2009\u202f ]\d{3})*(?:[.,]\d+)*)"
    r"(?:st|nd|rd|th|s)?"
    rf"(?:\s?-?(?P<scale>{'|'.join(_SCALES)}|{'|'.join(_SHORT_SCALES)})\b)?"
    rf"(?P<percent>\s?(?:{_PERCENT}))?",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    rf"(?<!\w)(?P<words>(?:{'|'.join(_SMALL)}|a (?:{'|'.join(_SCALES)}))"
    rf"(?:(?:[ -]|(?<=hundred) and |(?<=thousand) and )(?:{_WORDS}))*)(?!\w)"
    rf"(?P<percent>\s(?:{_PERCENT}))?",
    re.IGNORECASE,
)
_PRONOUN = frozenset({"one"})  # "one of them" states no number


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as written at `start` to `end`. It stands in a text that holds every part of any
    of its `readings`: values, "%", and the word of a scale that a table may state once."""

    start: int
    end: int
    readings: tuple[Reading, ...]


def numerals(text: str) -> list[Numeral]:
    """The numbers of `text` in order, in digits or in English words; "one" alone is none."""
    found = []
    for match in _DIGITS.finditer(text):
        readings = _scaled(_values(match["digits"]), match["scale"])
        found.append(_numeral(match, readings))
    for match in _SPELLED.finditer(text):
        if match["words"].lower() not in _PRONOUN:
            found.append(_numeral(match, [frozenset({_spelled(match["words"])})]))
    return sorted(found, key=lambda each: each.start)


def amounts(text: str) -> Reading:
    """Everything that the numbers of `text` may mean, "one" among them, "%" and the scales."""
    readings = [reading for each in numerals(text) for reading in each.readings]
    parts: set[Decimal | str] = set().union(*readings)
    lowered = text.lower()
    parts |= {scale for scale in _SCALES if scale in lowered}
    if re.search(_PERCENT, lowered):
        parts.add("%")
    for match in _SPELLED.finditer(text):
        parts.add(_spelled(match["words"]))
    return frozenset(parts)


def _numeral(match: re.Match[str], readings: list[Reading]) -> Numeral:
    unit: Reading = frozenset({"%"} if match["percent"] else ())
    return Numeral(match.start(), match.end(), tuple(reading | unit for reading in readings))


def _scaled(readings: list[Reading], scale: str | None) -> list[Reading]:
    """ "5 million" is 5,000,000, or the 5 of a table in millions, or the 5,000 of one in
    thousands; "5m" may be metres."""
    if scale is None:
        return readings
    word = scale.lower()
    factor = _SCALES.get(word) or _SHORT_SCALES[word]
    scaled = [_times(reading, Decimal(factor)) for reading in readings]
    for name in ("thousand", "million", "billion"):
        if _SCALES[name] <= factor:
            over = Decimal(factor) / _SCALES[name]
            scaled += [_times(reading, over) | {name} for reading in readings]
    return scaled + (readings if word in _SHORT_SCALES else [])


def _times(reading: Reading, factor: Decimal) -> Reading:
    return frozenset(part * factor if isinstance(part, Decimal) else part for part in reading)


def _values(digits: str) -> list[Reading]:
    """ "1,234" is 1234; "1.234" is 1.234 or 1234; "1,5" is 1.5, or 1 and 5; "12 300" is 12300, or
    12 and 300; "2.13.0" is itself."""
    spaceless = re.sub(r"['\s]", "", digits)
    readings = _unspaced(spaceless)
    if spaceless != digits:
        parts = [_unspaced(part)[0] for part in re.split(r"['\s]", digits)]
        readings.append(frozenset[Decimal | str]().union(*parts))
    return readings


def _unspaced(digits: str) -> list[Reading]:
    groups = re.split("[.,]", digits)
    whole = "".join(groups)
    in_thousands = len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    marks = set(digits) & {".", ","}
    if len(groups) == 1:
        return [frozenset({Decimal(digits)})]
    if len(marks) == 2:
        return [frozenset({Decimal(f"{''.join(groups[:-1])}.{groups[-1]}")})]
    if in_thousands and (marks == {","} or len(groups) > 2):
        return [frozenset({Decimal(whole)})]
    if len(groups) > 2:
        return [frozenset({digits})]
    fraction: Reading = frozenset({Decimal(f"{groups[0]}.{groups[1]}")})
    if marks == {","}:
        return [fraction, frozenset(map(Decimal, groups))]
    return [fraction, frozenset({Decimal(whole)})] if in_thousands else [fraction]


def _spelled(words: str) -> Decimal:
    total = current = 0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in _SMALL:
            current += _SMALL[word]
        elif word in ("hundred", "dozen"):
            current = max(current, 1) * _SCALES[word]
        elif word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
    return Decimal(total + current)
