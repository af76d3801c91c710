"""EPUB: the chapters of the book in reading order, each read as HTML."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from textwrap import shorten
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from index.errors import UnreadableFile
from index.extract.content import Extracted
from index.extract.file_metadata import metadata_of
from index.extract.format.html import write_visible
from index.extract.limits import Parsing
from index.extract.text_builder import TextBuilder
from index.extract.zipped_xml import open_archive, parse_xml
from index.text.clean import one_line

if TYPE_CHECKING:
    from zipfile import ZipFile

_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_ENCRYPTION = "META-INF/encryption.xml"
_METHOD = "{http://www.w3.org/2001/04/xmlenc#}EncryptionMethod"
_FONTS_ONLY = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_NCX, _NCX_TYPE = "{http://www.daisy.org/z3986/2005/ncx/}", "application/x-dtbncx+xml"
_XHTML = "{http://www.w3.org/1999/xhtml}"
_TARGET = re.compile(rb"""<a\b[^>]*\shref\s*=\s*["']([^"'#:?]+)""")
_LONGEST_TITLE = 80  # characters, of a chapter
_PAGES = ("application/xhtml+xml", "text/html")


def read_epub(data: bytes, parsing: Parsing) -> Extracted:
    """All that the chapters show, without the book's table of contents; title, authors, day and
    language as the book states them. Raises `UnreadableFile` for a book under copy protection,
    and as `open_archive`."""
    with open_archive(data) as archive:
        if _ENCRYPTION in archive.namelist() and _is_protected(archive.read(_ENCRYPTION)):
            raise UnreadableFile("is under copy protection (DRM), which only its own reader opens")
        name = _package_name(parse_xml(archive.read("META-INF/container.xml")))
        package = parse_xml(archive.read(name))
        folder = posixpath.dirname(name)
        titles = _contents(package, folder, archive)
        builder = TextBuilder(parsing)
        title = ""
        style = _style(package, folder, archive)
        chapters = list(_chapters(package, folder, archive))
        for number, chapter in enumerate([*chapters, *_linked(chapters, package, folder, archive)]):
            title = titles.get(chapter, title)
            builder.place(title or f"part {number + 1}")
            write_visible(builder, archive.read(chapter), style=style)
    stated = [element.text or "" for element in package.iter(_DC + "creator")]
    return builder.build(
        package.findtext(f".//{_DC}title") or "",
        metadata_of(
            author=", ".join(stated),
            dated=package.findtext(f".//{_DC}date") or "",
            language=package.findtext(f".//{_DC}language") or "",
        ),
    )


def _package_name(container: Any) -> str:
    root = next(container.iter(f"{_CONTAINER}rootfile"), None)
    if root is None:
        raise UnreadableFile("names no package, so it is no book")
    return str(root.get("full-path"))


def _chapters(package: Any, folder: str, archive: ZipFile) -> Iterator[str]:
    """The names of the pages that the spine lists, each once, as far as the archive holds them."""
    items = {item.get("id"): item for item in package.iter(_OPF + "item")}
    names = set(archive.namelist())
    for reference in package.iter(_OPF + "itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _PAGES:
            continue
        if "nav" in item.get("properties", "").split():
            continue
        name = _beside(folder, item.get("href", ""))
        if name in names:
            names.remove(name)
            yield name


def _linked(chapters: Sequence[str], package: Any, folder: str, archive: ZipFile) -> Iterator[str]:
    """The pages that the chapters lead to and the spine doesn't list, as those of notes."""
    pages = {
        _beside(folder, item.get("href", ""))
        for item in package.iter(_OPF + "item")
        if item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split()
    }
    left = (pages & set(archive.namelist())) - {*chapters}
    for chapter in chapters if left else ():
        for target in _TARGET.findall(archive.read(chapter)):
            page = _beside(posixpath.dirname(chapter), target.decode("utf-8", "replace"))
            if page in left:
                left.remove(page)
                yield page


def _style(package: Any, folder: str, archive: ZipFile) -> str:
    """The rules of style of all pages."""
    names = {
        _beside(folder, item.get("href", ""))
        for item in package.iter(_OPF + "item")
        if item.get("media-type") == "text/css"
    }
    sheets = (archive.read(name) for name in sorted(names & set(archive.namelist())))
    return "\n".join(sheet.decode("utf-8", "replace") for sheet in sheets)


def _contents(package: Any, folder: str, archive: ZipFile) -> dict[str, str]:
    """The title of each page that the book's table of contents names, the first of several. Pages
    that it doesn't name belong to the chapter before them."""
    found: dict[str, str] = {}
    names = set(archive.namelist())
    for item in package.iter(_OPF + "item"):
        is_navigation = "nav" in item.get("properties", "").split()
        name = _beside(folder, item.get("href", ""))
        if name not in names or not (is_navigation or item.get("media-type") == _NCX_TYPE):
            continue
        with suppress(SyntaxError):  # the chapters may be sound where their list is not
            for target, title in _entries(parse_xml(archive.read(name)), is_navigation):
                page = _beside(posixpath.dirname(name), target.partition("#")[0])
                if title and page not in found:
                    found[page] = shorten(title, _LONGEST_TITLE, placeholder="…")
    return found


def _entries(contents: Any, is_navigation: bool) -> Iterator[tuple[str, str]]:
    """(target, title) of each entry of a navigation document (EPUB 3) or an NCX (EPUB 2)."""
    if is_navigation:
        for link in contents.iter(_XHTML + "a"):
            yield link.get("href", ""), one_line("".join(link.itertext()))
        return
    for point in contents.iter(_NCX + "navPoint"):
        content, label = point.find(_NCX + "content"), point.find(f"{_NCX}navLabel/{_NCX}text")
        if content is not None and label is not None:
            yield content.get("src", ""), one_line(label.text or "")


def _beside(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(target)))


def _is_protected(encryption: bytes) -> bool:
    """Whether more than fonts is encrypted; those are scrambled in many free books."""
    methods = parse_xml(encryption).iter(_METHOD)
    return any(method.get("Algorithm") not in _FONTS_ONLY for method in methods)
