"""The answer in the documents' own sentences."""

from __future__ import annotations

from rag.answer import Passage
from rag.read.reader import Evidence, Reading
from rag.write.answerer import ExtractiveAnswerer


def passage(number: int, text: str, document_id: str, start: int) -> Passage:
    return Passage(
        *(number, document_id, f"{document_id}.txt", "", "", None),
        *(start, start + len(text), text, 0.5, number, 0.5, 0.5),
    )


def test_sentences_from_elsewhere_have_paragraphs_of_their_own() -> None:
    passages = [
        passage(1, "Ada kept it. Rain fell. She lit it.", "a", 0),
        passage(2, "She left it.", "a", 150),
        passage(3, "It burned.", "a", 400),
        passage(4, "Otto sold it.", "b", 0),
    ]
    places = [(1, 0, 12), (1, 24, 35), (2, 0, 12), (3, 0, 10), (4, 0, 13)]
    reading = Reading(tuple(Evidence(*each, 0.9) for each in places), None, 0.5)
    written = "".join(ExtractiveAnswerer().stream("Who?", passages, (), reading))
    # 115 characters lie between the second and the third sentence, 238 between the third and the
    # fourth, and the fifth is in another document.
    assert written == (
        "Ada kept it. [1] She lit it. [1] She left it. [2]\n\nIt burned. [3]\n\nOtto sold it. [4]"
    )
