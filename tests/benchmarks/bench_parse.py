"""Parsing speed by format: as the product does it, in a separate process, beside the library alone.
Both by the processor time that they take, which what else the machine does distorts little.

PDF is measured on the filings under `<data>/financebench`, HTML and MSG on the files under
`<data>/documents`, the others on files made here of SQuAD's paragraphs. The process is warm: its
first file of each kind is not counted. Peak memory is that of the process that parsed the largest.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import time
import zipfile
from collections.abc import Callable, Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from pathlib import Path

from common import parse, show, squad

from index.extract.limits import Parsing
from index.load.documents import walk
from index.load.pool import pool
from index.load.sources import bytes_source, load_each

Files = list[tuple[str, bytes]]


def made(texts: list[str], count: int) -> dict[str, Files]:
    """Files of `count` paragraphs each, by suffix."""
    import docx
    import openpyxl
    import pptx

    chosen = (texts * (count // len(texts) + 1))[:count]
    document, deck, book = docx.Document(), pptx.Presentation(), openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Number", "Length", "Text"])
    for number, text in enumerate(chosen):
        document.add_paragraph(text)
        book.active.append([number, len(text), text])
    for text in chosen[: count // 10]:
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = text
    table = io.StringIO()
    csv.writer(table).writerows([["Number", "Text"], *enumerate(chosen)])
    records = "".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(chosen))
    files = {
        ".txt": "\n\n".join(chosen).encode(),
        ".md": "\n\n".join(f"## Part {n}\n\n{text}" for n, text in enumerate(chosen)).encode(),
        ".csv": table.getvalue().encode(),
        ".jsonl": records.encode(),
    }
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = "Parts", "Ada <a@x.org>", "Ben <b@x.org>"
    letter.set_content("\n\n".join(chosen))
    files[".eml"] = letter.as_bytes()
    cells = [{"cell_type": "markdown", "metadata": {}, "source": [text]} for text in chosen]
    files[".ipynb"] = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}).encode()
    files[".odt"] = odt(chosen)
    files[".epub"] = epub([chosen[at : at + 50] for at in range(0, count, 50)])
    for suffix, writer in [(".docx", document), (".pptx", deck), (".xlsx", book)]:
        out = io.BytesIO()
        writer.save(out)
        files[suffix] = out.getvalue()
    return {suffix: [(f"made{suffix}", data)] for suffix, data in files.items()}


def zipped(members: Iterable[tuple[str, str]]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


def odt(texts: list[str]) -> bytes:
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    body = "".join(f"<t:p>{escape(text)}</t:p>" for text in texts)
    content = (
        f'<o:document-content xmlns:o="{space}office:1.0" xmlns:t="{space}text:1.0"><o:body>'
        f"<o:text>{body}</o:text></o:body></o:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.text"
    return zipped([("mimetype", kind), ("content.xml", content)])


def epub(chapters: list[list[str]]) -> bytes:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="p.opf"/></rootfiles></container>'
    )
    numbers = range(len(chapters))
    items = "".join(
        f'<item id="c{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in numbers
    )
    package = (
        f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{items}</manifest><spine>'
        + "".join(f'<itemref idref="c{n}"/>' for n in numbers)
        + "</spine></package>"
    )
    pages = [
        "<html><body>" + "".join(f"<p>{escape(text)}</p>" for text in texts) + "</body></html>"
        for texts in chapters
    ]
    return zipped(
        [
            ("mimetype", "application/epub+zip"),
            ("META-INF/container.xml", container),
            ("p.opf", package),
            *((f"{number}.xhtml", page) for number, page in enumerate(pages)),
        ]
    )


def bare_zip(data: bytes, suffix: str) -> int:
    """lxml alone, over the members with this suffix."""
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.endswith(suffix)]
        roots = (etree.fromstring(archive.read(name)) for name in names)
        return sum(len(text) for root in roots for text in root.itertext())


def bare_msg(data: bytes) -> int:
    import olefile

    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        return sum(len(ole.openstream(path).read()) for path in ole.listdir())


def bare_eml(data: bytes) -> int:
    body = message_from_bytes(data, policy=policy.default).get_body()
    assert isinstance(body, EmailMessage)
    return len(body.get_content())


def bare_pdf(data: bytes) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    return sum(len(page.get_textpage().get_text_range()) for page in document)


def bare_html(data: bytes) -> int:
    from trafilatura import extract

    return len(extract(data.decode()) or "")


def bare_docx(data: bytes) -> int:
    import docx

    return sum(len(one.text) for one in docx.Document(io.BytesIO(data)).paragraphs)


def bare_pptx(data: bytes) -> int:
    import pptx

    shapes = (
        shape for slide in pptx.Presentation(io.BytesIO(data)).slides for shape in slide.shapes
    )
    return sum(len(shape.text_frame.text) for shape in shapes if shape.has_text_frame)


def bare_xlsx(data: bytes) -> int:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    rows = (row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True))
    return sum(len(str(cell)) for row in rows for cell in row)


def bare_md(data: bytes) -> int:
    from markdown_it import MarkdownIt

    return len(MarkdownIt().parse(data.decode()))


BARE: dict[str, Callable[[bytes], int]] = {
    ".pdf": bare_pdf,
    ".html": bare_html,
    ".docx": bare_docx,
    ".pptx": bare_pptx,
    ".xlsx": bare_xlsx,
    ".md": bare_md,
    ".odt": lambda data: bare_zip(data, "content.xml"),
    ".epub": lambda data: bare_zip(data, ".xhtml"),
    ".eml": bare_eml,
    ".msg": bare_msg,
    ".ipynb": lambda data: len(json.loads(data)["cells"]),
    ".txt": lambda data: len(data.decode()),
    ".csv": lambda data: sum(map(len, csv.reader(io.StringIO(data.decode())))),
    ".jsonl": lambda data: sum(len(json.loads(line)) for line in data.splitlines()),
}


def taken(work: Callable[[], object], rounds: int) -> float:
    """The least processor seconds of some rounds, after one that is not counted."""
    work()
    return min(_seconds(work) for _ in range(rounds))


def _seconds(work: Callable[[], object]) -> float:
    begin = _processor_seconds()
    work()
    return _processor_seconds() - begin


def _processor_seconds() -> float:
    """Those of this process and of the ones that parse for it, so far."""
    seconds = time.process_time()
    for one in pool()._all:
        fields = Path(f"/proc/{one._process.pid}/stat").read_text().rpartition(")")[2].split()
        seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def product(files: Files) -> int:
    """Pages of `files`, parsed one after the other; where the format has none, documents."""
    found = list(load_each((bytes_source(data, name) for name, data in files), Parsing(ocr="off")))
    return sum(len(getattr(one, "pages", ())) or 1 for one in found)


def peak_mb(file: tuple[str, bytes]) -> float:
    """Peak resident memory of a fresh process that parses `file`."""
    pool().close()
    product([file])
    (process,) = pool()._all
    status = Path(f"/proc/{process._process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


def main() -> None:
    asked = parse(__doc__ or "", paragraphs=5000, rounds=2)
    documents, _ = squad(asked.data)
    corpus = made([one.text for one in documents], asked.paragraphs)
    paths = list(walk([asked.data / "financebench", asked.data / "documents"]))
    filings = [path for path in paths if path.suffix == ".pdf" and "financebench" in path.parts]
    corpus[".pdf"] = [(path.name, path.read_bytes()) for path in filings]
    for suffix in (".html", ".msg"):
        corpus[suffix] = [(p.name, p.read_bytes()) for p in paths if p.suffix == suffix]
    figures: dict[str, float | int | str] = {}
    for suffix, files in sorted(corpus.items()):
        size = sum(len(data) for _, data in files) / 1e6
        bare = BARE[suffix]
        count = product(files)
        ours = taken(lambda files=files: product(files), asked.rounds)  # type: ignore[misc]
        alone = taken(
            lambda files=files, bare=bare: [bare(data) for _, data in files],  # type: ignore[misc]
            asked.rounds,
        )
        name = f"{suffix[1:]}, {size:.1f} MB"
        figures[f"{name}: MB/s"] = size / ours
        figures[f"{name}: library alone, MB/s"] = size / alone
        if count > len(files):
            figures[f"{name}: pages/s"] = count / ours
            figures[f"{name}: library alone, pages/s"] = count / alone
        largest = max(files, key=lambda file: len(file[1]))
        figures[f"{name}: peak MB at the largest, {len(largest[1]) / 1e6:.1f} MB"] = peak_mb(
            largest
        )
    show("parse", figures, asked.out)


if __name__ == "__main__":
    main()
