from __future__ import annotations

from api.cli.terminal import NOT_SUPPORTED, answer_lines
from rag.answer import Answer, Sentence


def test_a_sentence_that_nothing_supports_is_marked() -> None:
    sentences = (Sentence("Ants dig. [1]", (1,), 1.0, True), Sentence("They fly.", (), 0.0, False))
    text = "Ants dig. [1] They fly. Yes."
    answer = Answer(text, None, True, 0.9, (), (), "q", "chat", {}, sentences=sentences)
    assert next(answer_lines(answer)) == f"Ants dig. [1] They fly. {NOT_SUPPORTED} Yes."
