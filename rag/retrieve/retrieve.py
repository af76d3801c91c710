"""Question to passages: dense and lexical candidates, fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.index import Index
from index.records import Candidate, Scored
from rag.answer import Passage
from rag.retrieve.filings import filings_first

_RECIPROCAL_RANK_K = 60


def retrieve(
    index: Index,
    question: str,
    *,
    k: int,
    depth: int,
    fusion: str = "convex",
    dense_weight: float = 0.5,
    filter: Mapping[str, object] | None = None,
) -> list[Passage]:
    """The `k` passages that match `question` best, fused from the `depth` best of dense and of
    lexical search; by their scores, but for what `filings_first` puts before others.

    Raises `InvalidFilter`, `StoreMismatch` and `ModelUnavailable`.
    """
    scores: dict[int, float] = {}

    def best(candidates: Sequence[Scored]) -> Sequence[Scored]:
        fused = fuse(candidates, fusion, dense_weight)
        scores.update(zip((each.chunk_id for each in candidates), fused, strict=True))
        return sorted(candidates, key=lambda each: (-scores[each.chunk_id], each.chunk_id))[:k]

    found = index.candidates(question, depth, filter, best)
    passages = [
        _passage(candidate, scores[candidate.row.chunk.id], rank)
        for rank, candidate in enumerate(found, start=1)
    ]
    return filings_first(question, passages)


def openings(index: Index, k: int, filter: Mapping[str, object] | None = None) -> list[Passage]:
    """How the first `k` documents begin. Raises `InvalidFilter`."""
    found = index.openings(k, filter)
    return [_passage(candidate, 0.0, rank) for rank, candidate in enumerate(found, start=1)]


def fuse(candidates: Sequence[Scored], fusion: str, dense_weight: float) -> list[float]:
    """One score in [0, 1] for each candidate, higher is better.

    "convex" is a share of the cosine and the rest of the lexical share divided by the question's
    best (Bruch, Gai and Ingber, 2022). The share of the cosine is `dense_weight` where that best is
    1, and more the farther it stays below: where no chunk holds more than a few common words of the
    question, words count little.
    "reciprocal_rank" is the sum of 1 / (60 + rank) (Cormack, Clarke and Büttcher, 2009) over its
    greatest possible value; "dense" and "lexical" are one alone.
    """
    cosines = [max(candidate.cosine, 0.0) for candidate in candidates]
    best = max((candidate.lexical for candidate in candidates), default=0.0)
    words = [candidate.lexical / (best or 1.0) for candidate in candidates]
    if fusion == "dense":
        return cosines
    if fusion == "lexical":
        return words
    if fusion == "reciprocal_rank":
        top = 2 / (_RECIPROCAL_RANK_K + 1)
        pairs = zip(_reciprocal_ranks(cosines), _reciprocal_ranks(words), strict=True)
        return [(dense + lexical) / top for dense, lexical in pairs]
    if fusion == "convex":
        lexical_weight = (1 - dense_weight) * best
        share = dense_weight / ((dense_weight + lexical_weight) or 1.0)
        return [
            share * cosine + (1 - share) * word for cosine, word in zip(cosines, words, strict=True)
        ]
    raise ValueError(
        f"fusion {fusion!r} is not one of 'convex', 'reciprocal_rank', 'dense', 'lexical'"
    )


def _reciprocal_ranks(scores: Sequence[float]) -> list[float]:
    """1 / (60 + rank) in the order of `scores`; a candidate that scored 0 was not found."""
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    shares = [0.0] * len(scores)
    for rank, i in enumerate(order, start=1):
        if scores[i] > 0:
            shares[i] = 1 / (_RECIPROCAL_RANK_K + rank)
    return shares


def _passage(candidate: Candidate, score: float, rank: int) -> Passage:
    row = candidate.row
    return Passage(
        chunk_id=row.chunk.id,
        document_id=row.chunk.document_id,
        uri=row.uri,
        title=row.title,
        heading=row.chunk.heading,
        page=row.page,
        start=row.chunk.start,
        end=row.chunk.end,
        text=row.text,
        score=score,
        rank=rank,
        cosine=candidate.cosine,
        lexical=candidate.lexical,
        metadata=row.metadata,
    )
