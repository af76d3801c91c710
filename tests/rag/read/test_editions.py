"""Which of two passages is of the later edition."""

from __future__ import annotations

import pytest

from rag.answer import Passage
from rag.read.editions import asks_for_earlier, edition, is_later, of_one_series


def passage(
    title: str = "", heading: str = "", text: str = "", uri: str = "u", date: str = ""
) -> Passage:
    metadata = {"date": date} if date else {}
    return Passage(
        1, "d", uri, title, heading, None, 0, len(text), text, 0.5, 1, 0.5, 0.5, metadata
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (passage("Travel policy 2025"), {"date": (2025,)}),
        (passage("Handbook", uri="file:///hr/handbook-v3.md"), {"version": (3,)}),
        (
            passage("Notes", "Notes › Version 2.10.1 (3 May 2024)"),
            {"version": (2, 10, 1), "date": (2024, 5, 3)},
        ),
        (passage("Tariff", text="Prices valid from 1 March 2023."), {"date": (2023, 3, 1)}),
        (passage("Tariff", text="Founded on 1 March 1923."), {}),
        (passage("Report", date="2021-06-30"), {"date": (2021, 6, 30)}),
        (passage("Room 2025 sqm 12,2025"), {"date": (2025,)}),
    ],
)
def test_a_passage_says_of_which_edition_it_is(
    found: Passage, expected: dict[str, tuple[int, ...]]
) -> None:
    assert edition(found) == expected


def test_the_heading_nearest_to_the_passage_counts() -> None:
    assert edition(passage("Notes 2.0", "Notes 2.0 › Version 1.9")) == {"version": (1, 9)}


def test_versions_are_compared_part_by_part() -> None:
    assert is_later(passage("Version 1.10"), passage("Version 1.9")) is True
    assert is_later(passage("Version 1.9"), passage("Version 1.10")) is False


def test_a_year_is_not_later_than_a_day_in_it() -> None:
    assert is_later(passage("Plan 2024"), passage("Plan", text="Valid from 1 May 2024.")) is None
    assert is_later(passage("Plan 2025"), passage("Plan", text="Valid from 1 May 2024.")) is True


def test_nothing_is_told_where_one_says_no_edition() -> None:
    assert is_later(passage("Plan 2024"), passage("Plan")) is None
    assert is_later(passage("Plan 2024"), passage("Version 3")) is None


def test_editions_of_one_series_differ_in_figures_only() -> None:
    assert of_one_series(passage("Travel policy 2022"), passage("Travel policy 2025"))
    assert of_one_series(passage("Guide", "Guide › Version 2.0"), passage("Guide", "Guide › v2.1"))
    assert not of_one_series(passage("Travel policy 2022"), passage("Meal policy 2025"))
    assert not of_one_series(passage("Guide", "Guide › Tea"), passage("Guide", "Guide › Coffee"))


def test_a_question_about_what_was_asks_for_no_latest_edition() -> None:
    assert asks_for_earlier("What was the previous allowance?")
    assert not asks_for_earlier("What is the allowance?")
