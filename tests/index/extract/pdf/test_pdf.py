"""PDF: pages, headings, paragraphs from lines, and the files that give no text."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from support_pdf import lines_at, pdf_file

from index.errors import UnreadableFile
from index.extract.pdf.lines import HYPHEN, Line, joined, mend_hyphens
from index.load.documents import load_bytes


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
        "Net sales | Millions | 2022: 34,229 | 2021: 35,355\n"
        "Cost of sales | Millions | 2022: 19,232 | 2021: 18,795\n"
        "Goodwill impairment | Millions | 2022: 271 | 2021: -\n\n"
        "All figures are those of the group as a whole."
    )
    assert [document.text[h.start : h.end] for h in document.headings] == ["Statement of Income"]


def test_running_headers_are_written_once_and_page_numbers_never() -> None:
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
    pages = [f"{text}\n\nIt says so on page 7." for text in words]
    assert document.text == "\n\n".join(["ACME Annual Report", *pages])


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


def test_raised_figures_are_told_from_the_sum_that_they_stand_at() -> None:
    """The mark is drawn smaller and 4 points higher, as word processors do."""
    raised = "BT /F1 12 Tf 72 750 Td (It costs $320) Tj /F1 7 Tf 4 Ts (1) Tj"
    page = f"{raised} /F1 12 Tf 0 Ts ( for 3 km) Tj /F1 7 Tf 4 Ts (2) Tj /F1 12 Tf 0 Ts (, or H) Tj"
    page += " /F1 7 Tf -3 Ts (2) Tj /F1 12 Tf 0 Ts (O.) Tj ET"
    document = load_bytes(pdf_file([page]), "fees.pdf")
    assert document.text == "It costs $320¹ for 3 km², or H₂O."


def test_small_figures_that_stand_at_no_word_are_kept() -> None:
    words = ["The school keeps a list of all its instruments", "and lends them to its pupils."]
    page = lines_at(words, size=12) + " " + lines_at(["Violins"], y=600, size=12)
    page += (
        " " + lines_at(["14"], x=300, y=600, size=8) + " " + lines_at(["9"], x=72, y=560, size=8)
    )
    text = load_bytes(pdf_file([page]), "school.pdf").text
    assert text.split("\n\n")[1:] == ["Violins 14", "9"]


def test_columns_that_are_drawn_line_by_line_are_read_one_after_the_other() -> None:
    left = [
        "The harbour council met on Monday",
        "to decide about the ferry pier and",
        "the chair told it that half of the",
        "oak piles were lost.",
    ]
    right = [
        "Money for it comes from three sides",
        "since the town pays half of it and",
        "the ferry line lends a part at two",
        "per cent.",
    ]
    page = lines_at(["News of the pier"], y=780, size=18)
    for number, pair in enumerate(zip(left, right, strict=True)):
        for words, x in zip(pair, (72, 320), strict=True):
            page += " " + lines_at([words], x=x, y=740 - 14 * number)
    assert load_bytes(pdf_file([page]), "pier.pdf").text.split("\n\n") == [
        "News of the pier",
        " ".join(left),
        " ".join(right),
    ]


def test_what_is_filled_in_stands_at_its_label() -> None:
    page = lines_at(["Name of the boat:"], y=700) + " " + lines_at(["I agree."], x=100, y=670)
    page += " " + lines_at(["Signed"], y=640)
    widget = "/Subtype /Widget /Rect [{}] /T ({}) {}"
    fields = [
        widget.format("220 695 400 713", "boat", "/FT /Tx /V (Kittiwake)"),
        widget.format("80 668 92 680", "agreed", "/FT /Btn /V /Yes /AS /Yes"),
        widget.format("220 400 400 418", "town", "/FT /Tx /V (Visby)"),
        widget.format("220 300 400 318", "empty", "/FT /Tx"),
        widget.format("220 635 400 653", "hand", "/FT /Sig"),
    ]
    document = load_bytes(pdf_file([page], annotations=fields), "form.pdf")
    assert document.text == (
        "Name of the boat: Kittiwake\n\n☑ Yes I agree.\n\nSigned\n\ntown: Visby"
    )
    assert document.metadata == {"left_out": "signatures"}


def test_notes_and_text_boxes_follow_their_page() -> None:
    notes = [
        "/Subtype /Text /Rect [400 700 420 720] /T (Bo Li) /Contents (A twelfth.)",
        "/Subtype /FreeText /Rect [60 600 400 640] /Contents (Approved on 12 June)",
        "/Subtype /Text /F 2 /Rect [60 600 80 620] /Contents (Hidden.)",
    ]
    pages = [lines_at(["Each pays a tenth."]), lines_at(["The end."])]
    document = load_bytes(pdf_file(pages, annotations=notes), "mill.pdf")
    assert document.text == (
        "Each pays a tenth.\n\nNote (Bo Li): A twelfth.\n\nApproved on 12 June\n\nThe end."
    )
    assert document.page_at(document.text.index("The end")) == 2


@pytest.mark.parametrize("stated", ["(anonymous)", "untitled", "(unspecified)"])
def test_what_programs_state_for_want_of_a_title_is_none(stated: str) -> None:
    title = stated.replace("(", "\\(").replace(")", "\\)")
    data = pdf_file([lines_at(["Words."])], f"/Title ({title})")
    assert load_bytes(data, "the_plan.pdf").title == "the plan"


def test_words_said_once_in_a_margin_break_no_sentence_of_the_next_page() -> None:
    note = lines_at(["1 Otto Sands has held it since 1998."], y=100, size=9)
    pages = [
        f"{lines_at(['The lease runs for ten years unless', 'the miller asks that it'])} {note}",
        lines_at(["ends in May. The rent is paid."]),
    ]
    text = load_bytes(pdf_file(pages), "mill.pdf").text
    assert text.split("\n\n") == [
        "1 Otto Sands has held it since 1998.",
        "The lease runs for ten years unless the miller asks that it ends in May. "
        "The rent is paid.",
    ]


def test_a_dated_header_is_written_once() -> None:
    header = "Statutes of the Rowing Club of Elmsett, in force from 1 May 2021"
    pages = [
        f"{lines_at([header], y=800, size=9)} {lines_at([f'Rule {words}.'], y=700)}"
        for words in ("about boats", "about oars", "about keys", "about fees")
    ]
    text = load_bytes(pdf_file(pages), "club.pdf").text
    assert text.count("Statutes") == 1
    assert text.startswith(header)


def test_words_that_stand_across_the_page_are_read_whole_behind_it() -> None:
    turned = "BT /F1 10 Tf 0 1 -1 0 560 100 Tm (Draft of 4 March) Tj ET"
    page = f"{lines_at(['The miller opens the mill'])} {turned}"
    page += " " + lines_at(["on Mondays."], y=735.6)
    text = load_bytes(pdf_file([page]), "mill.pdf").text
    assert text == "The miller opens the mill on Mondays.\n\nDraft of 4 March"


def test_a_table_drawn_column_by_column_has_its_rows() -> None:
    """PDFium takes the single figures of a column for one word: "1469"."""
    columns = [
        ["Instrument", "Violin", "Viola", "Cello"],
        ["In house", "14", "6", "9"],
        ["Lent", "23", "7", "11"],
    ]
    page = " ".join(
        lines_at(column, x=x, y=700, size=10)
        for x, column in zip((50, 180, 320), columns, strict=True)
    )
    assert load_bytes(pdf_file([page]), "school.pdf").text.split("\n") == [
        "Instrument | In house | Lent",
        "Violin | In house: 14 | Lent: 23",
        "Viola | In house: 6 | Lent: 7",
        "Cello | In house: 9 | Lent: 11",
    ]


def _drawn(rows: Sequence[Sequence[str]], places: Sequence[int], step: int = 14) -> str:
    return " ".join(
        lines_at([words], x=x, y=700 - step * number, size=10)
        for number, row in enumerate(rows)
        for x, words in zip(places, row, strict=True)
        if words
    )


def test_a_table_of_words_has_its_rows_and_columns() -> None:
    rows = [
        ("Position", "Holder", "Task"),
        ("Chair", "Imke Vos", "Leads the council"),
        ("Clerk", "Jan Berg", "Keeps the minutes"),
        ("", "", "and the seal"),
        ("Warden", "Per Holm", "Looks after the quay"),
    ]
    document = load_bytes(pdf_file([_drawn(rows, (50, 180, 320))]), "council.pdf")
    assert document.text.split("\n") == [
        "Position | Holder | Task",
        "Position: Chair | Holder: Imke Vos | Task: Leads the council",
        "Position: Clerk | Holder: Jan Berg | Task: Keeps the minutes and the seal",
        "Position: Warden | Holder: Per Holm | Task: Looks after the quay",
    ]


def test_items_behind_numbers_make_no_table() -> None:
    rows = [("1.", "Sheds are low."), ("2.", "Hedges are cut."), ("3.", "Bees are kept.")]
    text = load_bytes(pdf_file([_drawn(rows, (50, 90))]), "rules.pdf").text
    assert text == "1. Sheds are low.\n2. Hedges are cut.\n3. Bees are kept."


def test_a_table_beside_prose_is_read_apart_from_it() -> None:
    prose = [
        "The council met to decide about the new pier and",
        "its chair explained that the old pier had lost",
        "eleven of its piles since the winter. A diver had",
        "found worm in nearly all of the others, so that",
        "it is closed.",
    ]
    cells = [("Pier", "Piles"), ("North", "40"), ("South", "22"), ("East", "18"), ("", "")]
    rows = [(words, *pair) for words, pair in zip(prose, cells, strict=True)]
    text = load_bytes(pdf_file([_drawn(rows, (50, 330, 420), step=11)]), "pier.pdf").text
    assert text.split("\n\n") == [
        " ".join(prose),
        "Pier | Piles\nNorth | Piles: 40\nSouth | Piles: 22\nEast | Piles: 18",
    ]


def test_three_columns_of_prose_under_one_heading() -> None:
    columns = [
        ["The council met on Monday", "to decide about the pier", "and the chair told it that",
         "half of it was lost."],
        ["Money for it comes from all", "three sides since the town", "and the ferry line pay a",
         "part of the rest."],
        ["Fishers may use the quay until", "then, and the toll is waived", "for a year in which",
         "all of the work ends."],
    ]  # fmt: skip
    page = lines_at(["News of the harbour and its pier"], x=50, y=760, size=18)
    page += " " + _drawn(list(zip(*columns, strict=True)), (50, 225, 400))
    text = load_bytes(pdf_file([page]), "news.pdf").text
    assert text.split("\n\n")[1:] == [" ".join(column) for column in columns]


def test_labels_and_what_is_filled_in_beside_them_make_no_table() -> None:
    labels = ["Name of boat", "Length (m)", "Quay"]
    page = " ".join(lines_at([one], y=700 - 30 * at) for at, one in enumerate(labels))
    fields = [
        f"/Subtype /Widget /Rect [220 {695 - 30 * at} 400 {713 - 30 * at}] "
        f"/T (f{at}) /FT /Tx /V ({one})"
        for at, one in enumerate(["Kittiwake", "9.40", "East quay"])
    ]
    text = load_bytes(pdf_file([page], annotations=fields), "form.pdf").text
    assert [" ".join(line.replace("|", "").split()) for line in text.split("\n") if line] == [
        "Name of boat: Kittiwake",
        "Length (m): 9.40",
        "Quay: East quay",
    ]


def test_notes_on_shapes_are_read() -> None:
    shapes = ["Square", "Circle", "Ink", "Line", "Polygon", "PolyLine"]
    notes = [f"/Subtype /{one} /Rect [0 0 9 9] /Contents (On a {one}.)" for one in shapes]
    text = load_bytes(pdf_file([lines_at(["A twelfth."])], annotations=notes), "a.pdf").text
    assert text == "\n\n".join(["A twelfth.", *(f"Note: On a {one}." for one in shapes)])


def test_a_form_in_xfa_is_named() -> None:
    data = pdf_file([lines_at(["Please wait."])]).replace(b"/Fields []", b"/Fields [] /XFA ()")
    left_out = load_bytes(data, "a.pdf").metadata["left_out"]
    assert left_out == "a form in XFA, of which only Adobe's programs show all"
