from __future__ import annotations

import pytest

from rag.answer import Passage
from rag.retrieve.filings import filings_first


def passage(number: int, uri: str, score: float, page: int | None = None) -> Passage:
    return Passage(number, uri, uri, "", "", page, 0, 1, "", score, number, score, 0.0)


def order(question: str, *passages: Passage) -> list[str]:
    found = filings_first(question, passages)
    assert [each.rank for each in found] == list(range(1, len(passages) + 1))
    return [each.uri for each in found]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What did Best Buy sell in Q2 of FY2024?", "BESTBUY_2024Q2_10Q.pdf"),
        ("What did Best Buy\u2019s stores sell in FY2023?", "BESTBUY_2023_10K.pdf"),
        ("What did bestbuy sell in 2024?", "BESTBUY_2024_10K.pdf"),
        ("What did JnJ sell in 2022?", "JOHNSON_JOHNSON_2022_10K.pdf"),
        ("What did J&J's plants make in 2022?", "JOHNSON_JOHNSON_2022_10K.pdf"),
        ("What did Johnson & Johnson sell?", "JOHNSON_JOHNSON_2022_10K.pdf"),
        ("Does Acme Tools pay?", "reports/acme-tools 2021.docx"),
        ("Is a buy best?", "OTHER_2022_10K.pdf"),
        ("What did Johnson sell in 2022?", "OTHER_2022_10K.pdf"),
        ("What was sold in 2024?", "OTHER_2022_10K.pdf"),
    ],
)
def test_the_filing_that_is_named_comes_first(question: str, first: str) -> None:
    found = order(
        question,
        passage(1, "OTHER_2022_10K.pdf", 0.56),
        passage(2, "notes.md", 0.55),
        passage(3, "BESTBUY_2023_10K.pdf", 0.54),
        passage(4, "BESTBUY_2024Q2_10Q.pdf", 0.53),
        passage(5, "BESTBUY_2024_10K.pdf", 0.52),
        passage(6, "JOHNSON_JOHNSON_2022_10K.pdf", 0.51),
        passage(7, "reports/acme-tools 2021.docx", 0.5),
    )
    assert found[0] == first


def test_far_better_passages_stay_before_those_of_the_filing() -> None:
    better, of_it = passage(1, "notes.md", 0.61), passage(2, "ACME_2022.pdf", 0.5)
    assert order("What did Acme say in 2022?", better, of_it) == ["notes.md", "ACME_2022.pdf"]


def test_a_page_gives_way_after_its_best_passage() -> None:
    # The second of page 3 counts 0.8 \u00d7 0.6 = 0.48 and the third 0.64 \u00d7 0.59 = 0.3776.
    found = filings_first(
        "Who pays?",
        [
            passage(1, "a.pdf", 0.7, 3),
            passage(2, "a.pdf", 0.6, 3),
            passage(3, "a.pdf", 0.59, 3),
            passage(4, "a.pdf", 0.5, 4),
            passage(5, "b.pdf", 0.4, 3),
        ],
    )
    assert [each.chunk_id for each in found] == [1, 4, 2, 5, 3]
    assert [each.score for each in found] == [0.7, 0.5, 0.6, 0.4, 0.59]


def test_passages_without_pages_stay_as_they_are() -> None:
    ordered = [passage(number, "a.md", 1 - number / 10) for number in range(1, 6)]
    assert filings_first("Who pays?", ordered) == ordered
