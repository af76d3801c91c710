"""PDF through pypdfium2: text with the offset of each page, bookmarks as headings."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

from index.errors import UnreadableFile
from index.extracted import Extracted, TextBuilder, clean
from index.ocr import read_scans
from index.parsing import check_pages
from index.pdf_lines import Line, joined, mend_hyphens
from index.stated import metadata_of

_PDFIUM = Lock()  # PDFium keeps global state: one thread at a time
_WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD
_HEADING_LINES = 3  # most lines that the words of a bookmark may run over
_NOBODY = {"anonymous", "unknown", "(anonymous)"}

Bookmarks = dict[int, list[tuple[str, int]]]  # page number from 0 → (title, level from 1)


def read_pdf(data: bytes) -> Extracted:
    """The text layer of a PDF, and that of its scanned pages as `read_scans` says. Raises
    `UnreadableFile` for one that is encrypted with a password, broken or without text."""
    with _PDFIUM:
        document = _open(data)
        try:
            stated = document.get_metadata_dict()
            check_pages(len(document))
            bookmarks = _bookmarks(document)
            pages = [_lines(document, number) for number in range(len(document))]
            scans = read_scans(document, [sum(len(line.text) for line in page) for page in pages])
        finally:
            document.close()
    texts = iter(mend_hyphens([line.text for page in pages for line in page]))
    pages = [[replace(line, text=next(texts)) for line in page] for page in pages]
    builder = TextBuilder()
    for number, page in enumerate(pages):
        builder.page()
        if number in scans.texts:
            builder.block(scans.texts[number])
        else:
            _write(builder, page, bookmarks.get(number, []))
    author = clean(stated.get("Author", ""))
    metadata = metadata_of(
        author="" if author.lower() in _NOBODY else author, dated=stated.get("CreationDate", "")
    )
    extracted = builder.build(_title(stated.get("Title", "")), metadata | scans.metadata)
    if not extracted.text:
        raise UnreadableFile(scans.fault(len(pages)))
    return extracted


def _open(data: bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _WRONG_PASSWORD:
            raise UnreadableFile(
                "is encrypted and opens only with a password; save a copy without one"
            ) from error
        raise UnreadableFile("is no PDF, or a broken one") from error


def _title(stated: str) -> str:
    """The title without what word processors make of it; a bare number or file name is none."""
    title = re.sub(r"^Microsoft (?:Word|PowerPoint|Excel) - ", "", clean(stated))
    return "" if re.search(r"\.\w{2,4}$", title) and " " not in title else title


def _bookmarks(document: Any) -> Bookmarks:
    found: Bookmarks = {}
    for bookmark in document.get_toc():
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        if page is not None:
            found.setdefault(page, []).append((bookmark.get_title(), bookmark.level + 1))
    return found


def _lines(document: Any, number: int) -> list[Line]:
    """The lines of one page in the order PDFium reads them."""
    page = document[number]
    try:
        text_page = page.get_textpage()
        try:
            return _measured(text_page)
        finally:
            text_page.close()
    finally:
        page.close()


def _measured(text_page: Any) -> list[Line]:
    import pypdfium2.raw as pdfium

    def character(offset: int) -> tuple[float, float, float, float]:
        """Where the character at `offset` stands: x, y of its baseline, right edge, height."""
        index = pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, offset)
        x, y, box = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF()
        pdfium.FPDFText_GetCharOrigin(text_page, index, x, y)
        pdfium.FPDFText_GetLooseCharBox(text_page, index, box)
        return x.value, y.value, box.right, abs(box.top - box.bottom)

    lines = []
    offset = 0  # in UTF-16 units, as PDFium counts
    for raw in re.split(r"(\r\n|[\r\n])", text_page.get_text_range()):
        words = raw.strip()
        if words and not _is_undecoded(words):
            first = offset + _units(raw[: raw.index(words)])
            left, top, _, size = character(first)
            _, bottom, right, _ = character(first + _units(words) - 1)
            lines.append(Line(words, left, right, top, bottom, max(size, 1.0)))
        offset += _units(raw)
    return lines


def _is_undecoded(words: str) -> bool:
    """Whether these are glyph numbers: a font without a character map gives control characters
    where the page shows letters."""
    control = sum(character < " " for character in words)
    return control >= 2 and control >= 0.05 * len(words)


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _write(
    builder: TextBuilder, page: Sequence[Line], bookmarks: Sequence[tuple[str, int]]
) -> None:
    """Writes the lines of a page; lines that are the words of a bookmark become a heading."""
    levels: dict[str, list[int]] = {}  # of each title, for as often as it is still to be found
    for title, level in bookmarks:
        if key := _letters(title):
            levels.setdefault(key, []).append(level)
    text = ""
    headed = 0  # lines up to here are written as a heading
    for number, (separator, words) in enumerate(joined(page)):
        if number < headed:
            continue
        for count in range(1, _HEADING_LINES + 1):
            candidate = " ".join(line.text for line in page[number : number + count])
            unnumbered = re.sub(r"^\d+(?:\.\d+)*\.?\s+", "", candidate)
            due = levels.get(_letters(candidate)) or levels.get(_letters(unnumbered))
            if due:
                builder.block(text)
                builder.heading(candidate, due.pop(0))
                text, headed = "", number + count
                break
        else:
            text += (separator if text else "") + words
    builder.block(text)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
