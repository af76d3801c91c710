"""Which sentences belong in an answer: relevant ones that don't say the same again. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.text.sentences import sentence_spans

_WORD = re.compile(r"\w+")
_RELEVANCE = 0.7  # against novelty
_LEAST_SHARE = 0.5  # of the best score
_SAME = 0.9  # cosine from which two sentences say the same
_ITEM = re.compile(r"(?:[-*•‣▪–]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s")
_REPEATED = 0.6  # share of words that stand in another sentence already


def diverse(scores: NDArray[np.float64], vectors: NDArray[np.float32], most: int) -> list[int]:
    """At most `most` places, chosen one by one by score [n] in [0, 1] and against likeness to
    those chosen before (maximal marginal relevance; Carbonell and Goldstein, 1998), the best
    first. `vectors` are unit rows [n, dim]. What scores less than half of the best, or says the
    same as a chosen one, is left out."""
    chosen: list[int] = []
    likeness = np.zeros(len(scores))
    free = scores >= _LEAST_SHARE * scores.max(initial=0.0)
    while free.any() and len(chosen) < most:
        worth = np.where(free, _RELEVANCE * scores - (1 - _RELEVANCE) * likeness, -np.inf)
        best = int(worth.argmax())
        chosen.append(best)
        likeness = np.maximum(likeness, vectors @ vectors[best])
        free[best] = False
        free &= likeness < _SAME
    return chosen


def repeats(sentence: str, others: Sequence[str]) -> bool:
    """Whether most words of `sentence` stand in one of `others`."""
    words = set(_WORD.findall(sentence.lower()))
    return any(
        len(words & set(_WORD.findall(other.lower()))) >= _REPEATED * len(words) for other in others
    )


def items_after(text: str, end: int, most: int) -> list[tuple[int, int]]:
    """The (start, end) of at most `most` items of the list that the sentence ending at `end`
    announces with a colon; none when it announces no list."""
    if not text[:end].endswith(":"):
        return []
    following = [span for span in sentence_spans(text) if span[0] >= end]
    items: list[tuple[int, int]] = []
    for start, stop in following[:most]:
        gap = text[items[-1][1] if items else end : start]
        if "\n" not in gap or (items and "\n\n" in gap):
            break
        items.append((start, stop))
    return items


def items_beside(text: str, start: int, end: int, most: int) -> list[tuple[int, int]]:
    """The (start, end) of the items of the list that `text[start:end]` is an item of, line by line,
    itself among them; none when it is no item, or the list has more than `most`."""
    spans = sentence_spans(text)
    if (start, end) not in spans or not _ITEM.match(text[start:end]):
        return []
    first = last = spans.index((start, end))
    while first and _ITEM.match(text[slice(*spans[first - 1])]) and _next_line(text, spans, first):
        first -= 1
    while last + 1 < len(spans) and _ITEM.match(text[slice(*spans[last + 1])]):
        if not _next_line(text, spans, last + 1):
            break
        last += 1
    items = spans[first : last + 1]
    return items if len(items) <= most else []


def _next_line(text: str, spans: Sequence[tuple[int, int]], place: int) -> bool:
    """Whether a span begins on the line after the one before it."""
    gap = text[spans[place - 1][1] : spans[place][0]]
    return gap.count("\n") == 1
