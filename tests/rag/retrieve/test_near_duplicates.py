from __future__ import annotations

import dataclasses

import pytest

from rag.answer import Passage, Source
from rag.retrieve.near_duplicates import fold

# Twenty words, so eighteen shingles; one changed word in the middle changes three of them, and
# fifteen shared of twenty-one are 0.71, one at the end changes one, and 17 of 19 are 0.89.
TEXT = (
    "The keeper of the lighthouse kept the light for forty years and wrote a log of every "
    "ship passing by slowly"
)


def passage(document: str, text: str, rank: int = 1, start: int = 0, page: int = 1) -> Passage:
    return Passage(
        chunk_id=rank,
        document_id=document,
        uri=f"{document}.txt",
        title=document.upper(),
        heading="",
        page=page,
        start=start,
        end=start + len(text),
        text=text,
        score=1 / rank,
        rank=rank,
        cosine=0.5,
        lexical=1.0,
    )


def test_near_identical_ones_are_shown_once_with_all_their_sources() -> None:
    passages = [
        passage("a", TEXT, 1),
        passage("b", TEXT.replace("slowly", "quickly") + ".", 2, page=7),
        passage("c", "Ships sail the sea.", 3),
        passage("d", TEXT.upper(), 4),
    ]
    first, second = fold(passages, 2, {"b": ["b2.txt"], "c": ["c2.txt"]})
    assert first == dataclasses.replace(
        passages[0],
        also_in=(
            Source("b", "b.txt", "B", 7),
            Source("b", "b2.txt", "B", 7),
            Source("d", "d.txt", "D", 1),
        ),
    )
    assert (second.uri, second.rank) == ("c.txt", 2)
    assert second.also_in == (Source("c", "c2.txt", "C", 1),)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("slowly", "slowly in 1923"),  # a number
        ("slowly", "Tuesday"),  # a name
        ("passing by slowly", "not passing by slowly"),  # a negation
        ("light", "lamp"),  # 0.71
        ("passing by slowly", ""),  # short of three words of twenty: 15 of 18 are 0.83, the same
    ],
)
def test_what_differs_in_what_matters_stays_apart(old: str, new: str) -> None:
    same = new == ""
    other = passage("b", TEXT.replace(old, new).strip(), 2)
    assert len(fold([passage("a", TEXT), other], 9, {})) == (1 if same else 2)


def test_windows_of_one_document_that_overlap_are_no_duplicates() -> None:
    passages = [passage("a", TEXT, 1), passage("a", TEXT, 2, start=10), passage("a", TEXT, 3, 500)]
    first, second = fold(passages, 9, {})
    assert (first.start, second.start) == (0, 10)
    assert first.also_in == (Source("a", "a.txt", "A", 1),)


def test_short_and_empty_texts() -> None:
    texts = ["Yes", "yes", "…", "—", "No"]
    passages = [passage(str(n), text, n + 1) for n, text in enumerate(texts)]
    assert [p.text for p in fold(passages, 9, {})] == ["Yes", "…", "—", "No"]
    assert fold([], 3, {}) == []
