"""Pure: raised and lowered letters, set apart from the figures that they stand at: $320¹, 10⁶, H₂O.

"$320" with a note mark must never read "$3201", which is another sum.
"""

from __future__ import annotations

import re

_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_LOW = re.compile(r"[\d+\-=()]*\d[\d+\-=()]*", re.ASCII)
_FIGURES = re.compile(r"[\d+\-−=()ni]*\d[\d+\-−=()]*|[ni]", re.ASCII)
_SEVERAL = re.compile(r"\d+(?:\s*[,;–-]\s*\d+)+|\d+(?:\s+\d+)+", re.ASCII)
_PLAIN = re.compile(r"(?:st|nd|rd|th|e|er|re|o|a|tm|sm|mc|r|c)\.?", re.IGNORECASE)  # 1st, 5e, nº


def raised(text: str, before: str = "") -> str:
    """`text` as it is written behind `before`, which it stands above: in Unicode's raised figures
    where it has them, several notes in brackets, a letter at a figure behind `^`."""
    bare = text.strip()
    if _SEVERAL.fullmatch(bare):
        return text.replace(bare, f"[{bare}]")
    if _FIGURES.fullmatch(bare):
        return text.replace(bare, bare.translate(_RAISED))
    at_figure = before[-1:].isdigit()
    ordinal = _PLAIN.fullmatch(bare) and (len(bare) > 1 or not at_figure)
    if at_figure and not ordinal and len(bare) <= 4 and bare.isalnum():
        return text.replace(bare, "^" + bare)
    return text


def lowered(text: str) -> str:
    """`text` in Unicode's lowered figures where it has them."""
    bare = text.strip()
    return text.replace(bare, bare.translate(_LOWERED)) if _LOW.fullmatch(bare) else text
