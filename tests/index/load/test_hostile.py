"""Files that go round in circles, lead elsewhere or show what they don't say."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from support_files import batch, zipped

from index.extract.limits import Parsing
from index.extract.ocr import note_of
from index.load.documents import load_bytes

FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
PAGE = (
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
    "/Resources << /Font << /F1 3 0 R /F2 7 0 R >> /XObject << /X 6 0 R >> >> >>"
)
WORDS = "Ada kept the light."
WITHOUT_OCR = Parsing(ocr="off")


def stream(content: str, entries: str = "") -> str:
    return f"<< {entries} /Length {len(content)} >>\nstream\n{content}\nendstream"


def text_at(words: str, y: int = 700) -> str:
    return f"BT /F1 12 Tf 72 {y} Td ({words}) Tj ET"


def pdf(changes: Mapping[int, str], previous: int | None = None) -> bytes:
    """A PDF of one page with `WORDS`, whose objects are changed: 1 is the catalog, 2 the page tree,
    3 the font, 4 the page, 5 what it draws. `previous` is where it says that an older cross
    reference table lies; -1 is the table itself."""
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: "<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        3: FONT,
        4: PAGE,
        5: stream(text_at(WORDS)),
        **changes,
    }
    data, places = b"%PDF-1.4\n", {}
    for number, content in objects.items():
        places[number] = len(data)
        data += f"{number} 0 obj\n{content}\nendobj\n".encode()
    size = max(objects) + 1
    table = "".join(f"{places.get(number, 0):010d} 00000 n \n" for number in range(1, size))
    at = len(data)
    older = "" if previous is None else f"/Prev {at if previous < 0 else previous}"
    return (
        data
        + (
            f"xref\n0 {size}\n0000000000 65535 f \n{table}"
            f"trailer\n<< /Size {size} /Root 1 0 R {older} >>\nstartxref\n{at}\n%%EOF\n"
        ).encode()
    )


OUTLINE = "<< /Type /Catalog /Pages 2 0 R /Outlines 8 0 R >>"
DRAWS_ITSELF = stream("/X Do", "/Subtype /Form /BBox [0 0 9 9] /Resources << /XObject 9 0 R >>")
LOOPS = {
    "pages in themselves": {2: "<< /Type /Pages /Kids [2 0 R 4 0 R] /Count 2 >>"},
    "parents of one another": {
        2: "<< /Type /Pages /Kids [4 0 R] /Count 1 /Parent 8 0 R >>",
        8: "<< /Type /Pages /Parent 2 0 R >>",
    },
    "an outline after itself": {
        1: OUTLINE,
        8: "<< /First 9 0 R /Last 9 0 R /Count 1 >>",
        9: "<< /Title (A) /Parent 8 0 R /Next 9 0 R /Dest [4 0 R /Fit] >>",
    },
    "an outline below itself": {
        1: OUTLINE,
        8: "<< /First 9 0 R /Last 9 0 R /Count 1 >>",
        9: "<< /Title (A) /First 8 0 R /Next 10 0 R >>",
        10: "<< /Title (B) /First 9 0 R /Next 9 0 R >>",
    },
    "names below themselves": {
        1: "<< /Type /Catalog /Pages 2 0 R /Names << /Dests 10 0 R >> /Outlines 8 0 R >>",
        8: "<< /First 9 0 R /Last 9 0 R >>",
        9: "<< /Title (A) /Dest (somewhere) >>",
        10: "<< /Kids [10 0 R] /Limits [(a) (z)] >>",
    },
    "a drawing in itself": {
        5: stream(text_at(WORDS) + " /X Do"),
        6: DRAWS_ITSELF,
        9: "<< /X 6 0 R >>",
    },
    "a length that is its own": {5: f"<< /Length 5 0 R >>\nstream\n{text_at(WORDS)}\nendstream"},
}


@pytest.mark.parametrize("changes", LOOPS.values(), ids=LOOPS.keys())
def test_a_pdf_that_goes_in_circles_is_read_once(changes: Mapping[int, str]) -> None:
    files = [("a.pdf", pdf(changes)), ("b.txt", b"Barley.")]
    assert batch(*files, parsing=Parsing(seconds=20, ocr="off")) == [WORDS, "Barley."]


def test_pages_in_one_another_are_read_as_often_as_they_are_counted() -> None:
    pages = {
        2: "<< /Type /Pages /Kids [4 0 R 8 0 R] /Count 3 >>",
        8: "<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 2 >>",
    }
    assert batch(("a.pdf", pdf(pages))) == ["\n\n".join([WORDS] * 3)]
    (line,) = batch(("a.pdf", pdf(pages)), parsing=Parsing(pages=2))
    assert line.startswith("a.pdf has more than the 2 pages")


def test_a_cross_reference_table_before_itself() -> None:
    files = [("a.pdf", pdf({}, -1)), ("b.pdf", pdf({}, 0))]
    assert batch(*files, parsing=Parsing(seconds=20)) == [WORDS, WORDS]


def test_pages_that_are_not_there_are_named() -> None:
    data = pdf({2: "<< /Type /Pages /Kids [4 0 R 9 0 R] /Count 4 >>"})
    missing = load_bytes(data, "a.pdf", parsing=WITHOUT_OCR)
    assert (missing.text, missing.metadata) == (WORDS, {"unread_pages": "2–4"})
    assert missing.locations == ((0, "p. 1"),)
    none = batch(("a.pdf", pdf({4: "<< /Type /Nothing >>"})))
    assert none == ["a.pdf is a broken PDF, of which no page can be opened"]


GLYPHS = f"BT /F2 12 Tf 72 700 Td <{'0024002500260027' * 9}> Tj ET"
UNMAPPED = {
    7: "<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H "
    "/DescendantFonts [8 0 R] >>",
    8: "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo "
    "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
}


def test_pages_whose_font_does_not_say_its_letters_are_named() -> None:
    known = text_at("Forty letters and more of a known font.", 750)
    pages = {
        2: "<< /Type /Pages /Kids [4 0 R 10 0 R 12 0 R] /Count 3 >>",
        10: PAGE.replace("5 0 R", "11 0 R"),
        11: stream(known + " " + GLYPHS),
        12: PAGE.replace("5 0 R", "13 0 R"),
        13: stream(GLYPHS),
    }
    document = load_bytes(pdf(UNMAPPED | pages), "a.pdf", parsing=WITHOUT_OCR)
    note = note_of(document, WITHOUT_OCR)
    alone = batch(("b.pdf", pdf({**UNMAPPED, 5: stream(GLYPHS)})), parsing=WITHOUT_OCR)
    assert document.text == f"{WORDS}\n\nForty letters and more of a known font."
    assert document.metadata == {"unread_pages": "2–3"}
    assert note.startswith(
        "pages 2–3 could not be read, or not wholly: a font that doesn't say which letters it "
        "shows, or damage; to have that read, set FOOTNOTE_OCR to auto"
    )
    assert alone[0].startswith("b.pdf holds no text: page 1 could not be read")


def test_a_pdf_that_is_written_from_right_to_left() -> None:
    letters = "<61> <05DD> <62> <05D5> <63> <05DC> <64> <05E9>"  # mem, vav, lamed, shin
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def "
        "/CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange "
        f"4 beginbfchar {letters} endbfchar endcmap end end"
    )
    font = FONT.replace(">>", "/ToUnicode 8 0 R >>")
    data = pdf({3: font, 5: stream(text_at("abcd 12 cb")), 8: stream(cmap)})
    document = load_bytes(data, "a.pdf")
    assert document.text == "ול 12 שלום"  # from the right: the word drawn last is read first


def test_text_from_right_to_left_keeps_its_order_without_marks_of_direction() -> None:
    import docx

    words = "\u202bשלום עולם\u202c \u200fabc\u200e 12."
    file = docx.Document()
    file.add_paragraph(words)
    data = io.BytesIO()
    file.save(data)
    assert batch(
        ("a.txt", words.encode()),
        ("a.html", f"<html dir=rtl><body><p>{words}</p></body></html>".encode()),
        ("a.docx", data.getvalue()),
        ("b.txt", "می\u200cخواهم".encode()),  # a sign that joins letters is none of direction
    ) == ["שלום עולם abc 12."] * 3 + ["می\u200cخواهم"]


def test_form_feeds_end_lines() -> None:
    assert batch(("a.txt", b"One.\fTwo.\r\n\f\r\nThree.\f")) == ["One.\nTwo.\n\nThree."]


ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY h SYSTEM "file://{}"><!ENTITY b "bomb">]>'


def hostile_pptx(entity: str) -> bytes:
    import pptx

    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "Words"
    data = io.BytesIO()
    deck.save(data)
    return _with_entity(data.getvalue(), entity)


def _with_entity(data: bytes, entity: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    changed = 0
    for name, content in members.items():
        assert isinstance(content, bytes)
        if b"Words" in content:
            body = content.partition(b"?>")[2] if content.startswith(b"<?xml") else content
            members[name] = entity.encode() + body.replace(b"Words", b"Words &h; &b;")
            changed += 1
    assert changed
    return zipped(members)


def epub(chapter: str, href: str = "a.xhtml", beside: str = "") -> bytes:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="p.opf"/></rootfiles></container>'
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" '
        f'href="{href}" media-type="application/xhtml+xml"/>{beside}</manifest>'
        '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    )
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "p.opf": package,
            "a.xhtml": chapter,
        }
    )


def test_entities_lead_to_no_file_and_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2")
    entity = ENTITY.format(secret.as_posix())
    import docx
    import openpyxl

    document, written = docx.Document(), io.BytesIO()
    document.add_paragraph("Words")
    document.save(written)
    book, sheets = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["Words"])
    book.save(sheets)
    page = "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>Words &h; &b;</p></body></html>"
    found = batch(
        ("a.pptx", hostile_pptx(entity)),
        ("a.epub", epub(entity + page)),
        ("a.docx", _with_entity(written.getvalue(), entity)),
        ("a.xlsx", _with_entity(sheets.getvalue(), entity)),
        ("a.html", (entity + page).encode()),
    )
    assert len(found) == 5
    for line in found:
        assert "hunter2" not in line
        assert "bomb" not in line
        assert len(line) < 300


def test_a_book_cannot_lead_out_of_itself(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xhtml"
    secret.write_text("<html><body><p>hunter2</p></body></html>")
    up = "../" * 20 + secret.as_posix().lstrip("/")
    beside = f'<item id="b" href="{up}" media-type="application/xhtml+xml"/>'
    page = "<html><body><p>Fine.</p></body></html>"
    assert batch(("a.epub", epub(page, beside=beside)))[0] == "Fine."
    assert batch(("b.epub", epub(page, href=secret.as_posix())))[0] == "b.epub holds no text"
