"""Answers made comparable, as SQuAD's evaluation does."""

from __future__ import annotations

import re
import string

_ARTICLE = re.compile(r"\b(a|an|the)\b")


_UNPUNCTUATED = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """SQuAD's normal form: lower case, no ASCII punctuation, no articles, single spaces."""
    return " ".join(_ARTICLE.sub(" ", text.lower().translate(_UNPUNCTUATED)).split())
