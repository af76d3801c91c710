"""What an answer lists, and which of it is meant."""

from __future__ import annotations

import pytest

from rag.answer import Turn
from rag.rewrite.by_rule import standalone
from rag.rewrite.enumeration import listed, picked


@pytest.mark.parametrize(
    ("answer", "items"),
    [
        ("Two: to the sawmill at Tannau, and on foot to Lind.", ("the sawmill at Tannau", None)),
        ("- sleeping bag [1] - rain jacket [2]", ("sleeping bag", "rain jacket")),
        ("They are:\n1. Well Alder\n2) Well Birch", ("Well Alder", "Well Birch")),
        ("There are two plans: Basic and Pro.", ("Basic", "Pro")),
        ("- only this one [1]", ()),
        ("It opens at 9:30, and closes at six.", ()),
        ("Note: it is so. There are three: red, blue,\n or  green!", ("red", "blue", None)),
        (f"Two:{' ' * 1000}a{',' * 1000};", ()),  # takes no time to be told from a list
    ],
)
def test_what_an_answer_lists(answer: str, items: tuple[str | None, ...]) -> None:
    found = listed(answer)
    assert len(found) == len(items)
    assert all(item in (None, each) for each, item in zip(found, items, strict=True))


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("What does the first one cost?", "What does Basic cost?"),
        ("And the second?", "And Pro?"),
        ("Is the latter better?", "Is Pro better?"),
        ("What about the last one?", "What about Pro?"),
        ("How long is the first year?", None),
        ("Who was the first to join?", None),
        ("And the third one?", None),
    ],
)
def test_the_one_that_is_meant(question: str, meant: str | None) -> None:
    assert picked(question, ("Basic", "Pro")) == meant
    assert picked(question, ()) is None


def test_a_follow_up_may_point_at_the_answer() -> None:
    history = [
        Turn("user", "Which plans are there?"),
        Turn("assistant", "There are two plans: Basic and Pro. [1]"),
    ]
    assert standalone("What does the second one cost?", history, 200) == "What does Pro cost?"
