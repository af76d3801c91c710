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
    assert standalone(question, HISTORY) == expected


def test_without_a_question_before_nothing_changes() -> None:
    assert standalone("Why?", ()) == "Why?"
    assert standalone("Why?", (Turn("assistant", "Hello"), Turn("user", "  "))) == "Why?"
