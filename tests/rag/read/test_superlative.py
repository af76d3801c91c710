from __future__ import annotations

import pytest

from rag.answer import Passage
from rag.read.reader import Evidence, Reading
from rag.read.superlative import most_of_all

ROWS = [
    "Country: Japan | Hotel limit: £1,170 | Meals: £55",
    "Country: Spain | Hotel limit: £99.50 | Meals: £60",
    "Country: Kenya | Hotel limit: £180 | Meals: £60",
]
TEXT = "Limits\n\n" + "\n".join(ROWS) + "\n\nAsk first."


def passages(*texts: str) -> list[Passage]:
    return [
        Passage(n, "d", "u", "T", "", None, 100 * n, 100 * n + len(t), t, 0.0, n, 0.0, 0.0)
        for n, t in enumerate(texts, start=1)
    ]


def found(question: str, *texts: str, first: int = 1) -> tuple[list[str], str | None]:
    read = passages(*(texts or (TEXT,)))
    start = read[0].text.index(ROWS[first])
    reading = Reading((Evidence(1, start, start + len(ROWS[first]), 0.6),), "x", 0.7)
    told = most_of_all(question, read, reading)
    assert told.confidence == 0.7
    return [read[e.passage - 1].text[e.start : e.end] for e in told.sentences], told.short


@pytest.mark.parametrize(
    ("question", "rows", "short"),
    [
        ("Which country has the highest hotel limit?", [ROWS[0]], "Japan"),
        ("What is the lowest hotel limit?", [ROWS[1]], "£99.50"),
        ("Which country has the cheapest meals?", [ROWS[0]], "Japan"),
        ("Where are meals dearest, the highest sum for meals?", ROWS[1:], None),
        ("Which country is cheapest?", [ROWS[1]], "x"),  # of which column isn't said
        ("What is the highest hotel limit in Spain?", [ROWS[1]], "x"),
        ("Which country has a hotel limit?", [ROWS[1]], "x"),
    ],
)
def test_the_row_with_most_of_what_is_asked(
    question: str, rows: list[str], short: str | None
) -> None:
    assert found(question) == (rows, short)


def test_rows_of_other_passages_count_once_and_other_units_not_at_all() -> None:
    further = "Country: Peru | Hotel limit: £2,000 | Meals: £5"
    asked = "Which country has the highest hotel limit?"
    assert found(asked, TEXT, further) == ([further], "Peru")
    assert found(asked, TEXT, further.replace("£2", "$2")) == ([ROWS[1]], "x")


def test_a_number_in_a_head_tells_no_row_from_the_others() -> None:
    rows = [
        "Zone: Iberia | up to 5 kg: 12.40 | Days: 5",
        "Zone: Nordic | up to 5 kg: 8.90 | Days: 2",
    ]
    text = "\n".join(rows)
    reading = Reading((Evidence(1, 0, len(rows[0]), 0.6),), "x", 0.7)
    told = most_of_all("Which zone is the cheapest up to 5 kg?", passages(text), reading)
    assert told.short == "Nordic"


def test_the_column_may_be_called_otherwise() -> None:
    text = "Article: Plank | Price: 18.50 | Weight: 7.2 kg\nArticle: Oil | Price: 88 | Weight: 5 kg"
    reading = Reading((Evidence(1, 0, text.index("\n"), 0.6),), "x", 0.7)
    for question, short in (
        ("Which article is the most expensive?", "Oil"),
        ("Which article is the heaviest?", "Plank"),
        ("Which article is the best?", "x"),
    ):
        assert most_of_all(question, passages(text), reading).short == short


def test_what_was_compared_is_shown() -> None:
    read = passages(TEXT)
    start = TEXT.index(ROWS[1])
    unsure = Reading((Evidence(1, start, start + len(ROWS[1]), 0.6),), "x", 0.1)
    for question, confidence in (
        ("Which country has the highest hotel limit?", 0.3),
        ("Which country is the most expensive?", 0.1),
    ):
        assert most_of_all(question, read, unsure, 0.3).confidence == confidence


def test_a_sentence_stands() -> None:
    read = passages("Japan is dearest. It has the highest limit.")
    reading = Reading((Evidence(1, 0, 17, 0.6),), "Japan", 0.7)
    assert most_of_all("Which country has the highest limit?", read, reading) is reading
    assert most_of_all("Which is the highest?", read, Reading((), None, 0.0)).sentences == ()
