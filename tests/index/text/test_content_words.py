from __future__ import annotations

import pytest

from index.text.content_words import content_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When did the war begin?", ["war", "begin"]),
        ("Who are you?", ["who", "are", "you"]),
        ("C++ and c++ and Ärger_x", ["c", "ärger_x"]),
        ("?!", []),
        ("Sales of 13,452 in FY2022", ["sales", "13,452", "fy2022", "2022"]),
        ("re\u0301sume\u0301", ["résumé"]),
    ],
)
def test_content_words(text: str, expected: list[str]) -> None:
    assert content_words(text) == expected
