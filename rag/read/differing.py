"""Sentences that say otherwise: the same of another edition or another document, in other figures
or names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from itertools import chain

from index.text.content_words import content_words
from index.text.sentences import is_row
from rag.answer import Passage
from rag.facts.names import names
from rag.read.editions import asks_for_earlier, is_later, of_one_series

_NEAR = 12  # candidates, the best first
_BEHIND = 6.0  # of the score; what is less likely by more is no answer at all
_ALIKE = 0.7  # share of the words of both that stand in both, but for figures and names
_STEM = 5  # letters by which words are alike
_FIGURE = re.compile(r"\w*\d[\w.,:/%-]*")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence `text` of `passage`, and the score by which it was found."""

    text: str
    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Differing:
    """Which of the sentences answers, and those that say otherwise, by their places; `superseded`
    are those of them that are of an earlier edition of the same."""

    best: int
    others: tuple[int, ...]
    superseded: frozenset[int]


def differing(question: str, said: Sequence[Said]) -> Differing:
    """Among `said`, best first, what says the same as the first but for a figure or a name, in
    another document or under a heading of another version. The latest edition answers, unless the
    question is about what was."""
    best = 0
    like = [0]
    for place in range(1, min(len(said), _NEAR)):
        each = said[place]
        if said[0].score - each.score <= _BEHIND and _says_otherwise(question, said[0], each):
            like.append(place)
    if not asks_for_earlier(question):
        for place in like[1:]:
            if is_later(said[place].passage, said[best].passage):
                best = place
    others: list[int] = []
    for place in _newest_first(like, said):
        known = [said[other].text for other in (best, *others)]
        if place != best and not any(_facts(said[place].text) == _facts(text) for text in known):
            others.append(place)
    superseded = {
        place
        for place in others
        if is_later(said[best].passage, said[place].passage)
        and of_one_series(said[best].passage, said[place].passage)
    }
    return Differing(best, tuple(others), frozenset(superseded))


def _newest_first(places: Sequence[int], said: Sequence[Said]) -> list[int]:
    """`places`, those of later editions first; where that can't be told, as they are."""

    def compared(one: int, other: int) -> int:
        later = is_later(said[one].passage, said[other].passage)
        return {True: -1, False: 1, None: 0}[later]

    return sorted(places, key=cmp_to_key(compared))


def _says_otherwise(question: str, one: Said, other: Said) -> bool:
    if one.passage.document_id == other.passage.document_id and (
        one.passage.heading == other.passage.heading
        or not of_one_series(one.passage, other.passage)
    ):
        return False
    asked = {word[:_STEM] for word in content_words(question)}
    if asked & _around(one) - _around(other):
        return False
    words, other_words = content_words(one.text), content_words(other.text)
    facts = _facts(one.text).difference(_facts(other.text), other_words)
    others = _facts(other.text).difference(_facts(one.text), words)
    if not facts or not others or is_row(one.text) != is_row(other.text):
        return False
    stems, other_stems = _stems(words, facts), _stems(other_words, others)
    both = stems & other_stems
    if is_row(one.text):
        return bool(stems) and stems == other_stems
    return len(both) > 1 and len(both) >= _ALIKE * len(stems | other_stems)


def _around(said: Said) -> set[str]:
    """The stems of a sentence, of its headings and its title."""
    context = f"{said.passage.title} {said.passage.heading} {said.text}"
    return {word[:_STEM] for word in content_words(context)}


def _facts(text: str) -> frozenset[str]:
    """The figures and the names in a sentence, in lower case."""
    figures = (each.group().rstrip(".,:") for each in _FIGURE.finditer(text.casefold()))
    return frozenset(chain(figures, chain.from_iterable(name.parts for name in names(text))))


def _stems(words: Iterable[str], facts: frozenset[str]) -> set[str]:
    """The stems of those of a sentence's words that are no facts."""
    return {w[:_STEM] for w in words if w not in facts and not any(map(str.isdigit, w))}
