from __future__ import annotations

import pytest

from rag.cite.column_heads import heads_above

ROW = "Hose      TD-2       12.40"


@pytest.mark.parametrize(
    ("before", "row", "expected"),
    [
        (
            "Name      Number     Price\nLid       TD-1       4.00\n",
            ROW,
            "Name      Number     Price",
        ),
        ("Spare parts\n\n  Number     Price\n  -----      -----\n", ROW, "Number     Price"),
        ("Spare parts\nName\tNumber\tPrice\n", "Hose\tTD-2\t12.40", "Name\tNumber\tPrice"),
        ("Name   Role\n===========\nAda    Chair\n", "Bob    Clerk", "Name   Role"),
        ("Ada    Chair\n", "Bob    Clerk", None),  # it may be a row like the other
        ("Lid       TD-1       4.00\n", ROW, None),
        ("Name      Number     Price\n\n", ROW, None),  # another table
        ("Name      Number     Price\n", "The hose costs 12.40.", None),
        ("Name | Price\n", "Name: Hose | Price: 12.40", None),  # it names its columns
        ("", ROW, None),
    ],
)
def test_the_heads_of_the_columns_above_a_row(before: str, row: str, expected: str | None) -> None:
    found = heads_above(before, row)
    assert (before[slice(*found)] if found else None) == expected
