from __future__ import annotations

import pytest

from rag.answer import Turn
from rag.rewrite import standalone

HISTORY = (
    Turn("user", "Who is Marie Curie?"),
    Turn("assistant", "A physicist."),
    Turn("user", "Where was Marie Curie born?"),
    Turn("assistant", "In Warsaw."),
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When did she die?", "Where was Marie Curie born? When did she die?"),
        ("And her husband?", "Where was Marie Curie born? And her husband?"),
        ("Why?", "Where was Marie Curie born? Why?"),
        ("What is the capital of Australia?", "What is the capital of Australia?"),
    ],
)
def test_follow_ups(question: str, expected: str) -> None:
    assert standalone(question, HISTORY, 200) == expected


def test_the_topic_lasts_over_several_follow_ups() -> None:
    history = (*HISTORY, Turn("user", "When did she die?"), Turn("assistant", "In 1934."))
    asked = standalone("And where was that?", history, 200)
    assert asked == "Where was Marie Curie born? And where was that?"


def test_only_follow_ups_so_far() -> None:
    assert standalone("Why?", (Turn("user", "Is it?"),), 200) == "Is it? Why?"


def test_the_question_itself_is_never_cut() -> None:
    history = (Turn("user", "Where was Marie Curie born?"),)
    assert standalone("When did she die?", history, 28) == "Where was When did she die?"
    assert standalone("When did she die?", history, 5) == "When did she die?"


def test_without_a_question_before_nothing_changes() -> None:
    assert standalone("Why?", (), 200) == "Why?"
    assert standalone("Why?", (Turn("assistant", "Hello"), Turn("user", "  ")), 200) == "Why?"
