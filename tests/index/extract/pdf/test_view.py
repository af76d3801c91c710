"""Stretches of the stored text on the pages of PDFs that are drawn here, so that the place of every
word is known."""

from __future__ import annotations

import io
import shutil

import pytest
from PIL import Image
from support_pdf import lines_at, pdf_file
from support_scan import scan

from index.errors import UnknownPage, UnreadableFile
from index.extract.limits import PARSING
from index.extract.ocr import COMMAND, page_ranges, pages_in
from index.extract.pdf.pdf import read_pdf
from index.extract.pdf.view import Marked, Stretch, draw, mark

WIDTHS = {  # of Helvetica's letters, in thousandths of its size
    **dict.fromkeys("abdeghnopqu0123456789", 556),
    **dict.fromkeys("ckJsvxyz", 500),
    **dict.fromkeys("ABEKPSVXY", 667),
    **dict.fromkeys("CDHNRUw", 722),
    **dict.fromkeys("ijl", 222),
    **dict.fromkeys(" ft.,I", 278),
    **dict.fromkeys("r-", 333),
    **dict.fromkeys("FTZ", 611),
    **dict.fromkeys("mM", 833),
    **dict.fromkeys("GOQ", 778),
}
SIZE = 12
Box = tuple[float, float, float, float]


def width(text: str) -> float:
    return sum(WIDTHS[letter] for letter in text) * SIZE / 1000


def marks(pdf: bytes, quote: str, page: int = 1) -> Marked:
    """Where `quote`, which the stored text holds once, stands."""
    read = read_pdf(pdf, PARSING)
    begin = read.pages[page - 1]
    text = read.text[begin : [*read.pages[1:], len(read.text)][page - 1]]
    assert text.count(quote) == 1
    start = text.index(quote)
    scanned = "ocr_pages" in read.metadata
    (marked,) = mark(pdf, [Stretch(page, text, start, start + len(quote), scanned)], PARSING)
    return marked


def boxes(marked: Marked) -> list[Box]:
    """In points from the upper left corner."""
    return [
        (
            one.left * marked.width,
            one.top * marked.height,
            one.right * marked.width,
            one.bottom * marked.height,
        )
        for one in marked.rectangles
    ]


def require_words(marked: Marked, *words: tuple[float, float, str]) -> None:
    """The rectangles hold just these words, each drawn from (x, y): as wide as they, and as high as
    a line from somewhat below the one that they stand on."""
    assert marked.found == 1.0
    found = boxes(marked)
    assert len(found) == len(words)
    for (left, top, right, bottom), (x, y, text) in zip(found, words, strict=True):
        assert left == pytest.approx(x, abs=0.5)
        assert right == pytest.approx(x + width(text), abs=0.5)
        baseline = marked.height - y
        assert bottom == pytest.approx(baseline + 0.22 * SIZE, abs=1)
        assert top == pytest.approx(baseline - 0.85 * SIZE, abs=2)


def test_words_within_a_line_and_over_its_end() -> None:
    first, second = "The keeper of the light was called Ada", "Brandt and kept it for forty years."
    pdf = pdf_file([lines_at([first, second])])
    assert boxes(marks(pdf, "light"))[0][0] == pytest.approx(
        72 + width("The keeper of the "), abs=0.5
    )
    require_words(
        marks(pdf, "called Ada Brandt"),
        (72 + width("The keeper of the light was "), 750, "called Ada"),
        (72, 735.6, "Brandt"),
    )
    require_words(
        marks(pdf, "years."), (72 + width("Brandt and kept it for forty "), 735.6, "years.")
    )


def test_a_part_of_a_word() -> None:
    """As a quote in a language without spaces between words is."""
    pdf = pdf_file([lines_at(["nnnnnnnnnn is one word."])])
    (whole,) = read_pdf(pdf, PARSING).text.split(" ")[:1]
    (marked,) = mark(pdf, [Stretch(1, read_pdf(pdf, PARSING).text, 3, 7, False)], PARSING)
    assert whole == "n" * 10
    require_words(marked, (72 + width("nnn"), 750, "nnnn"))


LEFT = [
    "The harbour light was kept",
    "by Ada Brandt, who wrote a",
    "diary of every night in the",
    "tower above the old harbour,",
    "and of each ship that passed",
    "it in the forty years there.",
]
RIGHT = [
    "Her brother Otto kept the",
    "books of the customs house",
    "and went to sea twice with",
    "the mail boat to the north,",
    "where he met the captain of",
    "the ship that was lost later.",
]


def test_columns_that_are_drawn_row_by_row() -> None:
    pdf = pdf_file(
        [
            "\n".join(
                lines_at([line], x=x, y=750 - 15 * row)
                for row, pair in enumerate(zip(LEFT, RIGHT, strict=True))
                for x, line in zip((72, 320), pair, strict=True)
            )
        ]
    )
    require_words(
        marks(pdf, "the old harbour, and of each ship"),
        (72 + width("tower above "), 705, "the old harbour,"),
        (72, 690, "and of each ship"),
    )
    require_words(
        marks(pdf, "house and went"),
        (320 + width("books of the customs "), 735, "house"),
        (320, 720, "and went"),
    )


TABLE = [["", "2022", "2021"], ["Net sales", "34", "35"], ["Cost of sales", "12", "34"]]


