"""One table with merged cells in every format that knows them: each cell keeps its column's
headings and its row's label."""

from __future__ import annotations

import io
import zipfile

import docx
import openpyxl
import pptx
import pytest
from pptx.util import Inches
from support_pdf import lines_at, pdf_file

from index.load.documents import load_bytes

# "Item" is merged over two rows, "2023" and "2022" over two columns, "North" over two rows.
_CELLS = [
    ["Item", "", "2023", "", "2022", ""],
    ["", "", "Sold", "Cost", "Sold", "Cost"],
    ["North", "Tea", "1,200", "310", "1,100", "290"],
    ["", "Milk", "50", "20", "40", "30"],
    ["South", "Tea", "7", "6", "5", "4"],
]
_MERGED = [(0, 0, 1, 1), (0, 2, 0, 3), (0, 4, 0, 5), (2, 0, 3, 0)]  # top, left, bottom, right
_ROWS = [
    "Item: North | Item: Tea | 2023 Sold: 1,200 | 2023 Cost: 310 | 2022 Sold: 1,100 "
    "| 2022 Cost: 290",
    "Item: North | Item: Milk | 2023 Sold: 50 | 2023 Cost: 20 | 2022 Sold: 40 | 2022 Cost: 30",
    "Item: South | Item: Tea | 2023 Sold: 7 | 2023 Cost: 6 | 2022 Sold: 5 | 2022 Cost: 4",
]


def _spans() -> list[list[tuple[str, int, int]]]:
    """The cells of each row that lie under no other: words, columns, rows."""
    spans = {
        (top, left): (right - left + 1, bottom - top + 1) for top, left, bottom, right in _MERGED
    }
    hidden = {
        (row, column)
        for top, left, bottom, right in _MERGED
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    } - spans.keys()
    return [
        [
            (text, *spans.get((row, column), (1, 1)))
            for column, text in enumerate(cells)
            if (row, column) not in hidden
        ]
        for row, cells in enumerate(_CELLS)
    ]


def _html(heading: str = "td") -> bytes:
    lines = []
    for number, row in enumerate(_spans()):
        tag = heading if number < 2 else "td"
        cells = [f"<{tag} colspan={c} rowspan='{r}'>{text}</{tag}>" for text, c, r in row]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    prose = "<p>" + "The shop keeps a book of all that it sells and buys in a year. " * 8 + "</p>"
    page = f"<main><h1>Sales</h1>{prose}<table>{''.join(lines)}</table>{prose}</main>"
    return f"<html><body>{page}</body></html>".encode()


def _docx() -> bytes:
    document = docx.Document()
    table = document.add_table(len(_CELLS), len(_CELLS[0]))
    for row, cells in enumerate(_CELLS):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    for top, left, bottom, right in _MERGED:
        table.cell(top, left).merge(table.cell(bottom, right))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _pptx() -> bytes:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    box = (Inches(1), Inches(1), Inches(6), Inches(3))
    table = slide.shapes.add_table(len(_CELLS), len(_CELLS[0]), *box).table
    table.first_row = False  # so that the headings are known by the merged cells alone
    for row, cells in enumerate(_CELLS):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    for top, left, bottom, right in _MERGED:
        table.cell(top, left).merge(table.cell(bottom, right))
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _odt() -> bytes:
    lines = []
    for row in _spans():
        cells = [
            f'<t:table-cell t:number-columns-spanned="{c}" t:number-rows-spanned="{r}">'
            f"<x:p>{text}</x:p></t:table-cell>" + "<t:covered-table-cell/>" * (c - 1)
            for text, c, r in row
        ]
        lines.append(f"<t:table-row>{''.join(cells)}</t:table-row>")
    oasis = "urn:oasis:names:tc:opendocument:xmlns"
    names = f'xmlns:o="{oasis}:office:1.0" xmlns:t="{oasis}:table:1.0" xmlns:x="{oasis}:text:1.0"'
    text = f"<o:text><t:table>{''.join(lines)}</t:table></o:text>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as odt:
        odt.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        content = f"<o:document-content {names}><o:body>{text}</o:body></o:document-content>"
        odt.writestr("content.xml", content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (_html(), "a.html"),
        (_html("th"), "b.html"),
        (_docx(), "a.docx"),
        (_pptx(), "a.pptx"),
        (_odt(), "a.odt"),
    ],
)
def test_merged_cells(data: bytes, name: str) -> None:
    lines = load_bytes(data, name).text.split("\n")
    at = lines.index("Item | 2023 | 2022")
    assert lines[at + 1] == "Sold | Cost | Sold | Cost"
    assert lines[at + 2 : at + 5] == _ROWS


def test_signs_in_cells_of_their_own_as_filings_in_html_have_them() -> None:
    page = (
        "<table><tr><td></td><td colspan=9>Years ended December 31,</td></tr>"
        "<tr><td></td><td colspan=3>2022</td><td></td><td colspan=3>2021</td><td></td></tr>"
        "<tr><td>Net sales</td><td>$</td><td>34,229</td><td></td><td></td><td>$</td><td>35,355</td>"
        "<td></td><td></td></tr>"
        "<tr><td>Change</td><td></td><td>(3.2</td><td>)%</td><td></td><td></td><td>9.9</td>"
        "<td>%</td><td></td></tr></table>"
    )
    assert load_bytes(page.encode(), "a.html").text.split("\n")[-2:] == [
        "Net sales | Years ended December 31, 2022: $34,229 "
        "| Years ended December 31, 2021: $35,355",
        "Change | Years ended December 31, 2022: (3.2)% | Years ended December 31, 2021: 9.9%",
    ]


