"""What a sentence is about instead of what was asked."""

from __future__ import annotations

import pytest

from rag.answer import Passage
from rag.read.doubt import doubt
from rag.read.identifiers import lacking


def passage(text: str, heading: str = "") -> Passage:
    return Passage(1, "d", "u", "", heading, None, 0, len(text), text, 0.5, 1, 0.25, 1.0)


def asked_of(question: str, text: str, within: Passage, *beside: str) -> str:
    start = within.text.index(text)
    span = (start, start + len(text))
    passages = [within, passage("Table for 4. The year 2023.")]
    return doubt(question, lacking(question, [text]), span, within, passages, beside)


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("What is ppx-9087?", "PPX-9078 is the label.", "This is about PPX-9078, not ppx-9087"),
        ("When did 5.0 come?", "It came in May.", "This doesn't name 5.0"),
        ("What may 12 persons do?", "They may dance.", ""),  # stands nowhere, and may be counted
        ("What may 4 persons do?", "They may dance.", "This doesn't name 4"),
        ("What is PPX-9087?", "PPX-9087 is the scale.", ""),
    ],
)
def test_what_it_is_about_instead(question: str, text: str, expected: str) -> None:
    assert asked_of(question, text, passage(text)) == expected
    told = "PPX-9087, 5.0 and 4 are told of beside it."
    assert asked_of(question, text, passage(text), told) == ""


def test_the_caption_of_a_table_names_the_year_of_its_rows() -> None:
    rows = ["Line | Cars", "F1 | 121,900", "F2 | 40,200"]
    asked = "How many cars did F1 carry in 2023?"
    above = passage("\n".join(["Table 9: Ferry lines in 2023", *rows]))
    assert asked_of(asked, rows[1], above) == ""
    other = passage("\n".join(["Table 9: Ferry lines", *rows]))
    assert asked_of(asked, rows[1], other) == "This doesn't name 2023"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What was it before 4 May 2023?", ""),
        ("What has it been since 2023?", ""),
        ("What was it in 2023?", "This doesn't name 2023"),
        ("What did 2023 cost before 2024?", "This doesn't name 2023"),
    ],
)
def test_a_date_that_bounds_the_time_need_not_be_named(question: str, expected: str) -> None:
    text = "Up to the end of April it cost 5 crowns."
    assert asked_of(question, text, passage(text)) == expected


def test_a_version_is_named_by_those_that_begin_with_it() -> None:
    text = "The default is manual."
    asked = "What is the default since 5.0?"
    assert asked_of(asked, text, passage(text, "[5.0.0] – 2024-10-29 › Breaking")) == ""
    assert asked_of(asked, text, passage(text, "[4.5.0] – 2023-10-29")) == "This doesn't name 5.0"
