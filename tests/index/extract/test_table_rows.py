"""Rows of cells to lines in which each cell knows its column's heading."""

from __future__ import annotations

import pytest

from index.extract.table_rows import tables


def _tables(text: str) -> list[str]:
    return list(tables(line.split(",") for line in text.split("\n")))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            "Region,Sales\nNorth,12\nSouth,",
            "Region | Sales\nRegion: North | Sales: 12\nRegion: South",
        ),
        ("a,b,c\nAssets,,\nx,1,2", "a | b | c\nAssets\na: x | b: 1 | c: 2"),
        (
            "Sales by region,,\n(in thousands),,\n,2020,2021\nNorth,1,2",
            "Sales by region\n(in thousands)\n2020 | 2021\n"
            "North | in thousands | 2020: 1 | 2021: 2",
        ),
        (
            ",2023,,2022,\n,Sold,Cost,Sold,Cost\nNorth,1,2,3,4",
            "2023 | 2022\nSold | Cost | Sold | Cost\n"
            "North | 2023 Sold: 1 | 2023 Cost: 2 | 2022 Sold: 3 | 2022 Cost: 4",
        ),
        ("Total: ,Note,x:\n5,ok,y", "Total: | Note | x:\nTotal: 5 | Note: ok | x: y"),
        (
            "Town,Sales,Share\n,EUR m,%\nKiel,1,2\nUlm,3,4",
            "Town | Sales | Share\nEUR m | %\n"
            "Town: Kiel | Sales EUR m: 1 | Share %: 2\nTown: Ulm | Sales EUR m: 3 | Share %: 4",
        ),
        (
            "EUR thousand,2022,2021\nSales,5,4\nMargin (%),7,8",
            "EUR thousand | 2022 | 2021\nSales | EUR thousand | 2022: 5 | 2021: 4\n"
            "Margin (%) | 2022: 7 | 2021: 8",
        ),
        ("EUR,USD\n1,2\n3,4", "EUR | USD\nEUR: 1 | USD: 2\nEUR: 3 | USD: 4"),
        ("1,2\n3,4", "1 | 2\n3 | 4"),
        ("Founded,1998\nClosed,2001", "Founded | 1998\nClosed | 2001"),
        ("Name:,Acme\nCity:,Bonn", "Name: | Acme\nCity: | Bonn"),
        ("Day,$ 5\n2024-05-06,(1.50)", "Day | $ 5\n2024-05-06 | (1.50)"),
        ("Only,row", "Only | row"),
        ("a\nb", "a\nb"),
    ],
)
def test_one_table(rows: str, expected: str) -> None:
    assert _tables(rows) == [expected]


def test_a_table_keeps_its_headings_beyond_an_empty_row() -> None:
    assert _tables("Item,2020\nCash,3\n,\nDebt,4\n\nA note.") == [
        "Item | 2020\nItem: Cash | 2020: 3",
        "Item: Debt | 2020: 4",
        "A note.",
    ]


def test_tables_beside_each_other_keep_their_own_headings() -> None:
    rows = ",a,b,,,\n,1.5,x,,c,d\n,,,,3,y"
    assert _tables(rows) == ["a | b\na: 1.5 | b: x", "c | d\nc: 3 | d: y"]


def test_an_empty_column_within_a_table_does_not_divide_it() -> None:
    assert _tables("Item,,2020,2021\nCash,,1,2") == [
        "Item | 2020 | 2021\nItem: Cash | 2020: 1 | 2021: 2"
    ]


def test_a_wider_row_after_an_empty_one_is_no_part_of_the_table() -> None:
    assert _tables("k,v\na,1\n,\n7,8,9") == ["k | v\nk: a | v: 1", "7 | 8 | 9"]
