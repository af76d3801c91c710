"""The row of the thing asked for, and those of others."""

from __future__ import annotations

import pytest

from rag.read.another import (
    is_looked_up,
    is_of_another,
    named_row,
    names_another,
    of_the_named,
    with_antecedent,
    with_the_code,
)
from rag.read.cells import cells
from rag.read.identifiers import lacking


@pytest.mark.parametrize(
    ("question", "best", "text", "other"),
    [
        ("9087", "PPX-9087: it drifts.", "PPX-9078: wrong voltage.", True),
        ("9087", "There are 9087 of them.", "There were 9078 before.", False),
        ("How much is PRT-1?", "PRT-1: bolt, 3 euros", "PRT-2: nut, 4 euros", True),
        ("How much is PRT-1?", "PRT-1: bolt, 3 euros", "All prices are without tax.", False),
        ("Compare E5 and E7", "E5 | no water", "E7 | no air", False),
        ("Compare E5 and E7", "E5 | no water", "E6 | no oil", True),
        ("Sales of 2023?", "2023 | 12 | 3", "2022 | 11 | 4", True),
        ("Why did sales fall in 2023?", "They fell in 2023.", "Lyon closed in 2022.", False),
        ("Who runs the office in Paris?", "The office in Paris: Ann.", "The office in Lyon.", True),
        ("The limit in Japan?", "Land: Japan | Limit: 170", "Land: Chad | Limit: 145", True),
        ("Japan or Chad?", "Land: Japan | Limit: 170", "Land: Chad | Limit: 145", False),
        ("Which limits are there?", "Land: Japan | Limit: 170", "Land: Chad | Limit: 145", False),
        ("Its limit in Japan?", "Land: Japan | Limit: 170", "Land: Japan | Limit: 90", False),
        ("The limit in Japan?", "Land: Japan | Limit: 170", "Site: Chad | Limit: 145", False),
    ],
)
def test_what_is_of_another(question: str, best: str, text: str, other: bool) -> None:
    lacks = [lacking(question, [each]) for each in (best, text)]
    assert is_of_another(question, best, lacks[0], text, lacks[1]) is other


def test_the_row_that_the_question_names() -> None:
    rows = [
        "Country: United Kingdom, elsewhere | Meals: 48",
        "Country: United States | Meals: 60",
        "State: United States | Meals: 61",
    ]
    assert named_row("What are daily meals in the United States?", rows) == 1
    assert named_row("what are meals in the united kingdom, elsewhere", rows) == 0
    assert named_row("What are daily meals?", rows) == 0
    assert named_row("The United States?", ["It is large.", rows[1]]) == 0
    assert named_row("The United States?", []) == 0
    assert named_row("The United States?", ["Item | Essential", "Cash | 500"]) == 0


def test_rows_without_the_names_of_their_columns_stay_as_they_are() -> None:
    raw = ["B12    Atropine    monthly", "Code    Antidote    Check"]
    assert named_row("Which antidote has the code B12, and when is its check?", raw) == 0


def test_what_holds_the_code_of_the_question_comes_first() -> None:
    lines = ["PPX-9078: wrong voltage.", "A scale is calibrated.", "PPX-9087: it drifts."]

    def place(question: str) -> int:
        return with_the_code(question, [lacking(question, [line]) for line in lines])

    assert place("What is PPX-9087?") == 2
    assert place("What is PPX-9078?") == 0
    assert place("What is PPX-1111?") == 0
    assert place("What do PPX-9087 and PPX-1111 share?") == 0
    assert place("What drifts by 9087?") == 0  # a number may count
    assert with_the_code("What is PPX-9087?", []) == 0


def test_cells_have_heads_or_places() -> None:
    assert cells("Code: E2 | Remedy: call us: now") == {"Code": "E2", "Remedy": "call us: now"}
    assert cells("E2 | call us") == {"0": "E2", "1": "call us"}
    assert cells("E2\t\tcall us    soon") == {"0": "E2", "1": "call us", "2": "soon"}
    assert cells("Code: E2 was found, and the service called.") == {}


def test_a_code_is_looked_up_where_it_stands_in_few_sentences() -> None:
    texts = ["PRT-1: bolt", "PRT-2: nut"]
    assert is_looked_up("How much is PRT-1?", texts[0], "", texts)
    assert not is_looked_up("How much is PRT-1?", texts[1], "", texts)
    assert not is_looked_up("How much is PRT-1?", texts[0], "", [texts[0]] * 4)
    assert not is_looked_up("What came in 2024 with 5.0?", "2024: 5.0", "", ["2024: 5.0"])


def test_a_version_is_looked_up_by_the_heading_of_what_is_under_it() -> None:
    under = "Release notes 4.0 › 2.3.0 (9 January 2025)"
    assert is_looked_up("What is new in 2.3.0?", "- A guest network.", under, [])
    assert not is_looked_up("What is new in 2.4.0?", "- A guest network.", under, [])
    assert not is_looked_up("What is new in 4.0?", "- A guest network.", under, [])
    assert not is_looked_up("What was new in 2025?", "- A guest network.", under, [])


def test_a_sentence_is_about_what_its_pronoun_points_back_to() -> None:
    text = "Labs\n\nThe laboratory in Oslo is new. It has a dock. Its head is Berg.\n\nIts end."

    def full(said: str) -> str:
        return with_antecedent(text, text.index(said), text.index(said) + len(said))

    assert full("Its head is Berg.") == (
        "The laboratory in Oslo is new. It has a dock. Its head is Berg."
    )
    assert full("It has a dock.") == "The laboratory in Oslo is new. It has a dock."
    assert full("The laboratory in Oslo is new.") == "The laboratory in Oslo is new."
    assert full("Its end.") == "Its end."


@pytest.mark.parametrize(
    ("question", "text", "another"),
    [
        ("Who heads the laboratory in Turin?", "The laboratory in Oslo. Its head is Berg.", True),
        ("Who heads the laboratory in Turin?", "The laboratory in Turin. Its head: Neri.", False),
        ("Who heads the laboratory in Turin?", "Its head is Berg.", False),
        ("Who is the ferry Aurora’s captain?", "The ferry Borea. Her captain is Holm.", True),
        ("Who is the ferry Aurora’s captain?", "The ferry Aurora and the ferry Borea.", False),
        ("What is the Aurora?", "The Borea is a ferry.", False),
    ],
)
def test_another_name_in_the_place_of_the_one_asked_for(
    question: str, text: str, another: bool
) -> None:
    assert names_another(question, text) is another


def test_the_sentence_of_the_name_asked_for() -> None:
    asked = "Who heads the laboratory in Turin?"
    oslo, turin = "The laboratory in Oslo: Berg.", "The laboratory in Turin: Neri."
    assert of_the_named(asked, [oslo, "It closes at six.", turin]) == 2
    assert of_the_named(asked, [turin, oslo]) == 0
    assert of_the_named(asked, [oslo, "It closes at six."]) == 0
    assert of_the_named("Who heads it?", [oslo, turin]) == 0
    assert of_the_named(asked, []) == 0
