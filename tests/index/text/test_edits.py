from __future__ import annotations

import pytest

from index.text.edits import edits, edits_to_beginning


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("filter", "filter", 0),
        ("fliter", "filter", 1),  # swapped
        ("montly", "monthly", 1),  # lost
        ("tennant", "tenant", 1),  # doubled
        ("recieve", "receive", 1),
        ("offen", "often", 1),  # another
        ("passengars", "passenger", 2),
        ("kitten", "sitting", 3),
        ("abcdef", "abc", 3),
    ],
)
def test_the_edits_between_two_words(first: str, second: str, expected: int) -> None:
    assert edits(first, second, 2) == expected
    assert edits(second, first, 2) == expected


def test_more_than_the_most_are_one_more_than_it() -> None:
    assert edits("a", "abcdefgh", 2) == 3


def test_the_edits_to_the_beginning_of_a_word() -> None:
    assert edits_to_beginning("instalation", "instal") == 0
    assert edits_to_beginning("fliters", "filter") == 1
    assert edits_to_beginning("abc", "") == 0