def test_a_row_of_a_table_and_what_it_repeats_of_the_headings() -> None:
    drawn = [
        lines_at([cell], x=x, y=700 - 16 * row)
        for row, cells in enumerate(TABLE)
        for x, cell in zip((72, 300, 400), cells, strict=True)
        if cell
    ]
    pdf = pdf_file(["\n".join(drawn)])
    require_words(
        marks(pdf, "Net sales | 2022: 34 | 2021: 35"),
        (300, 700, "2022"),
        (400, 700, "2021"),
        (72, 684, "Net sales"),
        (300, 684, "34"),
        (400, 684, "35"),
    )
    require_words(
        marks(pdf, "Cost of sales | 2022: 12"),
        (300, 700, "2022"),
        (72, 668, "Cost of sales"),
        (300, 668, "12"),
    )
    require_words(marks(pdf, "2021: 34"), (400, 700, "2021"), (400, 668, "34"))


def test_words_that_are_broken_by_hyphens() -> None:
    lines = ["The keeper was an expe-", "rienced sailor who knew the long-", "shore current well."]
    pdf = pdf_file([lines_at(lines, y=750)])
    require_words(
        marks(pdf, "an experienced sailor"),
        (72 + width("The keeper was "), 750, "an expe-"),
        (72, 735.6, "rienced sailor"),
    )


def test_a_page_that_is_turned() -> None:
    """By a quarter with the clock: what was at the top is at the right."""
    pdf = pdf_file([lines_at(["The keeper was called Ada Brandt."])])
    turned = pdf.replace(b"/MediaBox", b"/Rotate 90 /MediaBox")
    marked = marks(turned, "Ada Brandt")
    assert (marked.width, marked.height, marked.found) == (842, 595, 1)
    ((left, top, right, bottom),) = boxes(marked)
    begin = 72 + width("The keeper was called ")
    assert (top, bottom) == pytest.approx((begin, begin + width("Ada Brandt")), abs=0.5)
    assert left == pytest.approx(750 - 0.22 * SIZE, abs=1)
    assert right == pytest.approx(750 + 0.85 * SIZE, abs=2)
    assert Image.open(io.BytesIO(draw(turned, 1, 842))).size == (842, 595)


def test_letters_that_run_up_the_page() -> None:
    pdf = pdf_file(["BT /F1 12 Tf 0 1 -1 0 300 100 Tm (The keeper was called Ada Brandt.) Tj ET"])
    marked = marks(pdf, "Ada Brandt")
    ((left, top, right, bottom),) = boxes(marked)
    begin = 100 + width("The keeper was called ")
    assert (842 - bottom, 842 - top) == pytest.approx((begin, begin + width("Ada Brandt")), abs=0.5)
    assert left < 300 < right < 304


def test_running_heads_and_words_that_stand_there_twice() -> None:
    """The second of two equal lines is marked where it is the second that is quoted."""
    pages = [
        "\n".join(
            [
                lines_at(["The light"], y=800),
                lines_at([f"{day} came.", "The light was lit.", "The light was lit."], y=600),
                lines_at([f"Page {number} of 4"], y=40),
            ]
        )
        for number, day in enumerate(["Monday", "Tuesday", "Thursday", "Friday"], start=1)
    ]
    pdf = pdf_file(pages)
    of_page = read_pdf(pdf, PARSING).text[slice(*read_pdf(pdf, PARSING).pages[2:4])].strip()
    assert of_page == "Thursday came.\nThe light was lit.\nThe light was lit."
    start = of_page.rindex("light")
    (marked,) = mark(pdf, [Stretch(3, of_page, start, start + 9, False)], PARSING)
    require_words(marked, (72 + width("The "), 600 - 2 * 14.4, "light was"))


def test_what_is_not_on_the_page_is_not_found() -> None:
    pdf = pdf_file([lines_at(["The keeper was called Ada Brandt."])])
    (marked,) = mark(pdf, [Stretch(1, "Nobody wrote any of this here", 0, 6, False)], PARSING)
    assert (marked.found, marked.rectangles) == (0.0, ())


@pytest.mark.skipif(shutil.which(COMMAND) is None, reason="Tesseract is not installed")
def test_words_that_were_read_from_a_picture() -> None:
    """The picture of `support_scan` is twice as fine as the page, its first line 150 points below
    the top and its second 30 more, both from 70 points on."""
    marked = marks(scan("image"), "light was called")
    assert marked.found == 1.0
    ((left, top, right, bottom),) = boxes(marked)
    assert left == pytest.approx(70, abs=2)
    assert 180 < top < 190 < bottom < 205
    assert 150 < right < 250


def test_a_picture_is_as_wide_as_asked_and_never_too_large() -> None:
    pdf = pdf_file([lines_at(["Words."]), lines_at(["More."])])
    first, second = (Image.open(io.BytesIO(draw(pdf, page, 595))) for page in (1, 2))
    assert first.format == "PNG"
    assert first.size == second.size == (595, 842)
    assert first.getpixel((5, 5)) == (255, 255, 255)
    assert first.tobytes() != second.tobytes()
    black = [first.getpixel((x, 842 - 754)) for x in range(72, 72 + 40)]
    assert min(sum(colour) for colour in black if isinstance(colour, tuple)) < 200
    long = pdf_file([lines_at(["Words."])]).replace(b"[0 0 595 842]", b"[0 0 100 9999]")
    across, down = Image.open(io.BytesIO(draw(long, 1, 2400))).size
    assert 11_000_000 < across * down < 12_100_000


def test_pages_that_are_not_there_and_files_that_are_none() -> None:
    pdf = pdf_file([lines_at(["Words."])])
    with pytest.raises(UnknownPage, match="has no page 2; its pages are 1 to 1"):
        draw(pdf, 2, 500)
    with pytest.raises(UnreadableFile, match="no PDF"):
        draw(b"%PDF-1.4 nothing", 1, 500)


def test_page_ranges_are_read_as_they_are_written() -> None:
    assert pages_in(page_ranges([0, 2, 3, 4, 8])) == {1, 3, 4, 5, 9}
    assert pages_in("") == set()
