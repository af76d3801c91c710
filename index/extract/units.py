"""Pure: what a line above a table says of the unit of its figures: `in EUR thousand`."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LONGEST = 160  # characters of a line
_SCALE = (
    r"(?:hundreds?|thousands?|millions?|billions?|trillions?|tausend|millionen|milliarden"
    r"|tsd\.?|mio\.?|mrd\.?|['’]?000s?|mn|bn|m|k)"
)
_CURRENCY = (
    r"(?:(?:U\.?S\.?|Canadian|Australian|Swiss|Hong Kong) (?:dollars?|francs?)|dollars?|euros?"
    r"|pounds?|sterling|yen|francs?|kronor|kroner|rupees|US\$|HK\$|A\$|C\$|[$€£¥₹]|EUR|USD|GBP|CHF|JPY|CNY"
    r"|RMB|CAD|AUD|SEK|NOK|DKK|INR|PLN|CZK|HUF|T€|TEUR|TUSD|TCHF|k€|kEUR|M€|MEUR|Mio€|m€|€m|£m|\$m)"
)
_MEASURE = (
    r"(?:per\s?cent|percent(?:age)?s?(?: points)?|%|°C|°F|[kMGT]Wh?|kWp|hours?|days|minutes|seconds"
    r"|weeks|months|years|[kcm]?m[²³23]?|km/h|miles|feet|inches|[kcm]?g|mg|kg|t|tonn?e?s|tons"
    r"|kilograms?|kilometres?|kilometers?|metres?|meters?|millimetres?|millimeters?|[mhc]?l|litres?"
    r"|liters?|gallons|barrels|hectares|ha|acres|pieces|pcs|units|persons|people|heads?|FTEs?|ppm"
    r"|mg/l|µg/l|bar|kPa|Pa|Hz|kHz|MHz|GHz|bytes|[KMGT]B|bps|dB)"
)
_AMOUNT = (
    rf"(?:{_CURRENCY}(?: and shares)?(?:,? in)?\s?{_SCALE}(?: of {_CURRENCY})?"
    rf"|{_SCALE} (?:of )?{_CURRENCY}|{_SCALE}|{_CURRENCY})"
)
_UNIT = rf"(?:{_AMOUNT}|{_MEASURE})"
_ALONE = rf"{_UNIT}(?:\s?(?:/|per|a|p\.)\s?[\w²³]{{1,12}}){{0,2}}"
_ALONE_AS_A_WHOLE = re.compile(_ALONE, re.IGNORECASE)
_SAID = (
    rf"(?:(?:all |the )?(?:amounts?|figures?|values?|numbers?|data|prices?|sums?)\s+"
    rf"(?:(?:are|is)\s+)?(?:(?:stated|given|shown|expressed|presented|reported)\s+)?)?"
    rf"(?:in|units?(?: of measure(?:ment)?)?:|einheit:|angaben in)\s+(?:the )?{_UNIT}"
    rf"(?:\s?(?:/|per)\s?[\w²³]{{1,12}})?"
)
_REST = (  # (unaudited), except for amounts per share
    r"(?:\s*\(.*|\s*[,;]\s*(?:except|unless|but|other than|apart from|unaudited|audited"
    r"|ungeprüft|rounded|net|gross|excluding|including|as|and)\b.*)?"
)
_PLAIN_AMOUNT = (  # a letter alone is no unit of a table
    rf"(?:{_CURRENCY}(?: and shares)?(?:,? in)?\s?{_SCALE}(?: of {_CURRENCY})?"
    rf"|{_SCALE} (?:of )?{_CURRENCY}|thousands|millions|billions|{_CURRENCY})"
)
_STATED = re.compile(rf"({_SAID}|{_PLAIN_AMOUNT}){_REST}", re.IGNORECASE)
_INNER = re.compile(rf"({_SAID}|{_ALONE}){_REST}", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]{1,80})[)\]]\s*[.:]?\s*$")
_AT_END = re.compile(
    rf"\b((?:in|angaben in) (?:{_CURRENCY}(?:,? in)?\s?{_SCALE}|{_SCALE} (?:of )?{_CURRENCY}"
    rf"|{_CURRENCY}|(?:thousands|millions|billions)))\s*[.:]?\s*$",
    re.IGNORECASE,
)
_OWN = re.compile(r"%|per share|ratio|\bFTE\b|headcount|[(\[]([^()\[\]]{1,30})[)\]]\s*$", re.I)


def unit_in(line: str) -> str:
    """The unit that `line`, above a table, states for all of its figures, as it states it; "" where
    it states none: `All figures in EUR thousand`, `($ in millions, except per share amounts)`,
    `Table 3: Sales (tonnes)`."""
    line = " ".join(line.split())
    if not line or len(line) > _LONGEST:
        return ""
    bare = line.strip("()[] .:*")
    if found := _STATED.fullmatch(bare):
        return found[1]
    brackets = _IN_BRACKETS.search(line)
    if brackets and (found := _INNER.fullmatch(brackets[1].strip())):
        return found[1]
    end = _AT_END.search(line)
    return end[1] if end else ""


def is_unit(text: str) -> bool:
    """Whether `text` is a unit and nothing else: `EUR m`, `(kg)`, `%`."""
    bare = text.strip().strip("()[]").strip()
    return bool(bare) and _ALONE_AS_A_WHOLE.fullmatch(bare) is not None


def has_own(label: str) -> bool:
    """Whether a row with this label has another unit than its table: `Margin (%)`, `Earnings per
    share`."""
    found = _OWN.search(label)
    return found is not None and (found[1] is None or is_unit(found[1]) or "number" in found[1])


def is_bare(figure: str) -> bool:
    """Whether `figure` leaves its scale or its unit to the table: `34,229`, `$34`, but not
    `3.1 %`."""
    return "%" not in figure and "°" not in figure


def with_unit(cells: Sequence[str], unit: str, figures: Sequence[str]) -> Sequence[str]:
    """The `cells` of a row, as they are written, with the `unit` of its table behind its label,
    where that is the unit of its `figures`."""
    if not unit or not figures or len(cells) < 2 or has_own(cells[0]):
        return cells
    if not any(map(is_bare, figures)) or any(_says(cell, unit) for cell in cells):
        return cells
    return [cells[0], unit, *cells[1:]]


def _says(cell: str, unit: str) -> bool:
    """Whether `unit` stands in `cell` by itself, not as letters of a word."""
    return re.search(rf"(?<![^\W\d_]){re.escape(unit)}(?![^\W\d_])", cell) is not None
