from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from support import WordEmbedder, make_document

from index.index import Index
from index.records import Scored
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking
from index.text.lexical_share import full_bm25, lexical_shares
from rag.retrieve.retrieve import fuse, retrieve


def candidate(cosine: float, lexical: float, number: int = 1) -> Scored:
    return Scored(number, cosine, lexical)


THREE = [candidate(0.9, 0.25), candidate(0.5, 1.0), candidate(-0.2, 0.0)]
HALF = [candidate(0.9, 0.125), candidate(0.5, 0.5), candidate(-0.2, 0.0)]


def test_convex_sum_by_hand() -> None:
    # 0.6 × 0.9 + 0.4 × 2/8; 0.6 × 0.5 + 0.4 × 8/8; a negative cosine counts as none.
    assert fuse(THREE, "convex", 0.6) == pytest.approx([0.64, 0.70, 0.0])
    # The best lexical share is half of what it could be, so words have half their weight: 0.6 to
    # 0.2, or 0.75 × 0.9 + 0.25 × 2/8 and 0.75 × 0.5 + 0.25 × 8/8.
    assert fuse(HALF, "convex", 0.6) == pytest.approx([0.7375, 0.625, 0.0])
    assert fuse(HALF, "convex", 1.0) == pytest.approx([0.9, 0.5, 0.0])
    assert fuse(HALF, "convex", 0.0) == pytest.approx([0.25, 1.0, 0.0])
    assert fuse([candidate(0.9, 0.0)], "convex", 0.6) == pytest.approx([0.9])


def by_bm25(cosines: Sequence[float], bm25: Sequence[float], full: float) -> list[float]:
    """The convex sum with half the weight on each, as it was worked out of BM25 itself."""
    best = max(bm25)
    dense = [max(cosine, 0.0) for cosine in cosines]
    words = [score / (best or 1.0) for score in bm25]
    share = 0.5 / (0.5 + 0.5 * min(best / full, 1.0))
    return [share * a + (1 - share) * b for a, b in zip(dense, words, strict=True)]


def test_scores_are_those_of_bm25_itself() -> None:
    random, question = Random(7), "capital of northern Norway"
    for chunks in (2, 5, 40, 3000, 1_000_000):
        full = full_bm25(question, chunks)
        for greatest in (0.0, 1e-7, 0.3 * full, full, 4 * full):
            cosines = [random.uniform(-0.2, 1.0) for _ in range(30)]
            bm25 = [random.uniform(0.0, greatest) for _ in range(30)]
            shares = lexical_shares(dict(enumerate(bm25)), question, chunks)
            fused = fuse([Scored(i, cosines[i], shares[i]) for i in shares], "convex", 0.5)
            assert fused == pytest.approx(by_bm25(cosines, bm25, full), abs=1e-9)


def test_reciprocal_rank_by_hand() -> None:
    # First and second of one list each: (1/61 + 1/62) over the greatest possible 2/61.
    both = (1 / 61 + 1 / 62) / (2 / 61)
    assert fuse(THREE, "reciprocal_rank", 0.6) == pytest.approx([both, both, 0.0])
    assert fuse([candidate(0.9, 0.0)], "reciprocal_rank", 0.6) == pytest.approx([0.5])


def test_one_alone() -> None:
    assert fuse(THREE, "dense", 0.6) == pytest.approx([0.9, 0.5, 0.0])
    assert fuse(THREE, "lexical", 0.6) == pytest.approx([0.25, 1.0, 0.0])
    assert fuse([candidate(0.1, 0.0)], "lexical", 0.6) == [0.0]
    assert fuse([], "convex", 0.6) == []
    with pytest.raises(ValueError, match="fusion 'magic' is not one of"):
        fuse(THREE, "magic", 0.6)


def test_a_question_without_words_is_compared_by_meaning_alone(tmp_path: Path) -> None:
    assert lexical_shares({}, "?!", 9) == {}
    assert fuse([candidate(0.5, 0.0)], "convex", 0.6) == [0.5]
    index = Index(SqliteStore(tmp_path), WordEmbedder(), Chunking())
    list(index.add([make_document("a", "red")]))
    assert [found.uri for found in retrieve(index, "?", k=3, depth=10)] == ["a"]
    index.close()


def test_passages_are_ranked_and_cut(tmp_path: Path) -> None:
    index = Index(SqliteStore(tmp_path), WordEmbedder(), Chunking())
    texts = {"a": "red", "b": "red green", "c": "red green blue grey", "d": "black"}
    list(index.add(make_document(uri, text, author=uri) for uri, text in texts.items()))
    passages = retrieve(index, "red", k=3, depth=10)
    assert [(p.uri, p.rank) for p in passages] == [("a", 1), ("b", 2), ("c", 3)]
    assert passages[0].score == pytest.approx(1.0)
    assert [texts[p.uri][p.start : p.end] for p in passages] == [p.text for p in passages]
    assert [p.uri for p in retrieve(index, "red", k=3, depth=10, filter={"author": "c"})] == ["c"]
    index.close()


def test_equal_scores_are_ordered_by_age(tmp_path: Path) -> None:
    index = Index(SqliteStore(tmp_path), WordEmbedder(), Chunking())
    list(index.add(make_document(uri, f"red {uri * 2}") for uri in "zyx"))
    assert [p.uri for p in retrieve(index, "red", k=3, depth=10)] == ["z", "y", "x"]
    index.close()
