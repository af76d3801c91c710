"""XLSX: sheets as pages, rows as lines of labelled cells."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment

from index.errors import UnreadableFile
from index.extract.format import xlsx
from index.extract.limits import PARSING
from index.load.documents import load_bytes
from tests.support_files import zipped


def _bytes(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _costs() -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Costs"
    for row in [["Region", "Sales", "Share"], ["North", 1200, 0.6], ["South", 800, 0.4]]:
        sheet.append(row)
    for row in (2, 3):
        sheet.cell(row, 2).number_format = "#,##0"
        sheet.cell(row, 3).number_format = "0%"
    return book


def test_sheets_are_pages_and_cells_know_their_headings() -> None:
    book = _costs()
    book.create_sheet("Empty")
    notes = book.create_sheet("Notes")
    notes["B2"] = "Audited in May."
    hidden = book.create_sheet("Lists")
    hidden["A1"] = "secret"
    hidden.sheet_state = "hidden"
    book.properties.title = "Costs of 2024"
    book.properties.creator = "Ada Ray"
    book.properties.created = datetime(2024, 5, 6)
    loaded = load_bytes(_bytes(book), "a.xlsx")
    costs = (
        "Costs\n\nRegion | Sales | Share\nRegion: North | Sales: 1,200 | Share: 60%\n"
        "Region: South | Sales: 800 | Share: 40%"
    )
    assert loaded.text == f"{costs}\n\nNotes\n\nAudited in May."
    assert loaded.pages == (0, len(costs) + 2, len(costs) + 2)
    assert [loaded.text[h.start : h.end] for h in loaded.headings] == ["Costs", "Notes"]
    assert loaded.page_at(loaded.text.index("Audited")) == 3
    assert loaded.title == "Costs of 2024"
    assert loaded.metadata == {
        "author": "Ada Ray",
        "date": "2024-05-06",
        "left_out": "hidden sheet Lists",
    }
    assert load_bytes(_bytes(book), "upload").media_type == loaded.media_type


def test_merged_cells_are_those_of_all_their_rows_and_columns() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [
        ["Region", 2023, None, 2022, None],
        [None, "Sold", "Cost", "Sold", "Cost"],
        ["North", 1, 2, 3, 4],
        [None, 5, 6, 7, 8],
    ]:
        sheet.append(row)
    for merged in ("A1:A2", "B1:C1", "D1:E1", "A3:A4", "H1:I9999"):
        sheet.merge_cells(merged)
    assert load_bytes(_bytes(book), "a.xlsx").text.split("\n")[-2:] == [
        "Region: North | 2023 Sold: 1 | 2023 Cost: 2 | 2022 Sold: 3 | 2022 Cost: 4",
        "Region: North | 2023 Sold: 5 | 2023 Cost: 6 | 2022 Sold: 7 | 2022 Cost: 8",
    ]


def test_values_and_no_errors_and_formulas_where_there_is_no_value() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [
        ["Item", "Value"],
        ["Error", "#N/A"],
        ["Sum", "=1+1"],
        ["Day", datetime(2024, 5, 6)],
    ]:
        sheet.append(row)
    loaded = load_bytes(_bytes(book), "figures.xlsx")
    assert loaded.text == (
        "Sheet\n\nItem | Value\nItem: Error\nItem: Sum | Value: =1+1\nItem: Day | Value: 2024-05-06"
    )
    assert loaded.title == "figures"
    assert loaded.metadata["left_out"] == "formulas whose values the file doesn't hold"


def test_hidden_rows_and_columns_are_marked_and_comments_written() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [["Product", "Price", "Cost"], ["Kettle", 39, 12], ["Old kettle", 29, 11]]:
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet["B2"].comment = Comment("Until May.", "Bo Li")
    document = load_bytes(_bytes(book), "a.xlsx")
    assert document.text == (
        "Sheet\n\nProduct | Price | Cost (hidden)\n"
        "Product: Kettle | Price: 39 | Cost (hidden): 12\n"
        "Product: Old kettle | Price: 29 | Cost (hidden): 11 (hidden row)\n\n"
        "Comment on B2 (Bo Li): Until May."
    )
    assert document.location_at(len(document.text)) == "sheet Sheet, B2"


def test_a_workbook_that_states_no_date_gets_none() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_bytes(_costs()))) as book, zipfile.ZipFile(out, "w") as copy:
        for name in book.namelist():
            if name != "docProps/core.xml":
                copy.writestr(name, book.read(name))
    assert load_bytes(out.getvalue(), "a.xlsx").metadata == {}


def test_a_workbook_without_text_is_refused() -> None:
    with pytest.raises(UnreadableFile, match=r"a\.xlsx holds no text"):
        load_bytes(_bytes(openpyxl.Workbook()), "a.xlsx")


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "_MOST_CELLS", 8)
    with pytest.raises(UnreadableFile, match="more than 8 cells"):
        xlsx.read_xlsx(_bytes(_costs()), PARSING)


def test_a_row_is_found_by_its_sheet_and_number() -> None:
    book = _costs()
    book.create_sheet("Hidden").sheet_state = "hidden"
    notes = book.create_sheet("Notes")
    notes["B3"] = "Item"  # rows 1 and 2, and column A, are empty
    notes["C3"] = "Due"
    notes["B4"], notes["C4"] = "Rent", "May"
    notes["B9"], notes["C9"] = "Tax", "June"
    document = load_bytes(_bytes(book), "a.xlsx")
    places = {
        words: document.location_at(document.text.index(words))
        for words in (
            "Costs",
            "Region | Sales",
            "Region: South",
            "Notes",
            "Item | Due",
            "Item: Rent",
            "Item: Tax",
        )
    }
    assert places == {
        "Costs": "sheet Costs",
        "Region | Sales": "sheet Costs, row 1",
        "Region: South": "sheet Costs, row 3",
        "Notes": "sheet Notes",
        "Item | Due": "sheet Notes, row 3",
        "Item: Rent": "sheet Notes, row 4",
        "Item: Tax": "sheet Notes, row 9",
    }


def test_letters_that_are_raised_in_cells() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        raised = book.add_format({"font_script": 1})
        sheet = book.add_worksheet()
        sheet.write_rich_string(0, 0, "Area in m", raised, "2")
        sheet.write(0, 1, "Fee")
        sheet.write_rich_string(1, 0, "45", raised, "1")
        sheet.write(1, 1, 320)
    text = load_bytes(out.getvalue(), "a.xlsx").text
    assert text == "Sheet1\n\nArea in m² | Fee\nArea in m²: 45¹ | Fee: 320"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cell = (
        '<c r="A1" t="inlineStr"><is><r><t>$320</t></r>'
        '<r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r></is></c>'
    )
    sheet_xml = (
        f'<worksheet xmlns="{main}"><sheetData><row r="1">{cell}</row></sheetData></worksheet>'
    )
    assert load_bytes(_with_sheet(sheet_xml), "a.xlsx").text == "Costs\n\n$320¹"


def test_a_sheet_whose_names_have_a_prefix() -> None:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = (
        "<x:row r='1'><x:c r='A1' t='str'><x:v>Item</x:v></x:c>"
        "<x:c r='B1' t='str'><x:v>Cost</x:v></x:c></x:row>"
        "<x:row r='2' hidden='1'><x:c r='A2' t='str'><x:v>Oak</x:v></x:c>"
        "<x:c r='B2'><x:v>5</x:v></x:c></x:row>"
        "<x:row r='3'><x:c r='A3' t='str'><x:v>Sum</x:v></x:c>"
        "<x:c r='B3'><x:f>SUM(B2:B2)</x:f></x:c></x:row>"
    )
    document = load_bytes(
        _with_sheet(
            f"<x:worksheet xmlns:x='{main}'><x:cols><x:col min='2' max='2' hidden='1'/></x:cols>"
            f"<x:sheetData>{rows}</x:sheetData></x:worksheet>"
        ),
        "a.xlsx",
    )
    assert document.text.split("\n")[2:] == [
        "Item | Cost (hidden)",
        "Item: Oak | Cost (hidden): 5 (hidden row)",
        "Item: Sum | Cost (hidden): =SUM(B2:B2)",
    ]
    assert document.metadata["left_out"] == "formulas whose values the file doesn't hold"


def test_what_is_printed_above_and_below_a_sheet_is_read_once() -> None:
    book = _costs()
    book.active.oddHeader.center.text = "Contract HL-2024-318 && annex"
    book.active.oddHeader.right.text = "&D"
    book.active.oddFooter.left.text = "Page &P of &N"
    text = load_bytes(_bytes(book), "a.xlsx").text
    assert text.endswith("Share: 40%\n\nContract HL-2024-318 & annex")


def _with_sheet(xml: str) -> bytes:
    """The workbook of costs with another sheet in the place of its own."""
    with zipfile.ZipFile(io.BytesIO(_bytes(_costs()))) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    return zipped({**parts, "xl/worksheets/sheet1.xml": xml})
