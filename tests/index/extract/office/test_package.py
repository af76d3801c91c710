"""Office's files with parts of other kinds, missing or damaged."""

from __future__ import annotations

import io
import zipfile

import docx
import openpyxl
import pptx
import pytest

from index.load.documents import load_bytes

_MAIN = "application/vnd.openxmlformats-officedocument."


def _changed(data: bytes, changes: dict[str, tuple[bytes, bytes]]) -> bytes:
    """`data` with the first of two strings replaced by the second in each of some parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as copy:
        for name in archive.namelist():
            old, new = changes.get(name, changes.get("*", (b"", b"")))
            part = archive.read(name)
            assert old in part or name not in changes
            copy.writestr(name, part.replace(old, new) if old else part)
    return out.getvalue()


def _document() -> bytes:
    document = docx.Document()
    document.add_paragraph("The bell weighs 340 kilograms.")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _deck() -> bytes:
    deck = pptx.Presentation()
    for words in ("The boat is called Freja.", "It is old."):
        deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = words
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.docm", "application/vnd.ms-word.document.macroEnabled.main+xml"),
        ("a.dotm", "application/vnd.ms-word.template.macroEnabledTemplate.main+xml"),
        ("a.dotx", _MAIN + "wordprocessingml.template.main+xml"),
    ],
)
def test_templates_and_documents_with_macros(name: str, kind: str) -> None:
    plain = f"{_MAIN}wordprocessingml.document.main+xml".encode()
    data = _changed(_document(), {"[Content_Types].xml": (plain, kind.encode())})
    assert load_bytes(data, name).text == "The bell weighs 340 kilograms."


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.pptm", "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"),
        ("a.ppsx", _MAIN + "presentationml.slideshow.main+xml"),
        ("a.potx", _MAIN + "presentationml.template.main+xml"),
    ],
)
def test_shows_and_decks_with_macros(name: str, kind: str) -> None:
    plain = f"{_MAIN}presentationml.presentation.main+xml".encode()
    data = _changed(_deck(), {"[Content_Types].xml": (plain, kind.encode())})
    assert load_bytes(data, name).text == "The boat is called Freja.\n\nIt is old."


@pytest.mark.parametrize(("data", "name"), [(_document(), "a.docx"), (_deck(), "a.pptx")])
def test_strict_files(data: bytes, name: str) -> None:
    usual = load_bytes(data, name).text
    for place in (b"officeDocument/", b"wordprocessingml/", b"presentationml/", b"drawingml/"):
        names = b"http://schemas.openxmlformats.org/" + place + b"2006/"
        data = _changed(data, {"*": (names, b"http://purl.oclc.org/ooxml/" + place)})
    assert load_bytes(data, name).text == usual


@pytest.mark.parametrize("target", [b"NULL", b"#_top", b"media/gone.png"])
def test_relations_that_lead_nowhere(target: bytes) -> None:
    relation = b'<Relationship Id="rId99" Type="http://x/image" Target="' + target + b'"/>'
    end = b"</Relationships>"
    data = _changed(_document(), {"word/_rels/document.xml.rels": (end, relation + end)})
    assert load_bytes(data, "a.docx").text == "The bell weighs 340 kilograms."


def test_a_damaged_slide_is_left_out_alone() -> None:
    data = _changed(_deck(), {"ppt/slides/slide2.xml": (b"</p:sld>", b"")})
    loaded = load_bytes(data, "a.pptx")
    assert loaded.text == "The boat is called Freja."
    assert loaded.metadata["left_out"] == (
        "slide 2, which is missing or damaged; damaged part ppt/slides/slide2.xml"
    )


def test_a_damaged_sheet_is_left_out_alone() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "Kept."
    book.create_sheet("Torn")["A1"] = "Lost."
    out = io.BytesIO()
    book.save(out)
    data = _changed(out.getvalue(), {"xl/worksheets/sheet2.xml": (b"</sheetData>", b"")})
    loaded = load_bytes(data, "a.xlsx")
    assert loaded.text == "Sheet\n\nKept."
    assert loaded.metadata["left_out"] == "sheet Torn, which is damaged"


def test_a_template_of_a_workbook() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "Kept."
    book.template = True
    out = io.BytesIO()
    book.save(out)
    assert load_bytes(out.getvalue(), "a.xltx").text == "Sheet\n\nKept."


def test_relations_that_are_damaged_and_parts_without_a_type() -> None:
    damaged = _changed(
        _document(), {"word/_rels/document.xml.rels": (b"</Relationships>", b"<Relationship x")}
    )
    document = load_bytes(damaged, "a.docx")
    assert document.text == "The bell weighs 340 kilograms."
    assert document.metadata["left_out"] == "damaged part word/_rels/document.xml.rels"
    untyped = _changed(
        _document(), {"[Content_Types].xml": (b'Extension="xml"', b'Extension="xyz"')}
    )
    assert load_bytes(untyped, "a.docx").text == "The bell weighs 340 kilograms."


@pytest.mark.parametrize("part", ["slideLayouts/slideLayout6", "slideMasters/slideMaster1"])
def test_slides_whose_layout_is_damaged(part: str) -> None:
    deck = load_bytes(_changed(_deck(), {f"ppt/{part}.xml": (b"</p:cSld>", b"<")}), "a.pptx")
    assert deck.text == "The boat is called Freja.\n\nIt is old."
    assert deck.metadata["left_out"] == f"damaged part ppt/{part}.xml"
