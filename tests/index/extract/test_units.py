"""What lines above tables say of the unit of their figures."""

from __future__ import annotations

import pytest

from index.extract.units import has_own, is_unit, unit_in, with_unit


@pytest.mark.parametrize(
    ("line", "unit"),
    [
        ("in EUR thousand", "in EUR thousand"),
        ("(in millions)", "in millions"),
        ("($ in millions, except per share amounts)", "$ in millions"),
        (
            "$ and shares in millions, except per share amounts (unaudited)",
            "$ and shares in millions",
        ),
        ("All figures in kg.", "All figures in kg"),
        (
            "All amounts are stated in thousands of euros",
            "All amounts are stated in thousands of euros",
        ),
        ("Amounts in US$ thousands", "Amounts in US$ thousands"),
        ("Unit: mm", "Unit: mm"),
        ("Angaben in Mio. EUR", "Angaben in Mio. EUR"),
        ("EUR thousand", "EUR thousand"),
        ("TEUR", "TEUR"),
        ("Table 3: Sales by region (in EUR thousand)", "in EUR thousand"),
        ("Table 4. Harvest (tonnes per year)", "tonnes per year"),
        ("The following table shows revenue in EUR million:", "in EUR million"),
        ("In minutes, the crew repaired it", ""),
        ("In thousands, unaudited", "In thousands"),
        ("Sales by region", ""),
        ("In May the office moved to Kiel.", ""),
        ("Millions of visitors came", ""),
        ("in the year 2022", ""),
        ("Depreciation (see note 4)", ""),
        ("m", ""),
        ("", ""),
    ],
)
def test_what_a_line_states(line: str, unit: str) -> None:
    assert unit_in(line) == unit


def test_units_alone_and_of_rows() -> None:
    units, others = ("EUR m", "(kg)", "%", "mg/l", "EUR"), ("Kiel", "2022", "")
    assert [is_unit(text) for text in (*units, *others)] == [True] * 5 + [False] * 3
    labels = ("Margin (%)", "Earnings per share", "Income (loss)", "Staff (FTE)", "Sales")
    assert [has_own(label) for label in labels] == [True, True, False, True, False]


def test_a_row_gets_the_unit_behind_its_label() -> None:
    row = ["Sales", "2022: 34", "2021: 35"]
    assert with_unit(row, "EUR m", ["34", "35"]) == ["Sales", "EUR m", "2022: 34", "2021: 35"]
    for label, figures in [("Margin (%)", ["34"]), ("Sales", ["3 %"]), ("Sales", [])]:
        cells = [label, "2022: x"]
        assert with_unit(cells, "EUR m", figures) == cells


def test_letters_of_a_word_are_no_unit() -> None:
    assert with_unit(["Wheat", "12,000"], "t", ["12,000"]) == ["Wheat", "t", "12,000"]
    assert with_unit(["Wheat", "12,000 t"], "t", ["12,000 t"]) == ["Wheat", "12,000 t"]
    assert with_unit(["Wheat", "€12"], "€", ["€12"]) == ["Wheat", "€12"]
