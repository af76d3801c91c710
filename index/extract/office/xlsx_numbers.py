"""A spreadsheet's value → the text that the sheet shows for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne

_PIECES = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|(?P<colour>\[[^\]]*\])'
    r"|_.|\*.|(?P<general>General)|(?P<digit>[#0?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)"
    r"|(?P<bar>/)|(?P<literal>[^\w@]|[xXkKtTpPcC])"
)
_SECTIONS = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;])*)(?:;|$)')
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
_TESTS: dict[str, Callable[[float, float], bool]] = {
    "<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "<>": ne,
}  # fmt: skip

_CODES = 1000  # whose pieces are kept

_Piece = tuple[str, str]  # what it is, and as it is written


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
    return _worded(str(value), number_format)


def _lasting(value: timedelta, code: str) -> str:
    """A length of time in hours, which may be more than 24: 26:30; in minutes or seconds where its
    code counts those."""
    code = code.lower()
    seconds = round(abs(value).total_seconds())
    sign = "-" if value < timedelta() else ""
    if "[s" in code:
        return f"{sign}{seconds}"
    text = f"{seconds // 60}" if "[m" in code else f"{seconds // 3600}:{seconds // 60 % 60:02}"
    if seconds % 60 or "s" in code:
        text += f":{seconds % 60:02}"
    return sign + text


def _plain(value: float) -> str:
    """The number with the 15 digits that a sheet keeps: 0.1 + 0.2 is 0.3."""
    return str(value) if isinstance(value, int) else f"{value:.15g}"


def _worded(text: str, code: str) -> str:
    """`text` with the words that its code sets around it: `"SKU-"@`."""
    if "@" not in code or code == "@":
        return text
    section = next((one for one in reversed(_sections(code)) if "@" in one), "")
    before, _, after = section.partition("@")
    around = [_pieces(one) for one in (before, after)]
    if any(pieces is None for pieces in around):
        return text
    lead, trail = ("".join(words for _, words in pieces or ()) for pieces in around)
    return f"{lead}{text}{trail}".strip() if text else ""


@lru_cache(_CODES)
def _sections(code: str) -> Sequence[str]:
    """The forms that a code has: for what is positive, negative, zero and words."""
    return tuple(found[1] for found in _SECTIONS.finditer(code))[:-1] or ("",)


def _formatted(value: float, code: str) -> str:
    """`value` in `code`; "" where the code says nothing or is beyond us."""
    if code == "General":
        return ""
    section, unsigned = _chosen(value, _sections(code))
    pieces = _pieces(section)
    if pieces is None:
        return ""
    places = [at for at, (kind, _) in enumerate(pieces) if kind in ("digit", "general")]
    if not places:
        return ""
    first, last = places[0], places[-1] + 1
    while first > 0 and pieces[first - 1][0] == "point":
        first -= 1
    while last < len(pieces) and pieces[last][0] in ("comma", "point"):
        last += 1
    before, number, after = pieces[:first], pieces[first:last], pieces[last:]
    if any(kind in ("bar", "percent") for kind, _ in number):  # a fraction
        return ""
    lead, trail = ("".join(words for _, words in part) for part in (before, after))
    if unsigned or (value < 0 and _CONDITION.search(section) and re.search(r"[-(]", lead)):
        value = abs(value)
    if any(kind == "general" for kind, _ in number):
        text = _plain(value) if len(number) == 1 else ""
    else:
        hundredfold = any(kind == "percent" for kind, _ in [*before, *after])
        text = _Number(number).written(value, hundredfold)
    return (lead + text + trail).strip() if text else ""


def _chosen(value: float, sections: Sequence[str]) -> tuple[str, bool]:
    """The section of a code that is for `value`, and whether it says itself that this is
    negative."""
    if any(map(_CONDITION.search, sections)):
        for at, section in enumerate(sections):
            found = _CONDITION.search(section)
            if found is None and at + 1 < len(sections) and (at == 0 or value >= 0):
                continue
            if found is None or _TESTS[found[1]](value, float(found[2])):
                return section, False
        return "", False
    if value < 0 and len(sections) > 1 and sections[1].strip():
        return sections[1], True
    if value == 0 and len(sections) > 2:
        shows = "0" in sections[2] or "General" in sections[2]
        return sections[2] if shows else "", False  # a dash would hide that it is a zero
    return sections[0], False


@lru_cache(_CODES)
def _pieces(section: str) -> Sequence[_Piece] | None:
    """The pieces of one section that are shown; None where some are beyond us."""
    found = []
    place = 0
    while place < len(section):
        piece = _PIECES.match(section, place)
        if piece is None:
            return None
        place = piece.end()
        kind = piece.lastgroup or ""
        if kind in ("quoted", "escaped", "currency", "literal"):
            found.append(("literal", piece[kind]))
        elif kind and kind != "colour":
            found.append((kind, piece[kind]))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Number:
    """The pieces of a code from its first digit to its last."""

    pieces: Sequence[_Piece]

    def written(self, value: float, hundredfold: bool) -> str:
        """The number itself: its decimals, thousands and, for a percentage, its hundredfold."""
        kinds = [kind for kind, _ in self.pieces]
        digits = [at for at, kind in enumerate(kinds) if kind == "digit"]
        point = kinds.index("point") if "point" in kinds else len(kinds)
        whole = max((at for at in digits if at < point), default=-1)
        ends = [*kinds[whole + 1 : point], *kinds[max(digits[-1], point) :]]
        scaled = ends.count("comma")
        decimals = "".join(words for kind, words in self.pieces[point:] if kind == "digit")
        exact = Decimal(repr(value)) * (100 if hundredfold else 1) / 1000**scaled
        rounded = exact.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
        integer, _, fraction = f"{abs(rounded):f}".partition(".")
        optional = len(decimals) - len(decimals.rstrip("#?"))
        while optional and fraction.endswith("0"):
            fraction, optional = fraction[:-1], optional - 1
        text = self._whole(integer, point) + (f".{fraction}" if fraction else "")
        return f"-{text}" if rounded < 0 else text

    def _whole(self, figures: str, point: int) -> str:
        """The `figures` before the decimal point, with what the code sets between them."""
        whole = self.pieces[:point]
        digits = [at for at, (kind, _) in enumerate(whole) if kind == "digit"]
        if not digits:
            return figures
        least = sum(words == "0" for _, words in whole)
        grouped = any(kind == "comma" for kind, _ in whole[: digits[-1]])
        if all(kind != "literal" for kind, _ in whole):
            return f"{int(figures):,}" if grouped else figures.rjust(least, "0")
        left = list(figures.rjust(least, "0"))
        text = ""
        for kind, words in reversed(whole):
            if kind == "literal":
                text = (words if left else "") + text
            elif kind == "digit" and left:
                text = left.pop() + text
        return "".join(left) + text
