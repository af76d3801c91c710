from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answer import Passage
from rag.read.overview import (
    about,
    asks_for_overview,
    catalogue,
    document_asked_for,
    overview,
    telling,
    those_about,
    topic_asked_for,
)
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
        "Which documents can you access?",
        "What documents are in your knowledge base?",
        "What files have I uploaded so far?",
        "What have we uploaded?",
        "What's in the files?",
        "Tell me about the documents",
        "Summarize everything",
        "Could you give me a short overview of all files?",
        "How many docs are in the collection?",
        "What topics do the documents cover?",
        "What information is in my files?",
        "What do these papers deal with?",
        "What can I find in the library?",
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
        "What have I to pay?",
        "What may I use?",
        "What can you see?",
        "What do I have to do?",
        "What topics do the exams cover?",
        "Which documents did the court see?",
        "What can I use the voucher for?",
        "What did you find on the roof?",
        "Tell me about everything that the policy covers",
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
        ("What does the report say?", "report"),
        ("What’s in fees.md?", "fees.md"),
        ("main points of the document fees", "fees"),
        ("tl;dr of fees.md", "fees.md"),
        ("What does fees.md contain, please?", "fees.md"),
        ("What does the report say on noise?", ""),
    ],
)
def test_the_document_that_an_overview_is_wanted_of(question: str, name: str) -> None:
    assert document_asked_for(question) == name


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("What files do you have about travel costs?", "travel costs"),
        ("Which documents mention the boiler?", "the boiler"),
        ("List all documents on noise, please", "noise"),
        ("How many files are there about dogs?", "dogs"),
        ("Do you have any documents about “fees”?", "fees"),
        ("Which documents are needed for a passport?", ""),
        ("What files do you have?", ""),
        ("What does the report say about noise?", ""),
    ],
)
def test_the_topic_that_documents_are_wanted_of(question: str, topic: str) -> None:
    assert topic_asked_for(question) == topic


def test_documents_about_a_topic_hold_all_its_words() -> None:
    texts = ["Costs rise. Travel has costs.", "Travel is fun.", "The cost of travelling is 4."]
    passages = [
        Passage(n, f"d{n}", "u", "T", "", None, 0, len(t), t, 0.0, n, 0.0, 0.0)
        for n, t in enumerate([*texts, texts[0]], start=1)
    ]
    passages[3] = replace(passages[3], document_id="d1")
    found = about("travel costs", passages)
    assert [each.chunk_id for each in found] == [1, 3]
    found = about("travel", passages)
    assert [each.chunk_id for each in found] == [1, 2, 3]
    reading = telling("travel", found, "Three:")
    said = [found[e.passage - 1].text[e.start : e.end] for e in reading.sentences]
    assert said == ["Travel has costs.", *texts[1:3]]
    assert those_about("a", ["x.md"], 9) == "Of 9 documents, one was found about a: x.md."
    assert those_about("a", ["x", "y"], 9) == "Of 9 documents, 2 were found about a: x, y."


def test_the_catalogue_in_a_sentence() -> None:
    assert catalogue(["a.md"], 1, 1) == "There is one document: a.md."
    assert (
        catalogue(["a.md", "b.md", "c.md"], 3, 3) == "There are 3 documents: a.md, b.md and c.md."
    )
    many = catalogue([f"{n}.md" for n in range(12)], 40, 5)
    assert many.startswith("There are 40 documents, among them 0.md, 1.md, ")
    assert many.endswith(", 11.md. This is how 5 of them begin:")
