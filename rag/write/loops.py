"""A language model that says the same thing over and over."""

from __future__ import annotations

import re
from collections import Counter

from index.text.sentences import sentence_spans
from rag.chat.chat_model import Kept, Writing

_WORD = re.compile(r"\w+")
_NUMBERED = re.compile(r"^[ \t]*\(?\d{1,3}[.)]\s", re.MULTILINE)
_LEAST_WORDS = 8  # of a run, and half a sentence that is said again is none
_MOST_WORDS = 80
_TIMES = 3


def without_loops(pieces: Writing) -> Writing:
    """The text up to where a run of eight words or more has come three times in a row, after which
    the model writes no more. The number of a list's item is no word of it, other numbers are."""
    words: list[str] = []
    rest, tail, within = Kept(pieces), "", False  # a line
    for piece in rest:
        yield piece
        text = tail + piece
        cut = next((at + 1 for at in range(len(text) - 1, -1, -1) if text[at].isspace()), 0)
        whole, tail = text[:cut], text[cut:]  # its last word may go on
        if whole:
            line = _NUMBERED.sub("\n", f"…{whole}" if within else whole)
            within = not whole.endswith("\n")
            words += _WORD.findall(line.casefold())
        words = words[-_MOST_WORDS * _TIMES :]
        if _is_loop(words):
            break
    return rest.written


def repeats_itself(text: str) -> bool:
    """Whether a run of eight words, numbers among them, stands in a sentence of `text` twice, or
    three times in all: such a text goes in circles, and is no answer to rely on."""
    everywhere: Counter[tuple[str, ...]] = Counter()
    for start, end in sentence_spans(text):
        words = _WORD.findall(text[start:end].casefold())
        runs = Counter(
            tuple(words[at : at + _LEAST_WORDS]) for at in range(len(words) - _LEAST_WORDS + 1)
        )
        everywhere += runs
        if max(runs.values(), default=0) > 1:
            return True
    return max(everywhere.values(), default=0) >= _TIMES


def _is_loop(words: list[str]) -> bool:
    """Whether the last words are one run, so many times."""
    for length in range(_LEAST_WORDS, len(words) // _TIMES + 1):
        last = words[-length:]
        if all(
            words[len(words) - length * (n + 1) : len(words) - length * n] == last
            for n in range(1, _TIMES)
        ):
            return True
    return False
