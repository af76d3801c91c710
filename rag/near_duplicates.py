"""Passages that say the same are shown once, with all their sources. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answer import Passage, Source

SPARE = 3
"""How many times the passages that are wanted must be given, so that enough are left."""

_SHINGLE_WORDS = 3
_LEAST_RESEMBLANCE = 0.8
_WORD = re.compile(r"\w+")
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
        print_ = _Print.of(passage.text)
        twin = next((group for group in kept if group.takes(passage, print_)), None)
        if twin is not None:
            twin.others.append(passage)
        elif len(kept) < k:
            kept.append(_Group(passage, print_, []))
    return [
        replace(group.best, rank=rank, also_in=group.also_in(aliases))
        for rank, group in enumerate(kept, start=1)
    ]


@dataclass(frozen=True, slots=True)
class _Print:
    """What two passages are compared by: their shingles, all their words, and of those the ones
    that begin with a capital and those that no other word may stand for."""

    shingles: frozenset[tuple[str, ...]]
    words: frozenset[str]
    capitals: frozenset[str]
    exact: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Print:
        written = _WORD.findall(text)
        words = [word.lower() for word in written]
        size = min(_SHINGLE_WORDS, len(words))
        shingles = zip(*(words[start:] for start in range(size)), strict=False)
        capitals = (word.lower() for word in written if word[0].isupper())
        numbers = (word for word in words if any(map(str.isdigit, word)))
        exact = frozenset([*numbers, *_NEGATIONS.intersection(words)])
        return cls(frozenset(shingles), frozenset(words), frozenset(capitals), exact)

    def resembles(self, other: _Print) -> bool:
        fewer, more = sorted((len(self.shingles), len(other.shingles)))
        shared = len(self.shingles & other.shingles)
        return (
            shared > 0
            and shared >= _LEAST_RESEMBLANCE * (fewer + more - shared)
            and self.exact == other.exact
            and self.capitals <= other.words
            and other.capitals <= self.words
        )


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
