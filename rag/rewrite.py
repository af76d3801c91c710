"""A follow-up and its history to a question that stands alone, for retrieval only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer import Turn

_REFERS_BACK = re.compile(
    r"\b(he|she|it|they|him|her|them|his|hers|its|their|theirs|this|that|these|those|there|"
    r"former|latter|one|ones)\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"\s*(and|but|or|so|also|then|why|how come|what about|how about)\b", re.I)
_SHORT = 3  # words; a question no longer than this says too little alone


def standalone(question: str, history: Sequence[Turn]) -> str:
    """`question` with the user's last question in front when it refers back to it (by a pronoun,
    a conjunction at its beginning, or by being very short), else unchanged."""
    asked = [turn.content for turn in history if turn.role == "user" and turn.content.strip()]
    if not asked:
        return question
    short = len(question.split()) <= _SHORT
    if short or _REFERS_BACK.search(question) or _CONTINUES.match(question):
        return f"{asked[-1].strip()} {question}"
    return question
