from __future__ import annotations

import pytest

from rag.read.identifiers import identifiers, is_code, lacking, names, nearest


def test_words_with_a_figure_are_identifiers() -> None:
    asked = "What does PPX-9087 mean in version 5.0 of 2024, for 1,250 EUR or 12kg?"
    assert identifiers(asked) == {"ppx-9087", "5.0", "2024", "1250", "12"}
    assert identifiers("Who keeps the light?") == frozenset()


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("What is PPX-9087?", "PPX-9087: the scale is not calibrated.", set()),
        ("What is PPX-9087?", "PPX-9078: the label is missing.", {"ppx-9087"}),
        ("When was 5.0 released?", "4.0.0 came on 5 September", {"5.0"}),
        ("And E5?", "E-5 | The filter is full", set()),
        ("What is new in 2.1?", "Version v2.1 mends the lid.", set()),
        ("How much for 3 rooms?", "Three rooms cost 910.", set()),
        ("Sales in 2024?", "FY2024 | 12", set()),
        ("Where is the office in Paris?", "The office in Lyon opened in 2018.", {"paris"}),
        ("Where is the office in Paris?", "The office in Paris opened in 2011.", set()),
        ("Where is the office in Paris?", "Its manager is Claire Dumas.", set()),
        ("Who leads the office in New York?", "The York office: Ann. An office in Rome.", set()),
        ("What costs 1250 euro?", "The desk is 1,250 euro.", set()),
    ],
)
def test_what_a_text_lacks(question: str, text: str, expected: set[str]) -> None:
    assert lacking(question, [text]) == expected


def test_names_are_capitals_within_a_sentence() -> None:
    assert names("Does Ada, of O'Hara & Sons, keep it? Who knows Corrie Halt?") == {
        *("ada", "o'hara", "corrie", "halt")
    }
    assert names("Who keeps the light?") == frozenset()


def test_the_nearest_is_named_as_it_stands() -> None:
    assert nearest("ppx-9087", "PPX-9078: the label is missing. E5: no.") == "PPX-9078"
    assert nearest("ppx-9087", "E5: no water.") is None


def test_a_code_names_and_a_number_counts() -> None:
    assert [is_code(each) for each in ("e5", "5.0", "2024", "12")] == [True, True, True, False]
    assert [is_code(each) for each in ("15-year-old", "3-a", "pv-3")] == [False, True, True]
