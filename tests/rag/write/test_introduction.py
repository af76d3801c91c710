from __future__ import annotations

import pytest

from rag.write.introduction import INTRODUCTION, asks_about_footnote, introduction


@pytest.mark.parametrize(
    "question",
    [
        "What can you do?",
        "hi, what can you do for me?",
        "Who are you?",
        "What is Footnote?",
        "How do you work?",
        "what can I ask you",
        "Tell me about yourself.",
        "Are you a bot?",
        "help",
    ],
)
def test_it_is_asked_about_itself(question: str) -> None:
    assert asks_about_footnote(question)


@pytest.mark.parametrize(
    "question",
    [
        "What can you do with a library card?",
        "Who are you allowed to invite?",
        "What is a footnote?",
        "What can I do if the lift is stuck?",
        "How does it work?",
        "What does it do?",
        "What should I do?",
        "Tell me about the festival.",
    ],
)
def test_it_is_asked_about_something_else(question: str) -> None:
    assert not asks_about_footnote(question)


def test_it_says_how_many_documents_there_are() -> None:
    assert introduction(1) == f"{INTRODUCTION} You can ask me about one document."
    assert introduction(1200) == f"{INTRODUCTION} You can ask me about 1,200 documents."
    assert introduction(0).startswith(f"{INTRODUCTION} There are no documents yet")
