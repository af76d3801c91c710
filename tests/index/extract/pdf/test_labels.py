"""The fields of a form beside their labels."""

from __future__ import annotations

from index.extract.pdf.fields import Field
from index.extract.pdf.labels import with_fields
from index.extract.pdf.lines import Line, Word


def _line(left: float, *words: str) -> Line:
    """Words of 40 points each, on one baseline."""
    found = tuple(
        Word(word, left + 50 * at, left + 50 * at + 40, 700, 10) for at, word in enumerate(words)
    )
    return Line(" ".join(words), left, found[-1].right, 700, 10, found)


def _box(left: float, bottom: float = 698) -> Field:
    return Field("box", "☐", left, bottom, left + 8, bottom + 10, is_box=True)


def test_boxes_among_words_and_before_them() -> None:
    lines = with_fields([_line(100, "Female", "Male")], [_box(90), _box(141)])
    assert [line.text for line in lines] == ["☐", "Female ☐ Male"]


def test_a_field_below_its_label_and_one_without() -> None:
    below = Field("town", "Visby", 100, 680, 300, 694)
    far = Field("sum", "640", 100, 300, 300, 314)
    lines = with_fields([_line(100, "Town"), _line(500, "Sum")], [far, below])
    assert [line.text for line in lines] == ["Town", "Visby", "Sum", "sum: 640"]
