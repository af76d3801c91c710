"""Sentences that say the same in other figures or names."""

from __future__ import annotations

from rag.answer import Passage
from rag.read.differing import Differing, Said, differing


def said(text: str, score: float, document: str, title: str = "Guide", heading: str = "") -> Said:
    passage = Passage(
        1, document, f"{document}.md", title, heading, None, 0, len(text), text, 0.5, 1, 0.5, 0.5
    )
    return Said(text, passage, score)


OLD = said("The allowance for meals is 32 euros.", 3.0, "a", "Travel policy 2022")
NEW = said("The allowance for meals is 41 euros.", 2.5, "b", "Travel policy 2025")


def test_the_later_edition_answers_and_the_other_is_superseded() -> None:
    found = differing("What is the allowance for meals?", [OLD, NEW])
    assert found == Differing(1, (0,), frozenset({0}))


def test_a_question_about_what_was_keeps_the_best() -> None:
    found = differing("What was the allowance for meals?", [OLD, NEW])
    assert found == Differing(0, (1,), frozenset())


def test_of_two_without_a_date_the_better_one_answers_and_the_other_contradicts() -> None:
    one = said("Breakfast is served from 7 to 10.", 3.0, "a", "Guide")
    other = said("breakfast is served from 6:30 to 9:30.", 2.0, "b", "Letter")
    found = differing("When is breakfast served?", [one, other])
    assert found == Differing(0, (1,), frozenset())


def test_a_name_may_be_what_differs() -> None:
    one = said("Bookings are made through Reisewelt.", 3.0, "a", "Policy 2022")
    other = said("Bookings are made through Voyago.", 2.9, "b", "Policy 2025")
    assert differing("Who makes bookings?", [one, other]).best == 1


def test_the_same_fact_elsewhere_is_no_contradiction() -> None:
    one = said("The pool closes at 21:00.", 3.0, "a")
    other = said("The pool closes at 21:00 on all days.", 2.9, "b")
    assert differing("When does the pool close?", [one, other]).others == ()


def test_siblings_in_one_document_do_not_contradict_each_other() -> None:
    one = said("Room A costs 50 euros a night.", 3.0, "a", heading="Guide › Rooms")
    other = said("Room B costs 70 euros a night.", 2.9, "a", heading="Guide › Rooms")
    assert differing("What does a room cost?", [one, other]).others == ()


def test_what_is_about_another_thing_of_the_question_does_not_contradict() -> None:
    one = said("The lunch break is 30 minutes long.", 3.0, "a", "Handbook of the Paris office")
    other = said("The lunch break is 45 minutes long.", 2.9, "b", "Handbook of the Lyon office")
    asked = "How long is the lunch break in the Paris office?"
    assert differing(asked, [one, other]).others == ()
    assert differing("How long is the lunch break?", [one, other]).others == (1,)


def test_versions_of_one_document_supersede_each_other_newest_first() -> None:
    text = "Uploads may have up to {} MB."
    of = [
        said(text.format(size), score, "a", "Notes", f"Notes › Version {version}")
        for size, score, version in ((20, 3.0, "1.9"), (50, 2.5, "1.10"), (200, 2.0, "2.0"))
    ]
    found = differing("How large may uploads be?", of)
    assert found == Differing(2, (1, 0), frozenset({0, 1}))


def test_what_scores_far_less_does_not_contradict() -> None:
    far = said("The allowance for meals is 41 euros.", -3.5, "b", "Travel policy 2025")
    assert differing("What is the allowance for meals?", [OLD, far]) == Differing(
        0, (), frozenset()
    )


def test_rows_differ_where_their_other_cells_agree() -> None:
    one = said("| Meals | 32 |", 3.0, "a", "Rates 2022")
    other = said("| Meals | 41 |", 2.9, "b", "Rates 2025")
    sibling = said("| Taxi | 41 |", 2.8, "c", "Rates 2025")
    found = differing("What is paid for meals?", [one, other, sibling])
    assert found == Differing(1, (0,), frozenset({0}))
