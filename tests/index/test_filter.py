from __future__ import annotations

import pytest

from index.errors import InvalidFilter
from index.filter import Condition, parse_filter


def test_the_three_forms() -> None:
    assert parse_filter(None) == parse_filter({}) == ()
    assert parse_filter(
        {"author": "X", "year": [2023, 2024], "date": {"from": "2023-01", "to": "2023-12-31"}}
    ) == (
        Condition("author", values=("X",)),
        Condition("year", values=(2023, 2024)),
        Condition("date", low="2023-01", high="2023-12-31"),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"author": None},
        {"author": []},
        {"author": [["x"]]},
        {"date": {}},
        {"date": {"since": "2023"}},
        {"date": {"from": None}},
        {"date": {"from": ""}},
        {"date": {"from": True, "to": []}},
        {"": "x"},
        {"year": 10**30},
        {"year": float("nan")},
        {"author": "\ud800"},
        {"\udcff": "x"},
        {f"key {n}": "x" for n in range(101)},
    ],
)
def test_anything_else_is_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidFilter, match="filter"):
        parse_filter(wrong)
