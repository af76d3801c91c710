"""Raised and lowered letters beside the words that they stand at."""

from __future__ import annotations

import pytest

from index.text.raised import lowered, raised


@pytest.mark.parametrize(
    ("before", "mark", "expected"),
    [
        ("$320", "1", "¹"),
        ("10", "6", "⁶"),
        ("10", "-6", "⁻⁶"),
        ("10", "6.5", "^6.5"),
        ("x", "n", "ⁿ"),
        ("Ca", "2+", "²⁺"),
        ("$320", "1,2", "[1,2]"),
        ("in 1904", "2 3", "[2 3]"),
        ("$320", "(2)", "[2]"),
        ("$320", "(1) (2)", "[1] [2]"),
        ("in 1904", "[3]", "[3]"),
        ("$320", "*", "*"),
        ("$320", "a", "^a"),
        ("Ada Roe", "b", "^b"),
        ("the 21", "st", "st"),
        ("le 5", "e", "e"),
        ("n", "o", "o"),
        ("M", "lle", "lle"),
        ("Price", "without taxes", " without taxes"),
        ("", "1", "¹"),
        ("", "a", "a"),
        ("", "", ""),
    ],
)
def test_what_is_raised_never_runs_into_the_word_before(
    before: str, mark: str, expected: str
) -> None:
    assert raised(mark, before) == expected


@pytest.mark.parametrize(
    ("before", "mark", "expected"),
    [("H", "2", "₂"), ("V", "max", "max"), ("10", "a", "_a"), ("x", "i+1", "i+1")],
)
def test_what_is_lowered_never_runs_into_a_figure(before: str, mark: str, expected: str) -> None:
    assert lowered(mark, before) == expected
