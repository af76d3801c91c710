"""The row of the thing asked for, and those of others."""

from __future__ import annotations

import pytest

from rag.read.another import is_looked_up, is_of_another, named_row
from rag.read.cells import cells
from rag.read.identifiers import lacking


@pytest.mark.parametrize(
    ("question", "best", "text", "other"),
    [
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


def test_cells_have_heads_or_places() -> None:
    assert cells("Code: E2 | Remedy: call us: now") == {"Code": "E2", "Remedy": "call us: now"}
    assert cells("E2 | call us") == {"0": "E2", "1": "call us"}
    assert cells("E2\t\tcall us    soon") == {"0": "E2", "1": "call us", "2": "soon"}
    assert cells("Code: E2 was found, and the service called.") == {}


def test_a_code_is_looked_up_where_it_stands_in_few_sentences() -> None:
    texts = ["PRT-1: bolt", "PRT-2: nut"]
    assert is_looked_up("How much is PRT-1?", texts[0], texts)
    assert not is_looked_up("How much is PRT-1?", texts[1], texts)
    assert not is_looked_up("How much is PRT-1?", texts[0], [texts[0]] * 4)
    assert not is_looked_up("What came in 2024 with 5.0?", "2024: 5.0", ["2024: 5.0"])
