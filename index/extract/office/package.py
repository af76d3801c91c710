"""Office's files as its own programs open them: although they are templates or hold macros, are
Strict Open XML, or have parts that are missing or damaged."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote

from index.extract.zipped_xml import open_archive, parse_xml

_Opened = TypeVar("_Opened")

_TYPES = "[Content_Types].xml"
_OFFICE = b"application/vnd.openxmlformats-officedocument."
_DOCUMENT = _OFFICE + b"wordprocessingml.document.main+xml"
_DECK = _OFFICE + b"presentationml.presentation.main+xml"
_KINDS = {
    b"application/vnd.ms-word.document.macroEnabled.main+xml": _DOCUMENT,
    b"application/vnd.ms-word.template.macroEnabledTemplate.main+xml": _DOCUMENT,
    _OFFICE + b"wordprocessingml.template.main+xml": _DOCUMENT,
    b"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml": _DECK,
    b"application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml": _DECK,
    b"application/vnd.ms-powerpoint.template.macroEnabled.main+xml": _DECK,
    _OFFICE + b"presentationml.slideshow.main+xml": _DECK,
    _OFFICE + b"presentationml.template.main+xml": _DECK,
}
_STRICT = b"http://purl.oclc.org/ooxml/"
_USUAL = b"http://schemas.openxmlformats.org/"
_NAMES = {  # of Strict Open XML → of the usual kind
    b"officeDocument/extendedProperties": b"officeDocument/2006/extended-properties",
    b"officeDocument/customProperties": b"officeDocument/2006/custom-properties",
    b"officeDocument/": b"officeDocument/2006/",
    b"wordprocessingml/": b"wordprocessingml/2006/",
    b"presentationml/": b"presentationml/2006/",
    b"spreadsheetml/": b"spreadsheetml/2006/",
    b"drawingml/": b"drawingml/2006/",
}
_TYPED = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def opened(data: bytes, opener: Callable[[io.BytesIO], _Opened]) -> tuple[_Opened, list[str]]:
    """What `opener` makes of the file in `data`, mended, and the names of the parts left out of it
    because they are damaged. Raises as `open_archive`."""
    from lxml.etree import XMLSyntaxError

    with open_archive(data) as archive:
        try:
            changed = _mended(archive, frozenset())
            sound = _packed(archive, changed, frozenset()) if changed else data
            return opener(io.BytesIO(sound)), []
        except (XMLSyntaxError, KeyError, ValueError):
            damaged = {name for name in archive.namelist() if _is_damaged(archive, name)}
            if not damaged:
                raise
            sound = _packed(archive, _mended(archive, damaged), damaged)
            return opener(io.BytesIO(sound)), sorted(damaged)


def _mended(archive: zipfile.ZipFile, damaged: Collection[str]) -> dict[str, bytes]:
    """The parts that must differ for the file to be opened."""
    names = set(archive.namelist())
    strict = "_rels/.rels" in names and _STRICT in archive.read("_rels/.rels")
    changed = {}
    for name in names - {*damaged}:
        if not (name == _TYPES or name.endswith(".rels") or (strict and name.endswith(".xml"))):
            continue
        part = mended = archive.read(name)
        if strict:
            for place, usual in _NAMES.items():
                mended = mended.replace(_STRICT + place, _USUAL + usual)
        if name == _TYPES:
            for kind, plain in _KINDS.items():
                mended = mended.replace(kind + b'"', plain + b'"')
            mended = _with_types(mended, names)
        elif name.endswith(".rels"):
            mended = _without_dangling(name, mended, names - {*damaged})
        if mended != part:
            changed[name] = mended
    return changed


def _with_types(types: bytes, names: Collection[str]) -> bytes:
    """The table of the parts' types with those that it leaves out: of data, which is not looked
    at."""
    from lxml import etree

    root = parse_xml(types)
    stated = {one.get("Extension", "").lower() for one in root.iter(_TYPED + "Default")}
    named = {one.get("PartName", "").lower() for one in root.iter(_TYPED + "Override")}
    lacking = sorted(
        {
            posixpath.splitext(name)[1].lower().lstrip(".")
            for name in names
            if f"/{name}".lower() not in named and not name.endswith("/")
        }
        - stated
        - {""}
    )
    for suffix in lacking:
        kind = "application/octet-stream"
        etree.SubElement(root, _TYPED + "Default", {"Extension": suffix, "ContentType": kind})
    return bytes(etree.tostring(root)) if lacking else types


def _without_dangling(name: str, relations: bytes, parts: Collection[str]) -> bytes:
    """The relations in the part `name` without those to what is not among `parts`."""
    from lxml import etree

    root = parse_xml(relations)
    folder = posixpath.dirname(posixpath.dirname(name))
    dangling = [one for one in root.iter(_RELATION) if not _leads_to(one, folder, parts)]
    for one in dangling:
        root.remove(one)
    return bytes(etree.tostring(root)) if dangling else relations


def _leads_to(relation: Any, folder: str, parts: Collection[str]) -> bool:
    if relation.get("TargetMode") == "External":
        return True
    target = relation.get("Target", "").partition("#")[0]
    path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
    return path in parts or unquote(path) in parts


def _is_damaged(archive: zipfile.ZipFile, name: str) -> bool:
    from lxml.etree import XMLSyntaxError

    try:
        if name.endswith((".xml", ".rels")):
            parse_xml(archive.read(name))
    except (XMLSyntaxError, zipfile.BadZipFile, zlib.error):
        return True
    return False


def _packed(
    archive: zipfile.ZipFile, changed: Mapping[str, bytes], without: Collection[str]
) -> bytes:
    """A copy of the archive with some parts changed and others left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as copy:
        for name in dict.fromkeys(archive.namelist()):
            if name not in without:
                copy.writestr(name, changed[name] if name in changed else archive.read(name))
    return out.getvalue()
