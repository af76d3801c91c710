from __future__ import annotations

from index.text.embedded_text import embedded, without_figures


def test_rows_keep_their_words_and_each_heading_once() -> None:
    text = (
        "Balance sheet in 2022.\n"
        "Goodwill | 2022: $78,150 | 2021: (79,121)\n"
        "Held for sale | 2022: 908 | 2021: —\n"
        "Region: North | Sales: 12"
    )
    assert without_figures(text) == (
        "Balance sheet in 2022.\nGoodwill | 2022 | 2021\nHeld for sale\nRegion: North | Sales"
    )


def test_text_without_rows_is_embedded_as_it_is() -> None:
    assert embedded("Title", "A", "In 2022: 12 ships.") == "Title › A\nIn 2022: 12 ships."


def test_the_unit_that_every_row_repeats_is_embedded_once() -> None:
    rows = (
        "Sales | in EUR thousand | 2022: 5\nCosts | in EUR thousand | 2022: 4\n"
        "Kiel | open\nUlm | open"
    )
    assert without_figures(rows) == "Sales | in EUR thousand | 2022\nCosts\nKiel | open\nUlm | open"
