"""Which sentences belong in an answer: relevant ones that don't say the same again. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.text.content_words import content_words
from index.text.sentences import sentence_spans

_WORD = re.compile(r"\w+")
_RELEVANCE = 0.7  # against novelty
_LEAST_SHARE = 0.5  # of the best score
_SAME = 0.9  # cosine from which two sentences say the same
_ITEM = re.compile(r"(?:[-*•‣▪–]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s")
_NEXT_ITEM = re.compile(r"[ \t]*\n[ \t]*(?:[-*•‣▪–]|\(?\d{1,3}[.)])\s")
_HEADING_WORDS = 8
_LABELS = re.compile(r"(?:^| \| )([^:|\n]{1,80}): ")
_STEM = 5  # letters by which words are alike
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
    """The (start, end) of the sentences of at most `most` items of the list that the sentence
    ending at `end` announces, with a colon or as its heading; none when it announces no list."""
    if not text[:end].endswith(":") and not _heads_list(text, end):
        return []
    spans = [span for span in sentence_spans(text) if span[0] >= end]
    items: list[list[tuple[int, int]]] = []
    for item in _items(text, spans):
        gap = text[items[-1][-1][1] if items else end : item[0][0]]
        if "\n" not in gap or (items and "\n\n" in gap) or len(items) == most:
            break
        items.append(item)
    return [span for item in items for span in item]


def _heads_list(text: str, end: int) -> bool:
    """Whether the line that ends at `end` is a heading, of a few words that no stop ends and no
    item itself, with the first item on the next line."""
    line = text[text.rfind("\n", 0, end) + 1 : end]
    words = len(_WORD.findall(line))
    return (
        0 < words <= _HEADING_WORDS
        and line[-1].isalnum()
        and not _ITEM.match(line)
        and _NEXT_ITEM.match(text, end) is not None
    )


def items_beside(text: str, start: int, end: int, most: int) -> list[tuple[int, int]]:
    """The (start, end) of the sentences of the items of the list that `text[start:end]` is in an
    item of, line by line, itself among them; none when it is in no item, or the list has more than
    `most`."""
    items = _items(text, sentence_spans(text))
    first = next((place for place, item in enumerate(items) if (start, end) in item), -1)
    if first < 0 or not _ITEM.match(text[slice(*items[first][0])]):
        return []
    return _beside(text, items, first, most, lambda item: _ITEM.match(item) is not None)


def rows_beside(question: str, text: str, start: int, end: int, most: int) -> list[tuple[int, int]]:
    """The (start, end) of the rows of the table that `text[start:end]` is a row of, each with its
    column's heads in it; none when it is no such row, the table has more than `most`, or
    `question` has a word that tells it from the others."""
    heads = _LABELS.findall(text[start:end])
    spans = sentence_spans(text)
    if not heads or " | " not in text[start:end] or (start, end) not in spans:
        return []
    rows = [[span] for span in spans]
    found = _beside(
        text, rows, spans.index((start, end)), most, lambda row: _LABELS.findall(row) == heads
    )
    words = [{word[:_STEM] for word in content_words(text[slice(*row)])} for row in found]
    asked = {word[:_STEM] for word in content_words(question)}
    own = {word[:_STEM] for word in content_words(text[start:end])}
    return [] if any(asked & own - row for row in words) else found


def _items(text: str, spans: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """`spans`, those of one item together: the sentences that go on in its line, or indented in
    the next. What is no item stays alone."""
    items: list[list[tuple[int, int]]] = []
    for span in spans:
        gap = text[items[-1][-1][1] : span[0]] if items else "\n"
        goes_on = "\n" not in gap or (gap.count("\n") == 1 and gap.endswith((" ", "\t")))
        marked = bool(items) and _ITEM.match(text[slice(*items[-1][0])])
        if goes_on and marked and not _ITEM.match(text[slice(*span)]):
            items[-1].append(span)
        else:
            items.append([span])
    return items


def _beside(
    text: str,
    items: Sequence[Sequence[tuple[int, int]]],
    place: int,
    most: int,
    alike: Callable[[str], bool],
) -> list[tuple[int, int]]:
    """The sentences of the item at `place` and of those that are `alike` and stand before and after
    it, each on the line after the one before; none where they are more than `most`."""

    def joined(later: int) -> bool:
        gap = text[items[later - 1][-1][1] : items[later][0][0]]
        return gap.count("\n") == 1

    first = last = place
    while first and joined(first) and alike(text[slice(*items[first - 1][0])]):
        first -= 1
    while last + 1 < len(items) and joined(last + 1) and alike(text[slice(*items[last + 1][0])]):
        last += 1
    found = items[first : last + 1]
    return [span for item in found for span in item] if len(found) <= most else []
