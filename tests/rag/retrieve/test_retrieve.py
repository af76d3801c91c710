from __future__ import annotations

from math import log
from pathlib import Path

import pytest
from support import WordEmbedder, make_document

from index.index import Index, Scored
from index.text.chunk import Chunking
from rag.retrieve.retrieve import full_bm25, fuse, retrieve


def candidate(cosine: float, bm25: float, number: int = 1) -> Scored:
    return Scored(number, cosine, bm25)


THREE = [candidate(0.9, 2.0), candidate(0.5, 8.0), candidate(-0.2, 0.0)]


def test_convex_sum_by_hand() -> None:
    # 0.6 × 0.9 + 0.4 × 2/8; 0.6 × 0.5 + 0.4 × 8/8; a negative cosine counts as none.
    for full in (8, 4):
        assert fuse(THREE, "convex", 0.6, full) == pytest.approx([0.64, 0.70, 0.0])
    # The best has half of the BM25 it could have, so words have half their weight (0.6 to 0.2),
    # and the best of 0.7375 and 0.625 is scaled to the 0.70 above.
    assert fuse(THREE, "convex", 0.6, 16) == pytest.approx([0.70, 0.70 * 0.625 / 0.7375, 0.0])
    assert fuse(THREE, "convex", 1.0, 16) == pytest.approx([0.70, 0.70 * 0.5 / 0.9, 0.0])
    assert fuse(THREE, "convex", 0.0, 16) == pytest.approx([0.70 * 0.25, 0.70, 0.0])
    assert fuse([candidate(0.9, 0.0)], "convex", 0.6, 16) == pytest.approx([0.54])


def test_full_bm25_by_hand() -> None:
    # Three words that say something, each in one of 8 chunks: ln((8 - 1 + 0.5) / (1 + 0.5)) each.
    assert full_bm25("What is the capital of northern Norway?", 8) == pytest.approx(3 * log(5))
    # In two chunks or fewer no word weighs anything, as in FTS5.
    assert full_bm25("Norway", 2) == full_bm25("Norway", 0) == pytest.approx(1e-6)


def test_reciprocal_rank_by_hand() -> None:
    # First and second of one list each: (1/61 + 1/62) over the greatest possible 2/61.
    both = (1 / 61 + 1 / 62) / (2 / 61)
    assert fuse(THREE, "reciprocal_rank", 0.6, 16) == pytest.approx([both, both, 0.0])
    assert fuse([candidate(0.9, 0.0)], "reciprocal_rank", 0.6, 16) == pytest.approx([0.5])


def test_one_alone() -> None:
    assert fuse(THREE, "dense", 0.6, 16) == pytest.approx([0.9, 0.5, 0.0])
    assert fuse(THREE, "lexical", 0.6, 16) == pytest.approx([0.25, 1.0, 0.0])
    assert fuse([candidate(0.1, 0.0)], "lexical", 0.6, 16) == [0.0]
    assert fuse([], "convex", 0.6, 16) == []
    with pytest.raises(ValueError, match="fusion 'magic' is not one of"):
        fuse(THREE, "magic", 0.6, 16)


def test_a_question_without_words_is_compared_by_meaning_alone(tmp_path: Path) -> None:
    assert fuse([candidate(0.5, 0.0)], "convex", 0.6, full_bm25("?!", 9)) == pytest.approx([0.3])
    index = Index(tmp_path, WordEmbedder(), Chunking())
    list(index.add([make_document("a", "red")]))
    assert [found.uri for found in retrieve(index, "?", k=3, depth=10)] == ["a"]
    index.close()


def test_passages_are_ranked_and_cut(tmp_path: Path) -> None:
    index = Index(tmp_path, WordEmbedder(), Chunking())
    texts = {"a": "red", "b": "red green", "c": "red green blue grey", "d": "black"}
    list(index.add(make_document(uri, text, author=uri) for uri, text in texts.items()))
    passages = retrieve(index, "red", k=3, depth=10)
    assert [(p.uri, p.rank) for p in passages] == [("a", 1), ("b", 2), ("c", 3)]
    assert passages[0].score == pytest.approx(1.0)
    assert [texts[p.uri][p.start : p.end] for p in passages] == [p.text for p in passages]
    assert [p.uri for p in retrieve(index, "red", k=3, depth=10, filter={"author": "c"})] == ["c"]
    index.close()


def test_equal_scores_are_ordered_by_age(tmp_path: Path) -> None:
    index = Index(tmp_path, WordEmbedder(), Chunking())
    list(index.add(make_document(uri, f"red {uri * 2}") for uri in "zyx"))
    assert [p.uri for p in retrieve(index, "red", k=3, depth=10)] == ["z", "y", "x"]
    index.close()
