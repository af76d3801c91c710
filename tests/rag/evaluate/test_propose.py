"""Questions proposed from documents."""

from __future__ import annotations

from index.document import Document, Heading
from rag.evaluate.propose import Proposal, propose

TEXT = (
    "Fees\n\nThe yearly fee for a small boat is 120 euros.\n\nThe harbour master lives in Lowick."
)
DOCUMENT = Document("1", "fees.md", "Fees", TEXT, "0" * 64, headings=(Heading(0, 4, 1),))


def test_a_sentence_loses_its_fact_and_a_section_is_asked_for_what_it_says_first() -> None:
    fee = "The yearly fee for a small boat is 120 euros."
    master = "The harbour master lives in Lowick."
    found = propose([DOCUMENT], 9)
    assert sorted(found, key=lambda each: each.question) == [
        Proposal("cloze", "The harbour master lives in ____.", "Lowick", master, "fees.md"),
        Proposal("cloze", "The yearly fee for a small boat is ____ euros.", "120", fee, "fees.md"),
        Proposal("heading", "What is said under “Fees”?", fee, fee, "fees.md"),
    ]


def test_they_are_spread_over_the_documents_and_no_more_than_asked_for() -> None:
    other = Document("2", "b.md", "B", "The office in Utrecht opened in 1987.", "1" * 64)
    found = propose([DOCUMENT, other], 2)
    assert {each.uri for each in found} == {"fees.md", "b.md"}
    assert propose([DOCUMENT, other], 2) == found


def test_a_row_says_that_nobody_has_checked_it() -> None:
    row = propose([DOCUMENT], 1)[0].row(1)
    assert (row["id"], row["checked"], row["answerable"]) == ("proposed-1", False, True)
    assert row["relevant"] == ["fees.md"]


def test_rows_of_tables_and_sentences_without_a_fact_are_left_alone() -> None:
    text = "Name | Fee | Berth of the boat | Year\n\nNobody knows why it is so or what it means."
    assert propose([Document("1", "a", "", text, "0" * 64)], 5) == []
