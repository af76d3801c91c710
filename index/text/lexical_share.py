"""BM25 as a share of what it could be: in every store the same question's means the same."""

from __future__ import annotations

from collections.abc import Mapping
from math import log

from index.text.content_words import content_words

_LEAST_WEIGHT = 1e-6  # of a word in FTS5


def lexical_shares(bm25: Mapping[int, float], question: str, chunks: int) -> dict[int, float]:
    """Each of the `bm25` (at least 0, by chunk id) that `question` found among so many `chunks`, as
    a share in [0, 1]: of the greatest of them, times what that is of `full_bm25`, at most 1."""
    best = max(bm25.values(), default=0.0)
    if best <= 0:
        return dict.fromkeys(bm25, 0.0)
    reached = min(best / full_bm25(question, chunks), 1.0)
    return {chunk_id: score / best * reached for chunk_id, score in bm25.items()}


def full_bm25(question: str, chunks: int) -> float:
    """The BM25 of a chunk of usual length that holds every word of `question` once, were each in no
    other of `chunks` chunks: the sum of their greatest weights, as SQLite's FTS5 weighs words."""
    return len(content_words(question)) * log(max((chunks - 0.5) / 1.5, 1 + _LEAST_WEIGHT))
