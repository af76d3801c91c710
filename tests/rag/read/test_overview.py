from __future__ import annotations

import pytest

from rag.answer import Passage
from rag.read.overview import asks_for_overview, catalogue, document_asked_for, overview
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
        "What files do you have?",
        "How many documents do you have?",
        "how many files are there",
        "list the files",
        "List all documents, please.",
        "Give me a summary",
        "What is the context about?",
        "Please show me the uploaded documents",
        "Which documents are available?",
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
        "How many documents do I need for a passport?",
        "List the files that a visa needs.",
        "How many files are there in a cabinet of type B?",
        "Give me a summary of the rules on noise.",
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


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Summarise the document fees.md", "fees.md"),
        ("Please summarize fees", "fees"),
        ("What is the file Annual Report about?", "Annual Report"),
        ("Give me an overview of “Fees 2025”.", "Fees 2025"),
        ("What does the report say?", ""),
    ],
)
def test_the_document_that_an_overview_is_wanted_of(question: str, name: str) -> None:
    assert document_asked_for(question) == name


def test_the_catalogue_in_a_sentence() -> None:
    assert catalogue(["a.md"], 1) == "There is one document: a.md."
    assert catalogue(["a.md", "b.md", "c.md"], 3) == "There are 3 documents: a.md, b.md and c.md."
    many = catalogue([f"{n}.md" for n in range(12)], 40)
    assert many.startswith("There are 40 documents, among them 0.md, 1.md, ")
    assert many.endswith(", 11.md.")
