"""The words of a question that say what it is about."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\w+")
_FUNCTION_WORDS = frozenset(
    "a about an and are as at be been but by can could did do does for from had has have he her "
    "his how i if in into is it its me my of on or our she should so such than that the their "
    "them then there these they this those to us was we were what when where which who whom whose "
    "why will with would you your".split()
)


def content_words(text: str) -> list[str]:
    """The distinct words of `text`, lower-cased, in order, without English function words; with
    them when there are no others ("Who are you?")."""
    words = list(dict.fromkeys(_WORD.findall(unicodedata.normalize("NFC", text).lower())))
    return [word for word in words if word not in _FUNCTION_WORDS] or words