_FIGURES = [["", "2022", "2021"], ["Sales", "34", "35"], ["Staff (FTE)", "7", "6"]]
_UNIT = "in EUR thousand"
_WITH_UNITS = ["Sales | in EUR thousand | 2022: 34 | 2021: 35", "Staff (FTE) | 2022: 7 | 2021: 6"]


def _unit_docx() -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph(_UNIT)
    table = document.add_table(3, 3)
    for row, cells in enumerate(_FIGURES):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    document.save(out)
    return out.getvalue()


def _unit_pptx() -> bytes:
    deck, out = pptx.Presentation(), io.BytesIO()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = f"Accounts ({_UNIT})"
    table = slide.shapes.add_table(3, 3, Inches(1), Inches(3), Inches(6), Inches(3)).table
    for row, cells in enumerate(_FIGURES):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    deck.save(out)
    return out.getvalue()


def _unit_odt() -> bytes:
    cells = [
        "".join(f"<t:table-cell><x:p>{text}</x:p></t:table-cell>" for text in row)
        for row in _FIGURES
    ]
    rows = "".join(f"<t:table-row>{row}</t:table-row>" for row in cells)
    oasis = "urn:oasis:names:tc:opendocument:xmlns"
    names = f'xmlns:o="{oasis}:office:1.0" xmlns:t="{oasis}:table:1.0" xmlns:x="{oasis}:text:1.0"'
    text = f"<o:text><x:p>{_UNIT}</x:p><t:table>{rows}</t:table></o:text>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as odt:
        odt.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        content = f"<o:document-content {names}><o:body>{text}</o:body></o:document-content>"
        odt.writestr("content.xml", content)
    return out.getvalue()


def _unit_xlsx() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in [[_UNIT], [], *([cell or None for cell in row] for row in _FIGURES)]:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def _unit_html(caption: str) -> bytes:
    rows = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in _FIGURES)
    above = f"<p>{_UNIT}</p>" if not caption else ""
    return f"<html><body>{above}<table>{caption}{rows}</table></body></html>".encode()


def _unit_pdf() -> bytes:
    cells = [
        lines_at([cell], x=x, y=700 - 16 * row)
        for row, line in enumerate(_FIGURES)
        for x, cell in zip((72, 300, 400), line, strict=True)
        if cell
    ]
    return pdf_file(["\n".join([lines_at([f"({_UNIT})"], y=716), *cells])])


_PLAIN = [",".join(row) for row in _FIGURES]
_UNIT_MD = "\n".join([_UNIT, "", "| | 2022 | 2021 |", "|---|---|---|", "| Sales | 34 | 35 |"])
_UNIT_RST = f"""{_UNIT}

===========  ====  ====
..           2022  2021
===========  ====  ====
Sales        34    35
Staff (FTE)  7     6
===========  ====  ====
"""


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (_unit_docx(), "a.docx"),
        (_unit_pptx(), "a.pptx"),
        (_unit_odt(), "a.odt"),
        (_unit_xlsx(), "a.xlsx"),
        (_unit_html(""), "a.html"),
        (_unit_html(f"<caption>Table 1: Accounts, {_UNIT}</caption>"), "b.html"),
        (_unit_pdf(), "a.pdf"),
        (f"{_UNIT_MD}\n| Staff (FTE) | 7 | 6 |\n".encode(), "a.md"),
        (_UNIT_RST.encode(), "a.rst"),
        ("\n".join([_UNIT, "", *_PLAIN]).encode(), "a.csv"),
    ],
)
def test_the_unit_above_a_table_belongs_to_each_row(data: bytes, name: str) -> None:
    """Not to one that has another of its own."""
    lines = load_bytes(data, name).text.split("\n")
    assert lines[-2:] == _WITH_UNITS
    assert any(_UNIT in line for line in lines[:-2])


def test_first_rows_in_bold_are_the_headings_of_words_in_docx() -> None:
    document = docx.Document()
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ["Name", "Role", "Ada", "Clerk"], strict=True):
        run = cell.paragraphs[0].add_run(text)
        run.bold = text in ("Name", "Role")
    out = io.BytesIO()
    document.save(out)
    assert load_bytes(out.getvalue(), "a.docx").text == "Name | Role\nName: Ada | Role: Clerk"


def test_a_markdown_table_without_words_in_its_headings() -> None:
    page = "|  |  |\n|---|---|\n| Founded | 1998 |\n| Closed | 2001 |\n"
    assert load_bytes(page.encode(), "a.md").text == "Founded | 1998\nClosed | 2001"


def test_a_merged_label_in_a_sheet() -> None:
    book = openpyxl.Workbook()
    for row in [["Region", "Year", "Sales"], ["North", 2022, 5], [None, 2023, 6]]:
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    out = io.BytesIO()
    book.save(out)
    text = load_bytes(out.getvalue(), "a.xlsx").text
    assert text.endswith("Region: North | Year: 2023 | Sales: 6")
