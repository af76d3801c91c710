"""The words of a question that say what it is about."""

from __future__ import annotations

import re
import unicodedata

from index.text.word_signs import asked

_WORD = re.compile(r"\d+(?:[.,]\d+)+|\w+")  # 13,452 is one word
_YEAR = re.compile(r"[a-z]{1,2}((?:19|20)\d\d)")  # FY2022
_FUNCTION_WORDS = frozenset(
    "a about an and are as at be been but by can could did do does for from had has have he her "
    "his how i if in into is it its me my of on or our she should so such than that the their "
    "them then there these they this those to us was we were what when where which who whom whose "
    "why will with would you your".split()
)


def content_words(text: str) -> list[str]:
    """The distinct words of `text`, lower-cased, in order, without English function words; with
    them when there are no others ("Who are you?"). FY2022 is also 2022; what is written without
    spaces is in stretches of two or three signs."""
    found = []
    for word in _WORD.findall(asked(unicodedata.normalize("NFC", text).lower())):
        year = _YEAR.fullmatch(word)
        found += [word, year[1]] if year else [word]
    words = list(dict.fromkeys(found))
    return [word for word in words if word not in _FUNCTION_WORDS] or words
