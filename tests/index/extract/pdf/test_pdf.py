"""PDF: pages, headings, paragraphs from lines, and the files that give no text."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from index.errors import UnreadableFile
from index.extract.pdf.lines import HYPHEN, Line, joined, mend_hyphens
from index.load.documents import load_bytes


def pdf_file(
    pages: Sequence[str], info: str = "", bookmarks: Sequence[tuple[str, int]] = ()
) -> bytes:
    """A PDF whose page n is drawn by the operators `pages[n]` (font /F1 is Helvetica). `info` is
    the inside of the information dictionary; a bookmark is a title and a page counted from 0."""
    page_ids = [5 + 2 * number for number in range(len(pages))]
    first = 5 + 2 * len(pages)  # the outline, then its entries
    kids = " ".join(f"{number} 0 R" for number in page_ids)
    objects = {
        1: f"<< /Type /Catalog /Pages 2 0 R /Outlines {first} 0 R >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        4: f"<< {info} >>",
    }
    for number, operators in zip(page_ids, pages, strict=True):
        objects[number] = (
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {number + 1} 0 R >>"
        )
        objects[number + 1] = f"<< /Length {len(operators)} >>\nstream\n{operators}\nendstream"
    last = first + len(bookmarks)
    ends = f"/First {first + 1} 0 R /Last {last} 0 R" if bookmarks else ""
    objects[first] = f"<< /Type /Outlines {ends} /Count {len(bookmarks)} >>"
    for number, (title, page) in enumerate(bookmarks, first + 1):
        following = f"/Next {number + 1} 0 R" if number < last else ""
        objects[number] = (
            f"<< /Title ({title}) /Parent {first} 0 R {following} "
            f"/Dest [{page_ids[page]} 0 R /Fit] >>"
        )
    data, places = b"%PDF-1.4\n", []
    for number in sorted(objects):
        places.append(len(data))
        data += f"{number} 0 obj\n{objects[number]}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    return (
        data
        + f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}".encode()
        + f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R /Info 4 0 R >>\n".encode()
        + f"startxref\n{len(data)}\n%%EOF\n".encode()
    )


def lines_at(lines: Sequence[str], x: int = 72, y: int = 750, size: int = 12) -> str:
    """The operators that write `lines` below one another from (x, y), 1.2 × `size` apart."""
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    return f"BT /F1 {size} Tf {size * 1.2:g} TL {x} {y} Td {shown} ET"


def test_pages_headings_and_what_the_file_states() -> None:
    first = (
        lines_at(["Intro words."]) + lines_at(["2 Methods"], y=700) + lines_at(["We ran."], y=650)
    )
    info = "/Title (The trial) /Author (Ada Ray) /CreationDate (D:20230208130417-05'00')"
    data = pdf_file([first, "", lines_at(["The end."])], info, [("Methods", 0)])
    document = load_bytes(data, "trial.pdf")
    assert document.text == "Intro words.\n\n2 Methods\n\nWe ran.\n\nThe end."
    assert document.pages == (0, 34, 34)
    assert [document.page_at(offset) for offset in (0, 33, 34)] == [1, 1, 3]
    assert document.locations == ((0, "p. 1"), (34, "p. 3"))
    (heading,) = document.headings
    assert document.text[heading.start : heading.end] == "2 Methods"
    assert document.title == "The trial"
    assert document.metadata == {"author": "Ada Ray", "date": "2023-02-08"}


def test_lines_become_paragraphs_and_hyphens_are_mended() -> None:
    lines = [
        "The committee met on Monday to consider the recom-",
        "mendation of the board about the new harbour wall.",
        "It was short.",
        "Then everyone went home through the pouring rain.",
    ]
    document = load_bytes(pdf_file([lines_at(lines)]), "minutes.pdf")
    assert document.text == (
        "The committee met on Monday to consider the recommendation of the board about the new "
        "harbour wall. It was short.\n\nThen everyone went home through the pouring rain."
    )


def test_a_name_left_by_a_program_is_no_title() -> None:
    data = pdf_file(
        [lines_at(["Words."])], "/Title (Microsoft Word - plan.doc) /Author (anonymous)"
    )
    document = load_bytes(data, "the_plan.pdf")
    assert (document.title, document.metadata) == ("the plan", {})


def test_pages_without_text_are_refused() -> None:
    with pytest.raises(UnreadableFile, match=r"scan\.pdf has no text \(pages: 2\)"):
        load_bytes(pdf_file(["", "0 0 10 10 re f"]), "scan.pdf")


def test_columns_and_table_rows() -> None:
    left = [
        "Words of the first column that runs down the",
        "page and has not come to its end where it",
    ]
    right = ["stops and the second column goes on. Fine."]
    page = [
        *(Line(text, 50, 280, 700 - 12 * n, 10) for n, text in enumerate(left)),
        Line(right[0], 300, 530, 700, 10),
        Line("Net sales 5 6", 300, 530, 688, 10),
        Line("Costs 3 4", 300, 530, 676, 10),
    ]
    assert [separator for separator, _ in joined(page)] == ["", " ", " ", "\n", "\n"]


def test_a_hyphen_stays_where_the_word_has_one() -> None:
    texts = [
        f"a well{HYPHEN}known co{HYPHEN}operation",
        "well-known",
        f"2020{HYPHEN}21 pro{HYPHEN}US",
    ]
    assert mend_hyphens(texts) == ["a well-known cooperation", "well-known", "2020-21 pro-US"]


def table_page(heading: str, rows: Sequence[Sequence[str]], y: int = 700) -> str:
    """A bold-less heading and a table whose figures end at 300, 380, … on each line."""
    drawn = lines_at([heading], y=y + 60, size=18)
    for number, (label, *cells) in enumerate(rows):
        drawn += " " + lines_at([label], y=y - 14 * number, size=10)
        for column, cell in enumerate(cells):
            drawn += " " + lines_at([cell], 300 + 80 * column - 5 * len(cell), y - 14 * number, 10)
    return drawn


def test_a_figure_knows_its_row_and_its_column() -> None:
    rows = [
        ["Millions", "2022", "2021"],
        ["Net sales", "34,229", "35,355"],
        ["Cost of sales", "19,232", "18,795"],
        ["Goodwill impairment", "271", "-"],
    ]
    prose = lines_at(["All figures are those of the group as a whole."], y=500, size=10)
    page = table_page("Statement of Income", rows) + " " + prose
    document = load_bytes(pdf_file([page]), "report.pdf")
    assert document.text == (
        "Statement of Income\n\n"
        "Millions | 2022 | 2021\n"
        "Net sales | 2022: 34,229 | 2021: 35,355\n"
        "Cost of sales | 2022: 19,232 | 2021: 18,795\n"
        "Goodwill impairment | 2022: 271 | 2021: -\n\n"
        "All figures are those of the group as a whole."
    )
    assert [document.text[h.start : h.end] for h in document.headings] == ["Statement of Income"]


def test_running_headers_and_page_numbers_are_left_out() -> None:
    words = ["Apples are red.", "Pears are green.", "Plums are blue.", "Figs are brown."]
    pages = [
        " ".join(
            [
                lines_at(["ACME Annual Report"], y=800),
                lines_at([text, "It says so on page 7."], y=600),
                lines_at([f"Page {number} of 4"], y=40 + 10 * number),
            ]
        )
        for number, text in enumerate(words, start=1)
    ]
    document = load_bytes(pdf_file(pages), "fruit.pdf")
    assert document.text == "\n\n".join(f"{text}\n\nIt says so on page 7." for text in words)


def test_a_sentence_goes_on_over_the_page() -> None:
    pages = [lines_at(["The board then decided to"]), lines_at(["close the harbour. Done."])]
    document = load_bytes(pdf_file(pages), "minutes.pdf")
    assert document.text == "The board then decided to close the harbour. Done."
    assert document.page_at(document.text.index("close")) == 2


def test_turned_letters_are_read_along_their_lines() -> None:
    turned = (
        "q 0 1 -1 0 500 100 cm " + lines_at(["First line here and", "second line."], 0, 0) + " Q"
    )
    assert load_bytes(pdf_file([turned]), "x.pdf").text == "First line here and second line."
