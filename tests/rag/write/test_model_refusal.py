"""Refusals, and what only looks like one."""

from __future__ import annotations

import pytest

from rag.write.answerer import REFUSAL
from rag.write.model_refusal import begins_by_refusing, refuses


@pytest.mark.parametrize(
    "sentence",
    [
        REFUSAL,
        "the passages DO NOT answer this",
        "I'm sorry, but the passages do not contain information about the capital of Peru.",
        "The provided passages don't mention it.",
        "The documents do not explicitly state when the office opened.",
        "The text does not specify a price.",
        "Unfortunately, the given context contains no information on that.",
        "The passages provide no answer to this question.",
        "There is no mention of a warranty in the passages.",
        "There is not enough information in the documents to answer the question.",
        "The date is not mentioned in the passages provided.",
        "This isn't directly stated in any of the documents.",
        "I cannot answer this question based on the passages.",
        "I don't know.",
        "I am unable to determine the answer.",
        "Based on the passages, I couldn’t find who wrote it.",
        "It is not possible to determine this from the passages.",
        "The question cannot be answered from what is given.",
        "Not specified.",
        "Unknown.",
        "N/A",
        "Die Passagen enthalten keine Antwort darauf.",
        "In den Dokumenten wird das nicht erwähnt.",
        "Les documents ne mentionnent pas la capitale.",
        "Los documentos no mencionan el precio.",
        "提供的文档没有提到这一点。",
    ],
)
def test_a_refusal_in_other_words(sentence: str) -> None:
    assert refuses(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The warranty does not cover water damage.",
        "Members do not need to answer before Monday.",
        "We do not provide refunds after 30 days.",
        "The information desk does not give out maps.",
        "The door cannot be opened from outside.",
        "No dogs are allowed.",
        "The passages say that ants dig tunnels.",
        "The documents must be signed, not stamped.",
        "Unknown visitors report to the desk.",
        "The contract is not available before May.",
    ],
)
def test_what_only_denies_something(sentence: str) -> None:
    assert not refuses(sentence)


def test_only_the_first_sentence_begins_a_text() -> None:
    assert begins_by_refusing("I'm sorry. The passages do not say. Ants dig.")
    assert not begins_by_refusing("Ants dig. The passages do not say where.")
    assert not begins_by_refusing("")
