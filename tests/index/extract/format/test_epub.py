"""EPUB: the chapters in the order of the spine."""

from __future__ import annotations

import io
import zipfile

import pytest

from index.errors import UnreadableFile
from index.load.documents import load_bytes

_PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>On tea</dc:title><dc:creator>Ada Ray</dc:creator><dc:creator>Bo</dc:creator>
<dc:date>2024-05-06</dc:date><dc:language>en</dc:language></metadata>
<manifest>
<item id="two" href="text/two.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/chapter%20one.xhtml" media-type="application/xhtml+xml"/>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="gone" href="gone.xhtml" media-type="application/xhtml+xml"/>
<item id="out" href="../../etc/passwd" media-type="application/xhtml+xml"/>
</manifest>
<spine><itemref idref="nav"/><itemref idref="one"/><itemref idref="two"/><itemref idref="one"/>
<itemref idref="gone"/><itemref idref="out"/><itemref idref="unknown"/></spine></package>"""
_CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>"""


def _chapter(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head><title>not shown</title></head><body>{body}</body></html>"
    )


def _epub(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", _CONTAINER)
        book.writestr("OEBPS/book.opf", _PACKAGE)
        book.writestr("OEBPS/nav.xhtml", _chapter("<ol><li>Contents</li></ol>"))
        book.writestr("OEBPS/text/two.xhtml", _chapter("<h2>Two</h2><p>Poured.</p>"))
        book.writestr("OEBPS/text/chapter one.xhtml", _chapter("<h1>One</h1><p>Tea is “grün”.</p>"))
        if "encryption" in members:
            book.writestr("META-INF/encryption.xml", members["encryption"])
    return out.getvalue()


def _encryption(method: str) -> str:
    return (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" '
        'xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>'
        f'<enc:EncryptionMethod Algorithm="{method}"/></enc:EncryptedData></encryption>'
    )


def test_chapters_in_the_order_of_the_spine_each_once() -> None:
    loaded = load_bytes(_epub(), "a.epub")
    assert loaded.text == "One\n\nTea is “grün”.\n\nTwo\n\nPoured."
    assert [(loaded.text[h.start : h.end], h.level) for h in loaded.headings] == [
        ("One", 1),
        ("Two", 2),
    ]
    assert loaded.title == "On tea"
    assert loaded.metadata == {"author": "Ada Ray, Bo", "date": "2024-05-06", "language": "en"}
    assert loaded.pages == ()
    assert load_bytes(_epub(), "upload").media_type == "application/epub+zip"


def test_copy_protection_is_refused_but_scrambled_fonts_are_not() -> None:
    fonts = _encryption("http://www.idpf.org/2008/embedding")
    assert load_bytes(_epub(encryption=fonts), "a.epub").text.startswith("One")
    words = _encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc")
    with pytest.raises(UnreadableFile, match="copy protection"):
        load_bytes(_epub(encryption=words), "a.epub")


def test_a_chapter_is_found_by_its_title_in_the_contents() -> None:
    nav = _chapter(
        '<nav><ol><li><a href="text/chapter%20one.xhtml#top">The <i>leaf</i></a></li>'
        '<li><a href="text/chapter%20one.xhtml#later">Later</a></li></ol></nav>'
    )
    ncx = (
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>The '
        'leaf</text></navLabel><content src="text/chapter%20one.xhtml"/></navPoint></navMap></ncx>'
    )
    for contents, kind in [(nav, "application/xhtml+xml"), (ncx, "application/x-dtbncx+xml")]:
        loaded = load_bytes(_with_contents(contents, kind), "a.epub")
        assert [label for _, label in loaded.locations] == ["The leaf", "The leaf"]
    unlisted = load_bytes(_with_contents("<broken", "application/xhtml+xml"), "a.epub")
    assert unlisted.locations == ((0, "part 1"), (unlisted.text.index("Two"), "part 2"))


def _with_contents(contents: str, kind: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_epub())) as book, zipfile.ZipFile(out, "w") as changed:
        for name in book.namelist():
            data = book.read(name).decode()
            if name == "OEBPS/nav.xhtml":
                data = contents
            elif name == "OEBPS/book.opf" and "ncx" in kind:
                data = data.replace(' properties="nav"', "").replace(
                    '"nav.xhtml" media-type="application/xhtml+xml"',
                    f'"nav.xhtml" media-type="{kind}"',
                )
            changed.writestr(name, data)
    return out.getvalue()


def test_marks_of_notes_and_the_notes_that_no_chapter_holds() -> None:
    manifest = (
        '<item id="n" href="text/notes.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="s" href="s.css" media-type="text/css"/></manifest>'
    )
    chapter = _chapter(
        '<p>It cost $320<a xmlns:epub="http://www.idpf.org/2007/ops" epub:type="noteref" '
        'href="notes.xhtml#a">1</a> or 10<span class="s">6</span> dimes.</p>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_epub())) as old, zipfile.ZipFile(out, "w") as book:
        for name in old.namelist():
            if name == "OEBPS/book.opf":
                continue
            book.writestr(name, chapter if name.endswith("two.xhtml") else old.read(name))
        book.writestr("OEBPS/book.opf", _PACKAGE.replace("</manifest>", manifest))
        book.writestr("OEBPS/s.css", "span.s { vertical-align: super }")
        book.writestr("OEBPS/text/notes.xhtml", _chapter("<p>1 Paid in May.</p>"))
    text = load_bytes(out.getvalue(), "a.epub").text
    assert text.endswith("\n\nIt cost $320¹ or 10⁶ dimes.\n\n1 Paid in May.")
