"""The text a sheet shows for a value."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from index.extract.office.xlsx_numbers import shown


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (0.1 + 0.2, "General", "0.3"),
        (1234.0, "General", "1234"),
        (12, "General", "12"),
        (0.125, "0.0%", "12.5%"),
        (0.125, "0%", "13%"),
        (1234567, "#,##0", "1,234,567"),
        (-1234.5, "#,##0.00", "-1,234.50"),
        (-1234.5, "#,##0.00_);(#,##0.00)", "(1,234.50)"),
        (-5, "0;[Red]-0", "-5"),
        (12, '"$"#,##0.00', "$12.00"),
        (12.3, "[$€-407] #,##0.00", "€ 12.30"),
        (1500000, '0.0,,"M"', "1.5M"),
        (1.5, "0.##", "1.5"),
        (2, "0.##", "2"),
        (0, '#,##0;-#,##0;"-"', "0"),
        (3, "0.00E+00", "3"),
        (5, "@", "5"),
        (True, "General", "TRUE"),
        (None, "0", ""),
        ("words", "0", "words"),
        (datetime(2024, 5, 6), "General", "2024-05-06"),
        (datetime(2024, 5, 6, 7, 30), "General", "2024-05-06 07:30"),
        (datetime(2024, 5, 6, 7, 30, 5), "General", "2024-05-06 07:30:05"),
        (date(2024, 5, 6), "General", "2024-05-06"),
        (time(7, 30), "General", "07:30:00"),
        (1234, "00000", "01234"),
        (-7, "000", "-007"),
        (0.5, "00.00", "00.50"),
        (301234567, "000-000-000", "301-234-567"),
        (5551234, "(000) 000-0000", "(000) 555-1234"),
        (timedelta(hours=26, minutes=30), "[h]:mm", "26:30"),
        (timedelta(minutes=65, seconds=7), "[h]:mm:ss", "1:05:07"),
        (timedelta(minutes=65), "[h]:mm:ss", "1:05:00"),
        (-timedelta(minutes=5), "[h]:mm", "-0:05"),
    ],
)
def test_a_value_reads_as_the_sheet_shows_it(value: object, code: str, expected: str) -> None:
    assert shown(value, code) == expected
