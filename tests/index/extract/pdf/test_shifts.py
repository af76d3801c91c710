"""Raised and lowered letters of a PDF, within words and beside them."""

from __future__ import annotations

import pytest

from index.extract.pdf.lines import Line, Word
from index.extract.pdf.shifts import Letter, set_apart, with_marks


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([("$320", 0, 12), ("1", 4, 7)], "$320¹"),
        ([("10", 0, 12), ("6", 4, 12)], "10⁶"),
        ([("x", 0, 12), ("i", -2, 8), ("+1", 0, 12)], "xi+1"),
        ([("CO", 0, 12), ("2", -2, 8)], "CO₂"),
        ([("3", 5, 7), ("Since", 0, 12)], "³Since"),
        ([("W", -24, 40), ("hen", 0, 12)], "When"),
        ([("N", 0, 12), ("ATO", 0, 9)], "NATO"),
    ],
)
def test_letters_of_one_word(pieces: list[tuple[str, float, float]], expected: str) -> None:
    letters = [Letter(one, 700 + rise, size) for text, rise, size in pieces for one in text]
    assert set_apart(letters)[0] == expected


def drawn(text: str, left: float, baseline: float, size: float) -> Line:
    """A letter is half a font size wide."""
    words = []
    for word in text.split():
        words.append(Word(word, left, left + len(word) * size / 2, baseline, size))
        left = words[-1].right + size / 2
    return Line(text, words[0].left, words[-1].right, baseline, size, tuple(words))


def test_marks_that_are_drawn_apart_go_to_their_words() -> None:
    text = drawn("He paid $320 for it", 72, 700, 10)  # $320 ends at 72 + 12 * 5
    note = drawn("Since May; the sum was lower", 80, 100, 8)
    lines = [text, drawn("1", 132.5, 704, 6), drawn("1", 74, 103, 5), note, drawn("7", 72, 400, 6)]
    assert [line.text for line in with_marks(lines)] == [
        "He paid $320¹ for it",
        "¹ Since May; the sum was lower",
        "7",
    ]
