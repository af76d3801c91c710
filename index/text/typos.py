"""Words that may be misspelt, and a text with them spelt otherwise. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LEAST_LETTERS = 5
_TYPABLE = re.compile(rf"(?<![\w@./\\-])[^\W\d_]{{{_LEAST_LETTERS},}}(?![\w@/\\]|[.-]\w)")
_ENDINGS = ("s", "es", "d", "ed", "r", "er", "ing", "ly", "n", "al")


def typable(text: str) -> list[str]:
    """The words of `text` that are long enough to tell a typo by, each once; none that has digits
    or is a part of something longer, such as a file's name or a code."""
    return list(dict.fromkeys(_TYPABLE.findall(text)))


def uninflected(word: str) -> list[str]:
    """What `word` may be an inflection of: "lodge" for "lodger"."""
    cut = [word[: -len(end)] for end in _ENDINGS if word.lower().endswith(end)]
    return [each for each in cut if len(each) >= _LEAST_LETTERS]


def respelt(text: str, words: Mapping[str, str | None]) -> str:
    """`text` with `words` in place of their keys, with a capital where those have one."""

    def other(found: re.Match[str]) -> str:
        word = found.group()
        new = words.get(word)
        if not new:
            return word
        new = new.lower() if new.isupper() else new
        return new[0].upper() + new[1:] if word[0].isupper() else new

    return _TYPABLE.sub(other, text)
