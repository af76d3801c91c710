"""Stems, which need no server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index.postgres.stems import Stems


@pytest.fixture
def stems() -> Iterator[Stems]:
    made = Stems()
    yield made
    made.close()


def test_each_text_has_its_own_in_order(stems: Stems) -> None:
    assert stems.of(["The cats were running", "", "Running cat"]) == [
        ["the", "cat", "were", "run"],
        [],
        ["run", "cat"],
    ]
    assert stems.of([]) == []


def test_nothing_is_left_of_texts_before(stems: Stems) -> None:
    stems.of(["one two three", "four"])
    assert stems.of(["five"]) == [["five"]]
    with pytest.raises(UnicodeEncodeError):
        stems.of(["six", "half a pair \ud800"])
    assert stems.of(["seven", "eight"]) == [["seven"], ["eight"]]
