"""Which lines of a PDF are headings, by their font."""

from __future__ import annotations

from index.extract.pdf.headings import Title, with_headings
from index.extract.pdf.lines import Line, Word


def line(text: str, baseline: float, size: float = 10, bold: bool = False) -> Line:
    right = 50 + len(text) * size / 2
    return Line(text, 50, right, baseline, size, (Word(text, 50, right, baseline, size, bold),))


def titles(*lines: Line) -> list[tuple[str, int]]:
    prose = [
        line("Words of the text that run on and on and make a paragraph.", 100 - n) for n in (0, 12)
    ]
    (page,) = with_headings([[*lines, *prose]], {})
    return [(item.text, item.level) for item in page if isinstance(item, Title)]


def test_small_bold_letters_are_the_heads_of_columns() -> None:
    assert titles(line("Stores", 300, bold=True), line("In millions", 250, 9, bold=True)) == [
        ("Stores", 2)
    ]


def test_an_abbreviation_is_not_set_in_capitals() -> None:
    found = titles(
        line("PART ONE", 700, bold=True),
        line("Overview", 650, bold=True),
        line("COVID-19", 600, bold=True),
        line("Outlook", 550, bold=True),
    )
    assert found == [("PART ONE", 2), ("Overview", 3), ("COVID-19", 3), ("Outlook", 3)]


def test_the_middle_of_a_bold_paragraph_is_no_heading() -> None:
    sentence = [
        "The company will treat its results of",
        "the year as those of",
        "an operation that it has",
    ]
    assert (
        titles(
            *(
                line(text, 700 - 12 * n, bold=True)
                for n, text in enumerate([*sentence, "sold since", "."])
            )
        )
        == []
    )


def test_an_item_of_a_list_is_no_heading() -> None:
    assert titles(line("• Company keeps its dividend", 700, bold=True)) == []
