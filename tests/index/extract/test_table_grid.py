"""Cells as files hold them to lines in which each cell knows its column and its row."""

from __future__ import annotations

import pytest

from index.extract.table_grid import Cell, grid_lines


def _plain(text: str) -> list[list[Cell]]:
    return [[Cell(cell) for cell in line.split(",")] for line in text.split("\n")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (",2022,2021\nAssets\nCash,$1,$2", "2022 | 2021\nAssets\nCash | 2022: $1 | 2021: $2"),
        (
            "Region,Sales\nNorth,12\nSouth,",
            "Region | Sales\nRegion: North | Sales: 12\nRegion: South",
        ),
        ("Cash,3\nDebt,4", "Cash | 3\nDebt | 4"),  # no headings
        ("Name,Ada\nRole,Clerk", "Name | Ada\nRole | Clerk"),  # pairs of words
        ("Plan,For,Price\nFree,one,$0", "Plan | For | Price\nPlan: Free | For: one | Price: $0"),
        (",\n,", ""),
    ],
)
def test_headings_that_are_not_marked(rows: str, expected: str) -> None:
    assert "\n".join(grid_lines(_plain(rows))) == expected


def test_marked_headings_may_stand_over_words_alone() -> None:
    rows = [[Cell("Name", heading=True), Cell("", heading=True)], [Cell("Ada"), Cell("Clerk")]]
    assert grid_lines(rows) == ["Name", "Name: Ada | Clerk"]


def test_merged_headings_reach_over_their_columns_and_rows() -> None:
    rows = [
        [Cell("Sales", columns=5)],
        [Cell("Item", rows=2), Cell("2023", columns=2), Cell("2022", columns=2)],
        [Cell("Sold"), Cell("Cost"), Cell("Sold"), Cell("Cost")],
        [Cell("North"), Cell("1"), Cell("2"), Cell("3"), Cell("4")],
    ]
    for above in (0, 1):
        assert grid_lines(rows[1 - above :])[above:] == [
            "Item | 2023 | 2022",
            "Sold | Cost | Sold | Cost",
            "Item: North | 2023 Sold: 1 | 2023 Cost: 2 | 2022 Sold: 3 | 2022 Cost: 4",
        ]


def test_a_label_merged_over_rows_is_in_each() -> None:
    rows = [
        [Cell("Region"), Cell("Year"), Cell("Sales")],
        [Cell("North", rows=2), Cell("2022"), Cell("5")],
        [Cell("2023"), Cell("6")],
        [Cell("South"), Cell("both", columns=2)],
    ]
    assert grid_lines(rows)[1:] == [
        "Region: North | Year: 2022 | Sales: 5",
        "Region: North | Year: 2023 | Sales: 6",
        "Region: South | Year / Sales: both",
    ]


def test_signs_in_cells_of_their_own() -> None:
    over = [Cell(""), Cell("2022", columns=3), Cell("2021", columns=3)]
    row = [Cell("Change"), Cell("$"), Cell("(3.2"), Cell(")"), Cell(""), Cell("1.0"), Cell("%")]
    assert grid_lines([over, row]) == ["2022 | 2021", "Change | 2022: $(3.2) | 2021: 1.0%"]


def test_spans_beyond_reason_are_cut() -> None:
    rows = [[Cell("a", columns=10**9, rows=10**9), Cell("b")], [Cell("c")]]
    assert grid_lines(rows) == ["a | b", "a | b: c"]
