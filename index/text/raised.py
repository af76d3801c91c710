"""Pure: raised and lowered letters, set apart from the words that they stand at: $320¹, 10⁶, H₂O.

"$320" with a note mark must never read "$3201", which is another sum.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_LOW = re.compile(r"[\d+\-−=()]*\d[\d+\-−=()]*", re.ASCII)
_HIGH = re.compile(r"[+\-−]?\d*n?[+\-−]?\d+|\d*[+\-−]|[+\-−]?\d*[ni]", re.ASCII)
_SEVERAL = re.compile(r"\d+(?:\s*[,;–-]\s*\d+)+|\d+(?:\s+\d+)+", re.ASCII)
_NOTE = re.compile(r"\(([a-z]|\d{1,3})\)", re.ASCII | re.IGNORECASE)
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|re|e|o|a)\.?", re.IGNORECASE)  # 1st, 5e, nº
_ABBREVIATION = re.compile(r"tm|sm|mc|lle|me|lt|gt|rs?|te", re.IGNORECASE)  # Mlle, Mc
_LONGEST_MARK = 6  # letters; what is longer are words of their own


def raised(text: str, before: str) -> str:
    """`text` as it is written behind `before`, which it stands above: in Unicode's raised figures
    where it has them, several notes in brackets, other marks behind `^`."""
    bare = text.strip()
    if _SEVERAL.fullmatch(bare):
        mark = f"[{bare}]"
    elif re.sub(r"[ ,]+", "", _NOTE.sub("", bare)) == "" != bare:
        mark = _NOTE.sub(r"[\1]", bare)
    elif _HIGH.fullmatch(bare):
        mark = bare.translate(_RAISED)
    elif not bare[:1].isalnum() or not before[-1:].isalnum() or _is_plain(bare, before):
        return text
    elif len(bare) > _LONGEST_MARK:
        return text if text[:1].isspace() else " " + text
    else:
        mark = "^" + bare
    return text.replace(bare, mark)


def lowered(text: str, before: str) -> str:
    """`text` as it is written behind `before`, which it stands below: in Unicode's lowered figures
    where it has them, letters at a figure behind `_`."""
    bare = text.strip()
    if _LOW.fullmatch(bare):
        return text.replace(bare, bare.translate(_LOWERED))
    return f"_{text}" if before[-1:].isdigit() and text[:1].isalnum() else text


def set_apart(pieces: Iterable[tuple[str, str]]) -> str:
    """The text of `pieces` (how it stands, text), where what stands as "superscript" or "subscript"
    is set apart from the words before it."""
    words = ""
    for stands, alike in groupby(pieces, key=itemgetter(0)):
        text = "".join(piece for _, piece in alike)
        if stands == "superscript":
            text = raised(text, words)
        elif stands == "subscript":
            text = lowered(text, words)
        words += text
    return words


def _is_plain(mark: str, before: str) -> bool:
    """Whether `mark` is the raised end of an ordinal or of an abbreviation."""
    if _ORDINAL.fullmatch(mark) and before[-1:].isdigit():
        return len(mark) > 1 or len(re.split(r"\D", before)[-1]) < 3  # 5e, but not 320a
    if mark.lower() == "o":
        return before[-1:].lower() == "n"
    return before[-1:].isalpha() and _ABBREVIATION.fullmatch(mark) is not None
