"""Passages that say the same are shown once, with all their sources. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rag.answer import Passage, Source

SPARE = 3
"""How many times the passages that are wanted must be given, so that enough are left."""

_SHINGLE_WORDS = 3
_LEAST_RESEMBLANCE = 0.8
_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
_NEGATIONS = frozenset("no not never none nor neither without cannot t".split())


def fold(
    passages: Sequence[Passage], k: int, aliases: Mapping[str, Sequence[str]]
) -> list[Passage]:
    """The first `k` of `passages`, best first, that say something else than those before them. Each
    has the sources of the others in `also_in`, and ranks counted anew; `aliases` are the further
    uris of documents, by id.

    Two passages are near-identical when the sets of three words in a row that they consist of
    overlap by at least 0.8 (the resemblance of Broder, 1997), and neither has a number, a name or
    a negation that the other lacks: forms and yearly reports that differ in what matters alone
    stay apart. Of one document only passages that don't overlap are.
    """
    kept: list[_Group] = []
    for passage in passages:
        print_ = _Print(passage.text)
        twin = next((group for group in kept if group.takes(passage, print_)), None)
        if twin is not None:
            twin.others.append(passage)
        elif len(kept) < k:
            kept.append(_Group(passage, print_, []))
    return [
        replace(group.best, rank=rank, also_in=group.also_in(aliases))
        for rank, group in enumerate(kept, start=1)
    ]


class _Print:
    """What two passages are compared by. Most differ in their numbers already, so the rest is made
    when it is asked for: all words, of those the ones that begin with a capital and those that no
    other word may stand for, and the shingles."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._numbers = frozenset(_DIGITS.findall(text))

    def resembles(self, other: _Print) -> bool:
        return (
            self._numbers == other._numbers
            and self._exact == other._exact
            and self._capitals <= other._words
            and other._capitals <= self._words
            and self._overlaps(other)
        )

    def _overlaps(self, other: _Print) -> bool:
        shared = len(self._shingles & other._shingles)
        either = len(self._shingles) + len(other._shingles) - shared
        return shared > 0 and shared >= _LEAST_RESEMBLANCE * either

    @cached_property
    def _written(self) -> list[str]:
        return _WORD.findall(self._text)

    @cached_property
    def _in_a_row(self) -> list[str]:
        return " ".join(self._written).lower().split()

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(self._in_a_row)

    @cached_property
    def _capitals(self) -> frozenset[str]:
        return frozenset([w.lower() for w in frozenset(self._written) if w[0].isupper()])

    @cached_property
    def _exact(self) -> frozenset[str]:
        numbers = [w for w in self._words if not w.isalpha() and any(map(str.isdigit, w))]
        return _NEGATIONS.intersection(self._words).union(numbers)

    @cached_property
    def _shingles(self) -> frozenset[tuple[str, ...]]:
        words = self._in_a_row
        size = min(_SHINGLE_WORDS, len(words))
        return frozenset(zip(*(words[start:] for start in range(size)), strict=False))


@dataclass(frozen=True, slots=True)
class _Group:
    best: Passage
    print_: _Print
    others: list[Passage]

    def takes(self, passage: Passage, print_: _Print) -> bool:
        apart = (
            passage.document_id != self.best.document_id
            or passage.start >= self.best.end
            or passage.end <= self.best.start
        )
        return apart and self.print_.resembles(print_)

    def also_in(self, aliases: Mapping[str, Sequence[str]]) -> tuple[Source, ...]:
        """The other names of the best passage's document, then the documents of the others with
        theirs."""
        sources = [_source(self.best, uri) for uri in aliases.get(self.best.document_id, ())]
        for other in self.others:
            uris = [other.uri, *aliases.get(other.document_id, ())]
            sources += [_source(other, uri) for uri in uris]
        return tuple(dict.fromkeys(sources))


def _source(passage: Passage, uri: str) -> Source:
    return Source(
        passage.document_id,
        uri,
        passage.title,
        passage.page,
        location=passage.location,
        start=passage.start,
    )
