"""Words as they are sorted and sought: without regard to capitals and accents."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = 12


def folded(text: str) -> str:
    """`text` without capitals, accents and other marks: "Ärger" is "arger"."""
    signs = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in signs if not unicodedata.combining(sign))


def sort_name(text: str) -> str:
    """What `text` is sorted by, code point by code point: as folded, numbers by what they count, so
    that "page 9" comes before "page 10"."""
    return re.sub("[0-9]+", lambda number: number[0].zfill(_DIGITS), folded(text).strip())


def terms(text: str) -> list[str]:
    """The folded words of what is sought."""
    return folded(text).split()
