"""Passages in the order in which the reader finds them relevant. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.answer import Passage
from rag.read.reader import Evidence, Reading


def order(relevance: Sequence[float], count: int) -> list[int]:
    """Places 0 … `count` - 1: first those with a relevance, most relevant first, then the rest as
    they are. Equals keep their order."""
    judged = sorted(range(min(len(relevance), count)), key=lambda place: -relevance[place])
    return judged + list(range(len(judged), count))


def rerank(passages: Sequence[Passage], relevance: Sequence[float]) -> list[Passage]:
    """`passages`, whose first ones have a relevance in [0, 1], by `order`. The relevance becomes
    their score; those without one follow with their scores shrunk to end below, so that scores
    still fall from first to last."""
    if not relevance:
        return list(passages)
    least = min(relevance[: len(passages)], default=0.0)
    rest = passages[len(relevance)].score if len(relevance) < len(passages) else 0.0
    shrink = least / rest if rest > 0 else 0.0
    return [
        replace(
            passages[place],
            rank=rank,
            score=relevance[place]
            if place < len(relevance)
            else min(shrink, 1.0) * passages[place].score,
        )
        for rank, place in enumerate(order(relevance, len(passages)), start=1)
    ]


def follow(reading: Reading, count: int) -> Reading:
    """`reading` of `count` passages with its sentences' passage numbers, and the relevance, as
    they are once the passages are put in order."""
    if not reading.relevance:
        return reading
    places = order(reading.relevance, count)
    numbers = {place + 1: number for number, place in enumerate(places, start=1)}

    def renumbered(some: Sequence[Evidence]) -> tuple[Evidence, ...]:
        return tuple(replace(evidence, passage=numbers[evidence.passage]) for evidence in some)

    return replace(
        reading,
        sentences=renumbered(reading.sentences),
        contradicting=renumbered(reading.contradicting),
        superseded=renumbered(reading.superseded),
        relevance=tuple(sorted(reading.relevance, reverse=True)),
    )
