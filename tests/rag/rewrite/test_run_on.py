"""Questions without a mark between them."""

from __future__ import annotations

import pytest

from rag.rewrite.message import read_message
from rag.rewrite.run_on import divided


@pytest.mark.parametrize(
    "questions",
    [
        ("how long is the lunch break?", "what does it cost to park"),
        ("how thick is the slate?", "What is the fee?"),
        ("what is the depth of the hole?", "how many votes did Joris get"),
        ("what does error E7 mean?", "what is error E8"),
        ("when does it open?", "where is it?"),
        ("which of the two is better?", "what should i do?", "how long can i wait"),
        ("Is it allowed to smoke?", "Where can I smoke?"),
        ("what deposit do i need for a car?", "at what temperature does it stall"),
        ("is the office closed today?", "May we work from home?"),
        ("which port was closed?", "For what reason was it closed?"),
    ],
)
def test_each_is_a_question_of_its_own(questions: tuple[str, ...]) -> None:
    text = " ".join([*(each.rstrip("?") for each in questions[:-1]), questions[-1]])
    assert divided(text) == list(questions)
    assert read_message(text).questions == questions


@pytest.mark.parametrize(
    "question",
    [
        "do you know what is the fee",
        "who is the person who is responsible",
        "how do i find out what is covered",
        "what happens when the lamp is red",
        "tell me what is new",
        "what is what was ordered",
        "how much does it cost what the plumber does",
        "What does The Who sing?",
        "how do I know how long it is valid",
        "what is the difference between what is and what was",
        "Which error is shown when the pump is off?",
        "the lamp is red what is wrong",
        "Could you please tell me: under what conditions is it paid",
        "up to what sum are goods bought directly",
        "and what is it if the unit is off",
        "What was the revenue in the week of 12 May in Germany?",
        "Which invoices were sent in early May to customers?",
        "The meeting of 12 May is moved to Friday.",
        "Does the policy state what is considered gross misconduct?",
        "Does the contract specify how many days are paid?",
    ],
)
def test_one_question_stays_one(question: str) -> None:
    assert divided(question) == [question]


@pytest.mark.parametrize("piece", ["what is it how long is the ", "what a ", "how much a b c is "])
def test_a_long_text_is_no_slip_and_one_as_long_as_may_be_is_divided(piece: str) -> None:
    long = "what is it " + piece * 1000
    assert divided(long) == [long]
    assert " ".join(divided(long[:500])).replace("?", "") == long[:500]
