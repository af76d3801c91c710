"""What is taken for a word where signs don't say it."""

from __future__ import annotations

import pytest

from index.text.content_words import content_words
from index.text.word_signs import asked, is_in_signs, spaced


@pytest.mark.parametrize(
    ("text", "indexed", "looked_for"),
    [
        ("洗衣机", " 洗 衣 机 洗衣 衣机 ", " 洗衣 衣机 "),
        ("桥", " 桥 ", " 桥 "),
        ("重跑gen-itgc后", " 重 跑 重跑 gen-itgc 后 ", " 重跑 gen-itgc 后 "),
        ("สะพาน", " สะ ะพ พา าน สะพ ะพา พาน ", " สะพ ะพา พาน "),
        ("ที่นี่ is", " ทน  is", " ทน  is"),  # the signs over the letters are left out
        ("เรือ 12", " เร รอ เรอ  12", " เรอ  12"),
        ("ຝົນ", " ຝນ ", " ຝນ "),
        ("CO₂ at $320¹", "CO2 at $320 ", "CO2 at $320 "),
        ("Ärger, plain", "Ärger, plain", "Ärger, plain"),
    ],
)
def test_words_without_spaces(text: str, indexed: str, looked_for: str) -> None:
    assert spaced(text) == indexed
    assert asked(text) == looked_for


def test_the_words_of_a_chinese_question() -> None:
    assert content_words("洗衣机 in the house") == ["洗衣", "衣机", "house"]


def test_a_text_is_in_signs_where_most_of_its_letters_are() -> None:
    assert [is_in_signs(text) for text in ("馆长是谁？", "CT 是什么检查？", "いくらですか")] == [
        True
    ] * 3
    assert [is_in_signs(text) for text in ("Who is 馆长?", "Où ?", "2024?", "")] == [False] * 4
