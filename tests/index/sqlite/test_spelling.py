"""A question's words as the store spells them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from support import WordEmbedder, make_document

from index.index import Index
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking

LANGUAGE = frozenset("often must clean which change lodge".split())


class Speaker(WordEmbedder):
    """Has one token for each word of `LANGUAGE`, and two for others."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [sum(2 - (word in LANGUAGE) for word in text.split()) for text in texts]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = Index(SqliteStore(tmp_path), Speaker(), Chunking())
    text = (
        "Clean the dust filter monthly. It lasts longer. The payments of tenants are due. Claire "
        "Dumas is the manager. The compressor of PPX-9078 hums mostly at night."
    )
    list(opened.add([make_document("a", text, "The Laboratory")]))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("asked", "understood"),
    [
        ("How often must I clean the dust fliter?", "How often must I clean the dust filter?"),
        ("Which paymnets are montly?", "Which payments are monthly?"),
        ("What about the compresor?", "What about the compressor?"),
        ("Who is claire dumass?", "Who is claire Dumas?"),
        ("LABORATROY", "Laboratory"),
    ],
)
def test_a_typo_gives_way_to_the_stores_word(index: Index, asked: str, understood: str) -> None:
    assert index.corrected(asked) == understood


@pytest.mark.parametrize(
    "asked",
    [
        "Which tenant has a compressor?",  # stems that the store holds
        "May a lodger change it?",  # "longer" is an edit away, but "lodge" is a word
        "What is PPX-9087?",
        "What is dust?",
        "What does the thermostat do?",  # nothing is near
        "",
    ],
)
def test_what_is_known_or_has_nothing_near_stays(index: Index, asked: str) -> None:
    assert index.corrected(asked) == asked


def test_an_empty_store_corrects_nothing(tmp_path: Path) -> None:
    empty = Index(SqliteStore(tmp_path / "empty"), Speaker(), Chunking())
    assert empty.corrected("How offen?") == "How offen?"
    empty.close()
