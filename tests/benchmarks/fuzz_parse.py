"""Feeds every parser mutated files for a bounded time and counts what becomes of them.

Seeds are the files under `<data>/documents` up to 200 kB and small ones made here for the formats
that it lacks. A mutation flips, cuts, repeats, inserts or splices bytes; in zipped formats, as
often as not, inside a member that is then zipped anew. Each input is parsed as the product does,
in a separate process with limits. Whatever crashes, hangs or breaks a promise of `Document` is
kept under `<out>/fuzz`.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import time
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from index.document import Document
from index.extract.limits import Parsing
from index.load.documents import walk
from index.load.parse import Archive, Refused
from index.load.sources import Source, bytes_source, load_each
from index.uri import MEMBER

MOST_SEED = 200_000
TOKENS = [
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"<", b"]]>", b"&#0;", b"&a;", b"<!DOCTYPE a [",
    b"{", b"[[[[[[[[", b'"', b"\\ud800", b"-1", b"999999999999", b"NaN", b"0 R", b"endobj",
    b"/Kids [2 0 R]", b"/Parent 9 0 R", b"/Next 5 0 R", b"stream\n", b"../", b"%", b"\x1f",
    b"Content-Type: multipart/mixed; boundary=x\n", b"charset=utf-7", b"::\n\n", b"[](", b"=====\n",
]  # fmt: skip


def seeds(data: Path) -> dict[str, list[bytes]]:
    """The bytes to mutate, by suffix."""
    found: dict[str, list[bytes]] = defaultdict(list)
    for path in walk([data / "documents"]):
        if path.suffix and path.stat().st_size <= MOST_SEED:
            found[path.suffix.lower()].append(path.read_bytes())
    mail = "Subject: {0}\nFrom: Ada <ada@example.org>\nDate: Mon, 06 May 2024 23:30:00 -0200\n"
    body = 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="x"\n\n--x\n\nHi.\n--x\n'
    inner = "Content-Type: message/rfc822\n\nSubject: In\n\nWords.\n--x--\n"
    found[".eml"].append((mail.format("=?utf-8?q?Gr=C3=BC=C3=9Fe?=") + body + inner).encode())
    cells = [
        {"cell_type": "markdown", "source": ["# Tea\n", "We count."]},
        {"cell_type": "code", "source": "2", "outputs": [{"data": {"text/plain": "2"}}]},
    ]
    found[".ipynb"].append(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}).encode())
    found[".jsonl"].append(b'{"title": "Tea", "text": "It is hot."}\n{"a": [1, {"b": null}]}\n')
    found[".tsv"].append(b"Region\tSales\nNorth\t12\n\nSouth\t7\n")
    found[".rst"].append(
        b"Tea\n===\n\n:Author: Ada\n\nWords *here*.\n\n- one\n- two\n\n.. note:: Box\n\n   In "
        b"it.\n\n===  ===\na    b\n===  ===\n1    2\n===  ===\n"
    )
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    words = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    found[".odt"].append(
        zipped(
            {
                "mimetype": b"application/vnd.oasis.opendocument.text",
                "content.xml": f'<o:c xmlns:o="{office}" xmlns:t="{words}"><o:body><o:text><t:h>Tea'
                "</t:h><t:p>Hot<t:s/><t:tab/></t:p></o:text></o:body></o:c>".encode(),
            }
        )
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="a.xhtml" '
        'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine>'
        "</package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
        'full-path="p.opf"/></rootfiles></container>'
    )
    found[".epub"].append(
        zipped(
            {
                "mimetype": b"application/epub+zip",
                "META-INF/container.xml": container.encode(),
                "p.opf": package.encode(),
                "a.xhtml": b"<html><body><h1>Tea</h1><p>Hot.</p></body></html>",
            }
        )
    )
    found[".zip"].append(
        zipped(
            {"a.md": b"# Tea\n\nHot.", "b/c.csv": b"a,b\n1,2\n", "d.zip": zipped({"e.txt": b"E"})}
        )
    )
    found[".py"].append(Path(__file__).read_bytes())
    found[".xlsx"].append(encrypted_workbook())
    return found


def encrypted_workbook() -> bytes:
    """One that Excel opens without asking."""
    import openpyxl
    from msoffcrypto.format.ooxml import OOXMLFile

    book, plain, out = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    assert book.active is not None
    book.active.append(["Region", "Sales"])
    book.save(plain)
    OOXMLFile(plain).encrypt("VelvetSweatshop", out)
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    if data.startswith(b"PK") and chance.random() < 0.6:
        return inside(data, chance)
    return bent(data, other, chance)


def inside(data: bytes, chance: random.Random) -> bytes:
    """A zipped file with a member bent, and sometimes one renamed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError):
        return data[: len(data) // 2]
    if members:
        name = chance.choice(list(members))
        members[name] = bent(members[name], chance.choice(list(members.values())), chance)
        if chance.random() < 0.1:
            members[chance.choice(["../x", "/x", "x\0y", "é/x.txt"])] = members.pop(name)
    return zipped(members)


def bent(data: bytes, other: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(2 ** chance.randrange(4)):
        at = chance.randrange(len(out) + 1)
        length = min(2 ** chance.randrange(12), len(out) - at)
        match chance.randrange(7):
            case 0 if at < len(out):
                out[at] ^= 1 << chance.randrange(8)
            case 1:
                del out[at : at + length]
            case 2:
                out[at:at] = out[at : at + length] * chance.choice([1, 2, 50])
            case 3:
                out[at:at] = chance.choice(TOKENS) * chance.choice([1, 1, 1, 100])
            case 4 if chance.random() < 0.2:
                del out[at:]
            case 5:
                begin = chance.randrange(len(other) + 1)
                out[at : at + length] = other[begin : begin + length]
            case 6:
                out[at : at + length] = chance.randbytes(length)
    return bytes(out[: 4 * MOST_SEED])


def broken_promises(document: Document) -> Iterator[str]:
    """What `Document` says of itself and is not so."""
    text = document.text
    if not text or text != text.strip() or "\0" in text or "\r" in text:
        yield "the text is not clean"
    try:
        json.dumps(dict(document.metadata), ensure_ascii=False).encode()
        (text + document.title).encode()
    except UnicodeEncodeError:
        yield "lone surrogates"
    for name, starts in [("pages", document.pages), ("places", [s for s, _ in document.locations])]:
        if list(starts) != sorted(starts) or any(not 0 <= start <= len(text) for start in starts):
            yield f"{name} out of order"
    if any(not 0 <= one.start < one.end <= len(text) for one in document.headings):
        yield "headings out of the text"


def inputs(
    corpus: dict[str, list[bytes]], seconds: float, chance: random.Random, sent: dict[str, bytes]
) -> Iterator[Source]:
    """Mutated files until the time is up; each is in `sent` until its result is counted."""
    until = time.monotonic() + seconds
    suffixes = sorted(corpus)
    number = 0
    while time.monotonic() < until:
        suffix = suffixes[number % len(suffixes)]
        files = corpus[suffix]
        data = mutated(chance.choice(files), chance.choice(files), chance)
        number += 1
        name = f"{number}{suffix}"
        sent[name] = data
        yield bytes_source(data, name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("results"))
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="suffixes, set apart by commas")
    asked = parser.parse_args()
    corpus = seeds(asked.data)
    if asked.only:
        corpus = {suffix: corpus[suffix] for suffix in asked.only.split(",")}
    parsing = Parsing(seconds=20, memory_mb=1024, ocr="off")
    sent: dict[str, bytes] = {}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    kept = asked.out / "fuzz"
    for one in load_each(inputs(corpus, asked.seconds, random.Random(asked.seed), sent), parsing):
        name = one.uri.partition(MEMBER)[0]  # of an archive or a letter, for what is within
        what = verdict(one)
        if isinstance(one, Archive):
            continue
        counts[Path(name).suffix][what.partition(":")[0]] += 1
        if what.partition(":")[0] not in ("parsed", "refused"):
            kept.mkdir(parents=True, exist_ok=True)
            (kept / name).write_bytes(sent[name])
            print(name, what)
        for done in [other for other in sent if int(Path(other).stem) < int(Path(name).stem)]:
            del sent[done]
    columns = ["parsed", "refused", "crashed", "hung", "memory", "broken"]
    table = Table("suffix", *columns)
    for suffix, found in sorted(counts.items()):
        table.add_row(suffix, *(str(found[column]) for column in columns))
    table.add_row("all", *(str(sum(found[c] for found in counts.values())) for c in columns))
    Console().print(table)


def verdict(one: Document | Refused | Archive) -> str:
    if isinstance(one, Document):
        return (
            f"broken: {'; '.join(faults)}" if (faults := list(broken_promises(one))) else "parsed"
        )
    line = str(one.error) if isinstance(one, Refused) else ""
    for words, what in [
        ("crashed its parser", "crashed"),
        ("took longer", "hung"),
        ("of memory to be read", "memory"),
    ]:
        if words in line:
            return f"{what}: {line}"
    return "refused"


if __name__ == "__main__":
    main()
