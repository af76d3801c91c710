"""Questions in Chinese and Japanese, which the model was not trained on."""

from __future__ import annotations

import pytest

from rag.answer import Passage
from rag.read.signs import DOUBT, read_signs

TEXTS = {
    "图书馆": "图书馆每天上午九点开门，晚上八点关门。馆长是王芳。逾期罚款为每天两角。",
    "游泳馆": "游泳馆每天早上七点开门。门票二十元，学生半价。",
    "食堂": "食堂供应早餐、午餐和晚餐。午餐时间是十一点半到一点。",
    "駐車場": "駐車場は一時間五百円です。職員は無料です。",
}


def passages(*titles: str) -> list[Passage]:
    return [
        Passage(n, title, "u", title, "", None, 0, len(TEXTS[title]), TEXTS[title], 1, n, 1, 1)
        for n, title in enumerate(titles or TEXTS, start=1)
    ]


@pytest.mark.parametrize(
    ("question", "sentence", "confidence"),
    [
        ("馆长是谁？", "馆长是王芳。", 0.6),
        ("午餐时间是几点？", "午餐时间是十一点半到一点。", 0.6),
        ("罚款是多少？", "逾期罚款为每天两角。", 0.6),
        ("駐車場はいくらですか", "駐車場は一時間五百円です。", 0.6),
    ],
)
def test_the_sentence_that_holds_what_is_asked_may_answer(
    question: str, sentence: str, confidence: float
) -> None:
    found = passages()
    reading = read_signs(question, found, 0.6)
    assert reading is not None
    (one,) = reading.sentences
    assert found[one.passage - 1].text[one.start : one.end] == sentence
    assert reading.confidence == pytest.approx(confidence)
    assert (reading.doubt, reading.calibrated) == (DOUBT, False)


def test_a_heading_counts_for_half() -> None:
    # Of 游泳, 泳馆 and 门票 the first sentence holds two; the second one, and its heading two.
    found = passages("游泳馆")
    reading = read_signs("游泳馆的门票多少钱？", found, 0.6)
    assert reading is not None
    told = [found[0].text[one.start : one.end] for one in reading.sentences]
    assert told == ["游泳馆每天早上七点开门。", "门票二十元，学生半价。"]


def test_less_than_half_is_nothing() -> None:
    reading = read_signs("校长办公室在哪里？", passages(), 0.6)
    assert reading is not None
    assert (reading.sentences, reading.confidence) == ((), 0.0)
    nothing = read_signs("馆长是谁？", [], 0.6)
    assert nothing is not None
    assert nothing.sentences == ()


def test_a_question_in_letters_is_none_of_its() -> None:
    assert read_signs("Who leads the 图书馆?", passages(), 0.6) is None
