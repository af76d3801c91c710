"""DOCX: paragraphs, headings and tables in document order."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from index.errors import UnreadableFile
from index.load.documents import load_bytes


def _bytes(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def test_blocks_in_order_with_headings_and_properties() -> None:
    document = docx.Document()
    document.add_heading("The plan", 0)
    document.add_paragraph("Before the table.")
    table = document.add_table(2, 3)
    for cell, words in zip(table._cells, ["a", "b", "c", "d", "", "f"], strict=True):
        cell.text = words
    table.cell(0, 0).merge(table.cell(0, 1))
    document.add_heading("Part\tone", 2)
    document.add_paragraph("After.")
    document.core_properties.author = "Ada Ray"
    document.core_properties.created = datetime(2022, 5, 6, 7, 8)
    loaded = load_bytes(_bytes(document), "plan.docx")
    assert (
        loaded.text
        == "The plan\n\nBefore the table.\n\na b | c\na b: d | c: f\n\nPart one\n\nAfter."
    )
    assert [(loaded.text[h.start : h.end], h.level) for h in loaded.headings] == [
        ("The plan", 1),
        ("Part one", 2),
    ]
    assert loaded.title == "The plan"
    assert loaded.metadata == {"author": "Ada Ray", "date": "2022-05-06"}
    assert load_bytes(_bytes(document), "upload").media_type == loaded.media_type


def test_tracked_changes_and_content_controls() -> None:
    document = docx.Document()
    inside = (
        "<w:r><w:t>It is </w:t></w:r><w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>new</w:t></w:r></w:ins>"
    )
    document.element.body.insert(0, parse_xml(f"<w:p {nsdecls('w')}>{inside}</w:p>"))
    control = (
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>Kept.</w:t></w:r></w:p>"
        "</w:sdtContent></w:sdt>"
    )
    document.element.body.insert(1, parse_xml(control))
    document.core_properties.title = "Stated"
    loaded = load_bytes(_bytes(document), "a.docx")
    assert (loaded.text, loaded.title) == ("It is new\n\nKept.", "Stated")


def test_a_decompression_bomb_is_refused() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(513):
            member.write(bytes(1024 * 1024))
    with pytest.raises(UnreadableFile, match="decompression bomb"):
        load_bytes(out.getvalue(), "a.docx")


def test_boxes_in_boxes_are_written_once() -> None:
    inside = "<w:p><w:r><w:t>Deep.</w:t></w:r></w:p>"
    for _ in range(40):
        inside = f"<w:p><w:r><w:txbxContent>{inside}</w:txbxContent></w:r></w:p>"
    document = docx.Document()
    document.element.body.insert(0, parse_xml(inside.replace("<w:p>", f"<w:p {nsdecls('w')}>", 1)))
    assert load_bytes(_bytes(document), "a.docx").text == "Deep."


def test_an_old_document_is_told_from_a_damaged_one() -> None:
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    with pytest.raises(UnreadableFile, match="old binary form"):
        load_bytes(start + "WordDocument".encode("utf-16-le"), "a.docx")
