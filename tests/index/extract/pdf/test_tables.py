"""The tables of figures on a PDF page, out of words in places."""

from __future__ import annotations

from collections.abc import Sequence

from index.extract.pdf.lines import Line, Word
from index.extract.pdf.tables import Table, tables_of

_SIZE = 8.0


def drawn(cells: Sequence[tuple[str, float]], baseline: float, size: float = _SIZE) -> Line:
    """A line of `cells`, each words and its left edge; a letter is half a font size wide."""
    words = []
    for text, left in cells:
        at = left
        for word in text.split():
            words.append(Word(word, at, at + len(word) * size / 2, baseline, size))
            at = words[-1].right + size / 4
    text = " ".join(word.text for word in words)
    return Line(text, words[0].left, words[-1].right, baseline, size, tuple(words))


def rows(lines: Sequence[Line]) -> list[str]:
    """The page: tables line by line, other lines as they are."""
    (items,) = tables_of([lines])
    written: list[str] = []
    for item in items:
        written += item.lines if isinstance(item, Table) else [item.text]
    return written


def test_headings_drawn_cell_by_cell_under_headings_over_two_columns() -> None:
    lines = [drawn([("Stores by country", 20)], 740, 10)]
    lines += [drawn([("2024", 232)], 720), drawn([("2023", 392)], 720)]
    for at in (200, 280, 360, 440):
        opened = "Opened" if at in (200, 360) else "Closed"
        lines += [drawn([("Stores", at)], 710), drawn([(opened, at)], 702)]
    lines.append(drawn([("Norway", 20), ("12", 216), ("3", 300), ("14", 376), ("5", 460)], 692))
    lines.append(drawn([("Sweden", 20), ("7", 220), ("2", 300), ("9", 380), ("1", 460)], 682))
    assert rows(lines)[0] == "Stores by country"
    assert rows(lines)[-2:] == [
        "Norway | 2024 Stores Opened: 12 | 2024 Stores Closed: 3 | 2023 Stores Opened: 14 "
        "| 2023 Stores Closed: 5",
        "Sweden | 2024 Stores Opened: 7 | 2024 Stores Closed: 2 | 2023 Stores Opened: 9 "
        "| 2023 Stores Closed: 1",
    ]


def test_a_heading_over_two_of_seven_columns_reaches_over_both() -> None:
    figures = [240, 290, 340, 390, 430, 480, 520]
    lines = [
        drawn([("Change", 402), ("Change", 492)], 720),
        drawn([("2022", 240), ("2021", 290), ("2020", 340)], 710),
        drawn([("22 on 21", 398), ("21 on 20", 488)], 710),
    ]
    lines.append(drawn([("Revenue", 20), *((f"1{n}", x) for n, x in enumerate(figures))], 700))
    lines.append(drawn([("Costs", 20), *((f"2{n}", x) for n, x in enumerate(figures))], 690))
    assert rows(lines)[-1] == (
        "Costs | 2022: 20 | 2021: 21 | 2020: 22 | Change 22 on 21: 23 | Change 22 on 21: 24 "
        "| Change 21 on 20: 25 | Change 21 on 20: 26"
    )


def test_a_period_over_all_columns_is_kept_and_the_title_is_not() -> None:
    lines = [
        drawn([("ACME", 320)], 736, 10),
        drawn([("13 Weeks Ended", 310)], 720),
        drawn([("January 28,", 280), ("January 29,", 360)], 710),
        drawn([("2023", 294), ("2022", 374)], 702),
        drawn([("Net sales", 20), ("3,226", 290), ("2,729", 370)], 692),
        drawn([("Costs", 20), ("2,014", 290), ("1,702", 370)], 682),
    ]
    assert rows(lines)[0] == "ACME"
    assert rows(lines)[-2] == (
        "Net sales | 13 Weeks Ended January 28, 2023: 3,226 "
        "| 13 Weeks Ended January 29, 2022: 2,729"
    )


def test_a_dash_beside_its_column_belongs_to_it() -> None:
    lines = [
        drawn([("Opened", 196), ("Closed", 276)], 710),
        drawn([("North", 20), ("4", 210), ("(1)", 286)], 700),
        drawn([("South", 20), ("-", 214.5), ("-", 290)], 690),
        drawn([("West", 20), ("18", 206), ("-", 290)], 680),
    ]
    assert rows(lines)[1:] == [
        "North | Opened: 4 | Closed: (1)",
        "South | Opened: - | Closed: -",
        "West | Opened: 18 | Closed: -",
    ]


def test_headings_far_left_of_their_figures() -> None:
    lines = [
        drawn([("July 29, 2023", 180), ("July 30, 2022", 290)], 710),
        drawn([("Phones", 20), ("41%", 236), ("42%", 346)], 700),
        drawn([("Services", 20), ("6%", 240), ("5%", 350)], 690),
    ]
    assert rows(lines)[1:] == [
        "Phones | July 29, 2023: 41% | July 30, 2022: 42%",
        "Services | July 29, 2023: 6% | July 30, 2022: 5%",
    ]
