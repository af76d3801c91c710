"""Pure: headers and footers that say nothing but on which page they stand."""

from __future__ import annotations

import re

_NUMBERS = re.compile(r"[\W\d_]*(?:(?:page|seite|p|of|von)\b[\W\d_]*)*", re.IGNORECASE)


def numbers_pages(words: str) -> bool:
    """Whether `words` number a page and no more: `Page 3 of 12`, `- 3 -`."""
    return _NUMBERS.fullmatch(words) is not None
