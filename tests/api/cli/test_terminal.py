from __future__ import annotations

from api.cli.terminal import NOT_SUPPORTED, answer_lines, understood_lines
from rag.answer import Answer, Citation, Sentence, Stretch


def test_a_sentence_that_nothing_supports_is_marked() -> None:
    sentences = (Sentence("Ants dig. [1]", (1,), 1.0, True), Sentence("They fly.", (), 0.0, False))
    text = "Ants dig. [1] They fly. Yes."
    answer = Answer(text, None, True, 0.9, (), (), "q", "chat", {}, sentences=sentences)
    assert next(answer_lines(answer)) == f"Ants dig. [1] They fly. {NOT_SUPPORTED} Yes."


def test_a_source_that_footnote_found_says_so() -> None:
    cited = Citation(1, "d", "a.md", "Ants", None, 0, 9, "Ants dig.", 1.0, attributed=True)
    answer = Answer("Ants dig. [1]", None, "answered", 0.9, (cited,), (), "q", "chat", {})
    assert "\n[1] Ants — a.md  (found by Footnote)" in list(answer_lines(answer))


def test_a_row_is_shown_under_the_heads_of_its_columns() -> None:
    heads = Stretch(0, 12, "Name   Price")
    cited = Citation(1, "d", "a.md", "Ants", None, 13, 22, "Lid   4.0", 1.0, column_heads=heads)
    answer = Answer("Lid 4.0 [1]", None, "answered", 0.9, (cited,), (), "q", "reader", {})
    lines = list(answer_lines(answer))
    assert lines[lines.index("    “Lid 4.0”") - 1] == "    columns: Name   Price"


def test_a_question_that_was_understood_otherwise_is_shown() -> None:
    answer = Answer("Ants dig. [1]", None, "answered", 0.9, (), (), "Who digs?", "reader", {})
    assert list(understood_lines("Hi! Who digs?", answer)) == ["Understood as: Who digs?\n"]
    assert list(understood_lines(" Who \n digs? ", answer)) == []
