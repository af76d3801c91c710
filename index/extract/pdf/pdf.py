"""PDF through pypdfium2: paragraphs, headings and tables out of words and their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any

from index.errors import UnreadableFile
from index.extract.beat import pages_read
from index.extract.content import Extracted, File
from index.extract.file_metadata import metadata_of
from index.extract.limits import Parsing
from index.extract.ocr import page_ranges, read_scans
from index.extract.pdf.blocks import Aside, Block, blocks_of, unbroken
from index.extract.pdf.headings import Title, with_headings
from index.extract.pdf.lines import Line, goes_on, mend_hyphens
from index.extract.pdf.margins import Body, bodies
from index.extract.pdf.page import Page, read_page
from index.extract.pdf.spots import written
from index.extract.pdf.tables import Table, tables_of
from index.extract.pdf.text_tables import with_text_tables
from index.extract.text_builder import TextBuilder
from index.text.clean import clean

PDFIUM = Lock()  # PDFium keeps global state: one thread at a time
_WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD
_NOBODY = {"anonymous", "unknown", "(anonymous)", "unspecified", "(unspecified)"}
_XFA = (2, 3)  # PDFium's kinds of forms: made of XFA, or of that and its own


def read_pdf(data: bytes, parsing: Parsing) -> Extracted:
    """The text layer of a PDF, and that of its scanned pages as `read_scans` says; pages that are
    damaged, or whose fonts have no character map, are named in the metadata. Raises
    `UnreadableFile` for one that is encrypted with a password, broken or without text."""
    with PDFIUM:
        document = open_pdf(data)
        try:
            stated = document.get_metadata_dict()
            parsing.check_pages(len(document))
            outline = _outline(document)
            if document.get_formtype():
                document.init_forms()
            is_xfa = document.get_formtype() in _XFA
            attached = [
                _file(document.get_attachment(number))
                for number in range(document.count_attachments())
            ]
            opened = dict(_pages(document))
            pages = [opened.get(number, Page(())) for number in range(len(document))]
            scans = read_scans(
                document,
                {n: sum(len(line.text) for line in page.lines) for n, page in opened.items()},
                unmapped=[n for n, page in opened.items() if page.unmapped],
                damaged=[n for n in range(len(pages)) if n not in opened],
                parsing=parsing,
            )
        finally:
            document.close()
    bare = bodies(list(map(written, pages)))
    tabled = map(with_text_tables, tables_of([body.lines for body in bare]))
    items = with_headings(list(tabled), outline)
    builder = TextBuilder(parsing)
    notes = [(*page.turned, *page.added.notes) for page in pages]
    _write(builder, _blocks(items, bare, scans.texts), notes)
    _leave_out(builder, pages, scans.texts)
    builder.leave_out("a form in XFA, of which only Adobe's programs show all", int(is_xfa))
    for file in (*attached, *(file for page in pages for file in page.added.files)):
        builder.attach(file)
    author = clean(stated.get("Author", ""))
    metadata = metadata_of(
        author="" if author.lower() in _NOBODY else author, dated=stated.get("CreationDate", "")
    )
    extracted = builder.build(_title(stated.get("Title", "")), metadata | scans.metadata)
    if not extracted.text:
        raise UnreadableFile(scans.fault(len(pages), parsing))
    return extracted


def open_pdf(data: bytes) -> Any:
    """The PDFium document in `data`, under `PDFIUM`. Raises `UnreadableFile`."""
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _WRONG_PASSWORD:
            raise UnreadableFile(
                "is encrypted and opens only with a password; save a copy without one"
            ) from error
        raise UnreadableFile("is no PDF, or a broken one") from error


def _file(attachment: Any) -> File:
    """The file that a PDF holds; an empty one where it is damaged."""
    import pypdfium2

    name = clean(attachment.get_name())
    try:
        return File(name, bytes(attachment.get_data()))
    except pypdfium2.PdfiumError:
        return File(name, b"")


def _title(stated: str) -> str:
    """The title without what word processors make of it; a bare number or file name is none."""
    title = re.sub(r"^Microsoft (?:Word|PowerPoint|Excel) - ", "", clean(stated))
    return "" if re.search(r"\.\w{2,4}$", title) and " " not in title else title


def _outline(document: Any) -> dict[int, list[tuple[str, int]]]:
    found: dict[int, list[tuple[str, int]]] = {}
    for bookmark in document.get_toc():
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        if page is not None:
            found.setdefault(page, []).append((bookmark.get_title(), bookmark.level + 1))
    return found


def _pages(document: Any) -> Iterator[tuple[int, Page]]:
    """Those that can be opened, with their numbers counted from 0. Raises `UnreadableFile` where
    none can."""
    import pypdfium2

    opened = False
    written = 0
    for number in range(len(document)):
        with suppress(pypdfium2.PdfiumError):  # what is missing among the pages is damaged
            page = document[number]
            try:
                found = read_page(page, document.formenv)
                yield number, found
            finally:
                page.close()
            opened = True
            written += bool(found.lines)  # a scanned page is yet to be read
            pages_read(written, len(document))
    if not opened and len(document):
        raise UnreadableFile("is a broken PDF, of which no page can be opened")


def _leave_out(builder: TextBuilder, pages: Sequence[Page], scanned: Mapping[int, str]) -> None:
    """Has the metadata say what of `pages` isn't in the text."""
    partly = [
        number
        for number, page in enumerate(pages)
        if page.unknown and not page.unmapped and number not in scanned
    ]
    if partly:
        where = "page" if len(partly) == 1 else "pages"
        builder.leave_out(
            f"letters that a font doesn't name on {where} {page_ranges(partly)}",
            sum(pages[number].unknown for number in partly),
        )
    for page in pages:
        for what in page.added.left_out:
            builder.leave_out(what)


def _blocks(
    pages: Sequence[Sequence[Line | Table | Title]],
    bodies: Sequence[Body],
    scanned: Mapping[int, str],
) -> list[list[Block]]:
    """What each page is written as; those in `scanned`, counted from 0, as they were read by
    OCR. What its margins say stands above the first page, and behind the text of others."""
    found: list[list[Block]] = []
    for number, (page, body) in enumerate(zip(pages, bodies, strict=True)):
        if number in scanned:
            found.append([*scanned[number].split("\n\n")])
        elif any(found):
            found.append([*blocks_of(page), *map(Aside, [*body.head, *body.foot])])
        else:
            found.append([*map(Aside, body.head), *blocks_of(page), *map(Aside, body.foot)])
    return unbroken(found)


def _write(
    builder: TextBuilder, pages: Sequence[Sequence[Block]], notes: Sequence[Sequence[str]]
) -> None:
    """Writes `pages`, the `notes` of each behind it."""
    mended = iter(mend_hyphens([_text_of(block) for page in pages for block in page]))
    before = ""  # the paragraph that ended the last page
    for page, noted in zip(pages, notes, strict=True):
        builder.page()
        for at, block in enumerate(page):
            text = next(mended)
            if isinstance(block, Title):
                builder.heading(text, block.level)
            elif at == 0 and isinstance(block, str) and before and goes_on(before, text):
                builder.block(text, " ")
            else:
                builder.block(text)
            before = text if isinstance(block, str) else ""
        for note in noted:
            builder.block(note)
            before = ""


def _text_of(block: Block) -> str:
    if isinstance(block, Table):
        return "\n".join(block.lines)
    return block if isinstance(block, str) else block.text
