"""Scanned pages: recognised, named, and read where Tesseract is installed."""

from __future__ import annotations

import shutil

import pytest
from support_scan import WORDS, scan

from index.document import Document
from index.errors import UnreadableFile
from index.extract import ocr
from index.extract.limits import PARSING, Parsing
from index.extract.ocr import note_of, page_ranges
from index.load.documents import load_bytes

needs_tesseract = pytest.mark.skipif(
    shutil.which(ocr.COMMAND) is None, reason="Tesseract is not installed"
)
WITHOUT_OCR = Parsing(ocr="off")


def test_pages_are_written_as_a_person_writes_them() -> None:
    assert page_ranges([0, 2, 3, 4, 8]) == "1, 3–5, 9"
    assert page_ranges([]) == ""


def test_a_scan_is_refused_with_its_pages_and_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableFile) as caught:
        load_bytes(scan("image", "", "image", "image"), "scan.pdf", parsing=WITHOUT_OCR)
    assert str(caught.value).startswith(
        "scan.pdf has no text layer: pages 1, 3–4 are scanned; to have that read, set FOOTNOTE_OCR "
        "to auto"
    )
    monkeypatch.setenv("PATH", "")
    assert ocr.Scans((1,)).fault(2, PARSING) == (
        "has no text layer: page 2 is scanned; to have that read, install Tesseract (Debian: apt "
        "install tesseract-ocr), then add it again"
    )


def test_empty_pages_are_not_scanned() -> None:
    with pytest.raises(UnreadableFile, match=r"scan\.pdf has no text \(pages: 2\)"):
        load_bytes(scan("", ""), "scan.pdf")


def test_the_text_pages_of_a_part_scan_are_kept_and_the_others_named() -> None:
    data = scan("First page in words.", "image", "Third.")
    document = load_bytes(data, "part.pdf", parsing=WITHOUT_OCR)
    assert document.text == "First page in words.\n\nThird."
    assert document.metadata == {"scanned_pages": "2"}
    assert [label for _, label in document.locations] == ["p. 1", "p. 3"]
    note = note_of(document, WITHOUT_OCR)
    assert note.startswith("page 2 is scanned; to have that read, set FOOTNOTE_OCR to auto")
    assert note.endswith("then remove it and add it again")
    assert note_of(Document("i", "u", "t", "x", "s"), PARSING) == ""


@needs_tesseract
def test_scanned_pages_are_read() -> None:
    document = load_bytes(scan("First page in words.", "image", "stamped", "photo"), "part.pdf")
    words = " ".join(WORDS)
    assert document.text.startswith(f"First page in words.\n\n{words}\n\n{words}")
    assert document.location_at(document.text.index("keeper")) == "p. 2"
    assert document.location_at(document.text.rindex("keeper")) == "p. 3"
    assert document.metadata == {"scanned_pages": "4", "ocr_pages": "2–3"}
    assert note_of(document, PARSING) == (
        "page 4 is scanned; Tesseract found no words there in the language 'eng'"
    )


@needs_tesseract
def test_a_language_that_tesseract_lacks_is_named() -> None:
    with pytest.raises(UnreadableFile) as caught:
        load_bytes(scan("image"), "scan.pdf", parsing=Parsing(ocr_languages="xyz"))
    assert "Tesseract fails at page 1 in the language 'xyz'" in str(caught.value)
    assert "apt install tesseract-ocr-xyz" in str(caught.value)


def test_paragraphs_of_tesseracts_table() -> None:
    head = "\t".join("level page block par line word left top width height conf text".split())
    rows = [
        (1, 1, 1, "96", "The"), (1, 1, 1, "90", "har-"), (1, 1, 2, "91", "bour"),
        (1, 1, 2, "3", "~,"), (1, 1, 2, "88", "wall."), (2, 1, 1, "95", "Next"),
        (3, 1, 1, "95", "|"),
    ]  # fmt: skip
    table = "\n".join(
        [head, "1\t1\t0\t0\t0\t0\t0\t0\t9\t9\t-1\t"]
        + [f"5\t1\t{b}\t{p}\t{n}\t1\t0\t0\t9\t9\t{c}\t{w}" for b, p, n, c, w in rows]
    )
    assert list(ocr._paragraphs(table)) == ["The harbour wall.", "Next"]
