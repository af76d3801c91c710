"""A language model that says the same thing over and over."""

from __future__ import annotations

import re

from rag.chat.chat_model import Kept, Writing

_WORD = re.compile(r"[^\W\d_]\w*")
_LEAST_WORDS = 8  # of a run, and half a sentence that is said again is none
_MOST_WORDS = 80
_TIMES = 3


def without_loops(pieces: Writing) -> Writing:
    """The text up to where a run of eight words or more has come three times in a row, after which
    the model writes no more. Numbers don't count: a list may say one thing over and over."""
    words: list[str] = []
    rest, tail = Kept(pieces), ""
    for piece in rest:
        yield piece
        *whole, tail = re.split(r"\s", tail + piece)  # its last word may go on
        words += _WORD.findall(" ".join(whole).casefold())
        words = words[-_MOST_WORDS * _TIMES :]
        if _is_loop(words):
            break
    return rest.written


def repeats_itself(text: str) -> bool:
    """Whether a run of eight words, numbers among them, stands in `text` twice: such a text goes in
    circles, and is no answer to rely on."""
    words = re.findall(r"\w+", text.casefold())
    runs = [tuple(words[at : at + _LEAST_WORDS]) for at in range(len(words) - _LEAST_WORDS + 1)]
    return len(set(runs)) < len(runs)


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
