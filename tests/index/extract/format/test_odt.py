"""ODT: paragraphs, headings, lists and tables in document order."""

from __future__ import annotations

import io
import zipfile

import pytest

from index.errors import UnreadableFile
from index.extract import zipped_xml
from index.extract.limits import PARSING
from index.load.documents import load_bytes
from index.load.parse import Refused, parse

_TYPE = "application/vnd.oasis.opendocument.text"
_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in [
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("meta", "meta"),
        ("style", "style"),
    ]
)
_META = (
    f'<office:document-meta {_NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
    "<dc:title>The tea</dc:title><meta:initial-creator>Ada Ray</meta:initial-creator>"
    "<meta:creation-date>2024-05-06T07:08:09</meta:creation-date><dc:language>en-GB</dc:language>"
    "</office:meta></office:document-meta>"
)


def _odt(body: str, before: str = "", automatic: str = "", **members: str) -> bytes:
    """An ODT whose text is `body`, with `automatic` styles; `members` are further files."""
    content = (
        f"<?xml version='1.0'?>{before}<office:document-content {_NAMES}>"
        f"<office:automatic-styles>{automatic}</office:automatic-styles><office:body>"
        f"<office:text>{body}</office:text></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as odt:
        odt.writestr("mimetype", _TYPE)
        odt.writestr("content.xml", content)
        for name, text in members.items():
            folder = "META-INF/" if name == "manifest" else ""
            odt.writestr(f"{folder}{name}.xml", text)
    return out.getvalue()


def test_blocks_in_order() -> None:
    body = (
        "<text:tracked-changes><text:p>Deleted.</text:p></text:tracked-changes>"
        '<text:h text:outline-level="1">Tea</text:h>'
        '<text:p>One<text:s text:c="2"/>two<text:tab/>three\n   <text:span>four</text:span>.'
        "<office:annotation><text:p>A comment.</text:p></office:annotation>"
        "<text:note><text:note-citation>1</text:note-citation>"
        "<text:note-body><text:p>A note.</text:p></text:note-body></text:note></text:p>"
        "<text:list><text:list-item><text:p>first</text:p><text:list><text:list-item>"
        "<text:p>inner</text:p></text:list-item></text:list></text:list-item>"
        "<text:list-item><text:p>second</text:p></text:list-item></text:list>"
        "<table:table><table:table-header-rows><table:table-row>"
        "<table:table-cell><text:p>Leaf</text:p></table:table-cell>"
        "<table:table-cell><text:p>Grams</text:p></table:table-cell></table:table-row>"
        "</table:table-header-rows><table:table-row>"
        '<table:table-cell table:number-columns-repeated="2"><text:p>5</text:p></table:table-cell>'
        '<table:table-cell table:number-columns-repeated="999999999"/></table:table-row>'
        "</table:table>"
        '<text:h text:outline-level="2">End</text:h>'
        "<text:section><text:p>Last<text:line-break/>line."
        "<draw:frame><draw:text-box><text:p>In a box.</text:p></draw:text-box></draw:frame>"
        "</text:p></text:section>"
    )
    loaded = load_bytes(_odt(body, meta=_META), "a.odt")
    assert loaded.text == (
        "Tea\n\nOne  two\tthree four.\n\nComment: A comment.\n\nA note.\n\n"
        "- first\n  - inner\n- second\n\n"
        "Leaf | Grams\nLeaf: 5 | Grams: 5\n\nEnd\n\nLast\nline.\n\nIn a box."
    )
    assert [(loaded.text[h.start : h.end], h.level) for h in loaded.headings] == [
        ("Tea", 1),
        ("End", 2),
    ]
    assert loaded.title == "The tea"
    assert loaded.metadata == {"author": "Ada Ray", "date": "2024-05-06", "language": "en-GB"}
    assert loaded.media_type == load_bytes(_odt(body), "upload").media_type == _TYPE


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "boom"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    data = _odt("<text:p>Words &a;&f;here.</text:p>", before=bomb)
    assert load_bytes(data, "a.odt").text == "Words here."


def test_boxes_in_boxes_are_written_once() -> None:
    body = "<text:p>Deep.</text:p>"
    for _ in range(40):
        body = f"<text:p><draw:frame><draw:text-box>{body}</draw:text-box></draw:frame></text:p>"
    assert load_bytes(_odt(body), "a.odt").text == "Deep."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (_odt("", manifest="<m:encryption-data/>"), "is encrypted and opens only with a password"),
        (_odt("<text:p>open"), "is damaged or not ODT"),
        (_odt("<text:p/>"), "holds no text"),
        (b"PK", "is damaged or not ODT"),
        (zipped_xml.OLE + b"words", "old binary form"),
        (zipped_xml.OLE + "EncryptedPackage".encode("utf-16-le"), "is damaged or not ODT"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        load_bytes(data, "a.odt")


def test_archives_that_unpack_to_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = _odt("<text:p>Words.</text:p>")
    monkeypatch.setattr(zipped_xml, "MOST_UNPACKED", 100)
    for name in ("a.odt", "a.docx", "a.pptx", "a.xlsx", "a.epub"):
        (refused,) = parse(data, name, PARSING)  # in this process
        assert isinstance(refused, Refused)
        assert "looks like a decompression bomb" in str(refused.error)


def test_an_encrypted_member_is_refused() -> None:
    data = bytearray(_odt("<text:p>Words.</text:p>"))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    with pytest.raises(UnreadableFile, match="opens only with a password"):
        load_bytes(bytes(data), "a.odt")


def _style(name: str, position: str = "", parent: str = "") -> str:
    stated = f'<style:text-properties style:text-position="{position}"/>' if position else ""
    named = f'style:name="{name}" style:parent-style-name="{parent}"'
    return f"<style:style {named}>{stated}</style:style>"


def _styled(style: str, words: str) -> str:
    return f'<text:span text:style-name="{style}">{words}</text:span>'


def test_raised_and_lowered_figures_stand_apart() -> None:
    """By a style of the paragraph's own, one of the document's, and one that is based on that."""
    automatic = _style("T1", "super 58%") + _style("T2", "-33% 58%") + _style("T3", "0% 100%")
    automatic += _style("T4", parent="Raised")
    body = (
        f"<text:p>$320{_styled('T1', '1')} a month, H{_styled('T2', '2')}O, 10{_styled('T4', '6')}"
        f", 5{_styled('T3', '7')} and m{_styled('Raised', '3')}.</text:p>"
        f"<table:table><table:table-row><table:table-cell><text:p>4{_styled('T1', '2')}</text:p>"
        "</table:table-cell></table:table-row></table:table>"
    )
    named = f"<office:document-styles {_NAMES}>{_style('Raised', '33% 58%')}"
    data = _odt(body, automatic=automatic, styles=f"{named}</office:document-styles>")
    expected = "$320¹ a month, H₂O, 10⁶, 57 and m³.\n\n4²"
    assert load_bytes(data, "a.odt").text == expected


def test_headers_and_footers_are_read_once() -> None:
    """Those that hold nothing but the number of the page are left out."""
    number = "<text:page-number>1</text:page-number>"
    pages = "".join(
        f'<style:master-page style:name="{name}">'
        f"<style:header><text:p>Tea house, 12 May</text:p></style:header>"
        f"<style:header-first><text:p>{first}</text:p></style:header-first>"
        f"<style:footer><text:p>Page {number} of "
        "<text:page-count>9</text:page-count></text:p></style:footer></style:master-page>"
        for name, first in [("A", "Confidential"), ("B", "")]
    )
    styles = (
        f"<office:document-styles {_NAMES}><office:master-styles>{pages}</office:master-styles>"
        "</office:document-styles>"
    )
    loaded = load_bytes(_odt("<text:p>Hot.</text:p>", styles=styles), "a.odt")
    assert loaded.text == "Hot.\n\nTea house, 12 May\n\nConfidential"
