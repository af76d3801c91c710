from __future__ import annotations

import pytest

from rag.answer import Passage
from rag.read.overview import asks_for_overview, overview
from rag.read.reader import Reading


@pytest.mark.parametrize(
    "question",
    [
        "What are these documents about?",
        "what is this document about",
        "What is in the documents?",
        "What is in my files?",
        "What are the files about?",
        "Summarize these documents.",
        "Give me an overview of the documents",
        "Describe this collection",
    ],
)
def test_it_knows_the_question(question: str) -> None:
    assert asks_for_overview(question)


@pytest.mark.parametrize(
    "question",
    [
        "What are these documents about North Korea saying?",
        "What is this about?",
        "Who wrote these documents?",
        "Describe the documents that the court required.",
        "What are the papers of a passport?",
    ],
)
def test_it_leaves_others_alone(question: str) -> None:
    assert not asks_for_overview(question)


def test_the_first_telling_sentence_of_each() -> None:
    texts = ["Report\n\nIn 2020 the river rose above its banks. It fell.", "Short one."]
    passages = [
        Passage(n, f"d{n}", "u", "T", "", None, 0, len(t), t, 0.0, n, 0.0, 0.0)
        for n, t in enumerate(texts, start=1)
    ]
    reading = overview(passages)
    found = [passages[e.passage - 1].text[e.start : e.end] for e in reading.sentences]
    assert found == ["In 2020 the river rose above its banks.", "Short one."]
    assert reading.confidence == 1.0
    assert overview([]) == Reading((), None, 0.0)
