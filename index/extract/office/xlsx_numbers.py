"""A spreadsheet's value → the text that the sheet shows for it."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

_PIECES = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|(?P<colour>\[[^\]]*\])'
    r"|_.|\*.|(?P<digits>[#0?][#0?,]*(?:\.[#0?]+)?,*)|(?P<literal>[ $€£¥+\-()%/:!'^&~{}<>=])"
)


_GROUPS = re.compile(
    r"\(?0+(?:[ ()\-]|\\[ ()\-])+0+(?:(?:[ ()\-]|\\[ ()\-])+0+)*"
)  # of a telephone


def shown(value: object, number_format: str = "General") -> str:
    """`value` as the sheet shows it in `number_format`, Excel's code for it; "" for none. Days are
    written YYYY-MM-DD whatever their format, and codes that are rare (fractions, exponents)
    leave the number as it is."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _formatted(value, number_format) or _plain(value)
    if isinstance(value, datetime):
        if value.time() == time():
            return value.date().isoformat()
        return value.replace(tzinfo=None).isoformat(" ", "seconds").removesuffix(":00")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _lasting(value, number_format)
    if isinstance(value, time):
        return value.isoformat("seconds")
    return str(value)


def _lasting(value: timedelta, code: str) -> str:
    """A length of time in hours, which may be more than 24: 26:30."""
    seconds = round(abs(value).total_seconds())
    text = f"{seconds // 3600}:{seconds // 60 % 60:02}"
    if seconds % 60 or "s" in code.lower():
        text += f":{seconds % 60:02}"
    return "-" + text if value < timedelta() else text


def _plain(value: float) -> str:
    """The number with the 15 digits that a sheet keeps: 0.1 + 0.2 is 0.3."""
    return str(value) if isinstance(value, int) else f"{value:.15g}"


def _formatted(value: float, code: str) -> str:
    """`value` in `code`; "" where the code says nothing or is beyond us."""
    sections = code.split(";")
    negative = value < 0 and len(sections) > 1 and bool(sections[1].strip())
    if value == 0 and len(sections) > 2:
        return ""  # the third form, often a dash, would hide that it is a zero
    section = sections[1 if negative else 0]
    if _GROUPS.fullmatch(section) and value >= 0:
        return _spread(value, section)
    before, after, digits = "", "", ""
    place = 0
    while place < len(section):
        piece = _PIECES.match(section, place)
        if piece is None or (digits and piece["digits"]):
            return ""
        place = piece.end()
        words = piece["quoted"] or piece["escaped"] or piece["currency"] or piece["literal"] or ""
        digits = digits or piece["digits"] or ""
        before, after = (before, after + words) if digits else (before + words, after)
    if not digits:
        return ""
    return (before + _digits(abs(value) if negative else value, digits, after) + after).strip()


def _spread(value: float, pattern: str) -> str:
    """The figures of a whole number in groups, as those of a telephone: 301-234-567."""
    pattern = pattern.replace("\\", "")
    figures = list(str(round(value)).rjust(pattern.count("0"), "0"))
    text = ""
    for sign in reversed(pattern):
        text = (figures.pop() if sign == "0" else sign) + text
    return "".join(figures) + text


def _digits(value: float, pattern: str, after: str) -> str:
    """The number itself: its decimals, thousands and, for a percentage, its hundredfold."""
    whole, _, decimals = pattern.rstrip(",").partition(".")
    exact = Decimal(repr(value)) * (100 if "%" in after else 1)
    exact /= 1000 ** (len(pattern) - len(pattern.rstrip(",")))
    rounded = exact.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    text = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    least = whole.count("0")
    sign, number = ("-", text[1:]) if text.startswith("-") else ("", text)
    integer, point, rest = number.partition(".")
    if len(integer) < least and "," not in whole:
        text = sign + integer.rjust(least, "0") + point + rest
    optional = len(decimals) - len(decimals.rstrip("#?"))
    while optional and text.endswith("0"):
        text, optional = text[:-1], optional - 1
    return text.rstrip(".") if decimals else text
