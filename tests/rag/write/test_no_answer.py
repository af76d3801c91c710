from __future__ import annotations

from rag.write.answerer import REFUSAL
from rag.write.no_answer import NO_DOCUMENTS, NOTHING_MEETS, is_no_answer
from rag.write.outcome import ABSTENTION, NOTHING, UNSURE


def test_an_earlier_answer_that_was_none_is_known_by_its_words() -> None:
    for text in (ABSTENTION, NOTHING, REFUSAL, NO_DOCUMENTS, NOTHING_MEETS):
        assert is_no_answer(text)
        assert is_no_answer(f" {text.lower()} ")
    for text in ("In Paris. [1]", f"{UNSURE} In Paris. [1]", ""):
        assert not is_no_answer(text)
