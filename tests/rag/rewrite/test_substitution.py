"""Follow-ups that only name another thing."""

from __future__ import annotations

import pytest

from rag.rewrite.substitution import substituted

STAFF = "How many employees does the office in Paris have?"
TYRE = "How much is a tyre change for the Corvid 3?"


@pytest.mark.parametrize(
    ("asked", "text", "whole"),
    [
        (STAFF, "And in Lyon?", "How many employees does the office in Lyon have?"),
        (STAFF, "and in lyon", "How many employees does the office in lyon have?"),
        (STAFF, "And Ghent?", "How many employees does the office in Ghent have?"),
        (STAFF, "What about Lyon?", "How many employees does the office in Lyon have?"),
        (STAFF, "And how many desks?", "How many desks does the office in Paris have?"),
        (TYRE, "And for the Corvid 5?", "How much is a tyre change for the Corvid 5?"),
        (TYRE, "and the van?", "How much is a tyre change for the van?"),
        (TYRE, "What about a service?", "How much is a service for the Corvid 3?"),
        ("What does error E7 mean?", "And E5?", "What does error E5 mean?"),
        ("What does error E7 mean?", "E5?", "What does error E5 mean?"),
        ("What was new in 4.1?", "And since 5.0?", "What was new in 5.0?"),
        ("What was the rent in 2023?", "And in 2024?", "What was the rent in 2024?"),
        ("What was the rent in 2023?", "And the year before?", "What was the rent in 2022?"),
        ("What was the rent in 2023?", "And what was it in 2021?", "What was the rent in 2021?"),
        (
            "How many calls does the Business plan allow?",
            "And the Enterprise plan?",
            "How many calls does the Enterprise plan allow?",
        ),
        (
            "How long does a 1.5 % gel have to set?",
            "And the 2.5 % one?",
            "How long does a 2.5 % gel have to set?",
        ),
        ("What is the lead time for raw parts?", "And for machined ones?", None),
        ("Who leads the office of Brindle?", "And of Hythe?", "Who leads the office of Hythe?"),
        # with nothing of its kind to replace, it is added
        ("How high can the bonus be?", "And for the first year?", None),
        ("What does a garage cost?", "And if I park outside?", None),
        ("How long is it kept when it is new?", "And if it is old?", None),
    ],
)
def test_another_thing_of_the_kind_is_asked_for(asked: str, text: str, whole: str | None) -> None:
    whole = (
        whole
        or {
            "And for machined ones?": "What is the lead time for machined parts?",
            "And for the first year?": "How high can the bonus be for the first year?",
            "And if I park outside?": "What does a garage cost if I park outside?",
            "And if it is old?": "How long is it kept if it is old?",
        }[text]
    )
    assert substituted(text, [asked]) == whole


def test_the_last_question_that_had_one_is_asked_again() -> None:
    assert substituted("And Ghent?", [STAFF, TYRE]) == (
        "How many employees does the office in Ghent have?"
    )
    assert substituted("What about a service?", [TYRE, STAFF]) == (
        "How much is a service for the Corvid 3?"
    )


@pytest.mark.parametrize(
    "text",
    [
        "How much is the monthly fee?",
        "And who is the manager?",
        "And their nests?",
        "What about it?",
        "mileage rate private car",
        "Who in the group had a career of their own?",
        "And?",
        "",
    ],
)
def test_other_questions_are_left_alone(text: str) -> None:
    assert substituted(text, [STAFF, TYRE]) is None
    assert substituted(text, []) is None
