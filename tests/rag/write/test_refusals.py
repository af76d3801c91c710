from __future__ import annotations

from rag.write.answerer import REFUSAL
from rag.write.outcome import ABSTENTION, NOTHING, UNSURE
from rag.write.refusals import NO_DOCUMENTS, NOTHING_MEETS, refuses


def test_an_earlier_answer_that_was_none_is_known_by_its_words() -> None:
    for text in (ABSTENTION, NOTHING, REFUSAL, NO_DOCUMENTS, NOTHING_MEETS):
        assert refuses(text)
        assert refuses(f" {text.lower()} ")
    for text in ("In Paris. [1]", f"{UNSURE} In Paris. [1]", ""):
        assert not refuses(text)
