from __future__ import annotations

import pytest

from rag.answer import Passage
from rag.read.reader import Evidence, Reading
from rag.read.rerank import follow, order, rerank


def passage(name: str, rank: int, score: float) -> Passage:
    return Passage(rank, name, name, "", "", None, 0, 1, "x", score, rank, 0.5, 1.0)


FOUND = [passage("a", 1, 0.8), passage("b", 2, 0.6), passage("c", 3, 0.5), passage("d", 4, 0.25)]


def test_the_most_relevant_first_and_the_unread_after() -> None:
    assert order((0.1, 0.7), 4) == [1, 0, 2, 3]
    assert order((0.3, 0.3), 2) == [0, 1]
    assert order((), 2) == [0, 1]


def test_relevance_becomes_the_score_and_scores_go_on_falling() -> None:
    passages = rerank(FOUND, (0.1, 0.7))
    assert [(p.uri, p.rank) for p in passages] == [("b", 1), ("a", 2), ("c", 3), ("d", 4)]
    # 0.1 is the least relevance and 0.5 the best score left, so those left are shrunk to a fifth.
    assert [p.score for p in passages] == pytest.approx([0.7, 0.1, 0.1, 0.05])


def test_scores_are_never_stretched() -> None:
    assert [p.score for p in rerank(FOUND, (0.9, 0.7))] == [0.9, 0.7, 0.5, 0.25]


def test_no_opinion_changes_nothing() -> None:
    assert rerank(FOUND, ()) == FOUND
    reading = Reading((Evidence(2, 0, 1, 0.5),), None, 0.5)
    assert follow(reading, 4) is reading
    assert rerank([], (0.5,)) == []


def test_the_evidence_follows_its_passage() -> None:
    sentences = (Evidence(2, 0, 1, 0.5), Evidence(1, 3, 4, 0.4), Evidence(4, 5, 6, 0.3))
    followed = follow(Reading(sentences, "s", 0.5, (0.1, 0.7)), 4)
    assert [e.passage for e in followed.sentences] == [1, 2, 4]
    assert [(e.start, e.score) for e in followed.sentences] == [(0, 0.5), (3, 0.4), (5, 0.3)]
    assert followed.relevance == (0.7, 0.1)
