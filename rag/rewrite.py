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


def standalone(question: str, history: Sequence[Turn], most: int) -> str:
    """`question` with the user's last question that stands alone in front when it refers back (by
    a pronoun, a conjunction at its beginning, or by being very short), else unchanged; at most
    `most` characters, which are taken from the earlier question."""
    asked = [" ".join(turn.content.split()) for turn in history if turn.role == "user"]
    earlier = [words for words in asked if words]
    if not earlier or not _refers_back(question):
        return question
    topic = next((words for words in reversed(earlier) if not _refers_back(words)), earlier[-1])
    room = max(most - len(question) - 1, 0)
    return f"{topic[:room].rstrip()} {question}".strip()


def _refers_back(question: str) -> bool:
    short = len(question.split()) <= _SHORT
    return bool(short or _REFERS_BACK.search(question) or _CONTINUES.match(question))
