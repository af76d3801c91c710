"""What formats made of zipped XML share: opening the archive safely, and parsing its members."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from index.errors import UnreadableFile

MOST_UNPACKED = 200 * 1024 * 1024  # bytes; an archive beyond this is taken for a bomb
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how compound files begin: old or encrypted Office
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
LOCKED = "is encrypted and opens only with a password; save a copy without one"


def open_archive(data: bytes) -> zipfile.ZipFile:
    """The archive in `data`. Raises `UnreadableFile` for one that is encrypted or unpacks to more
    than `MOST_UNPACKED`, and for a compound file, which is Office's form for encrypted and for old
    documents; `zipfile.BadZipFile` for what is no archive at all."""
    if data.startswith(OLE):
        if _ENCRYPTED in data:
            raise UnreadableFile(LOCKED)
        raise UnreadableFile("is in Office's old binary form; save it anew in the present one")
    archive = zipfile.ZipFile(io.BytesIO(data))
    members = archive.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableFile(LOCKED)
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        limit = MOST_UNPACKED // (1024 * 1024)
        raise UnreadableFile(f"unpacks to over {limit} MB; it looks like a decompression bomb")
    return archive


def parse_sound(data: bytes) -> Any:
    """As `parse_xml`; None for what is damaged."""
    from lxml.etree import XMLSyntaxError

    try:
        return parse_xml(data)
    except XMLSyntaxError:
        return None


def parse_xml(data: bytes) -> Any:
    """The root element of an XML document: no entity is expanded, nothing is fetched, and lxml's
    limits on depth and size hold. Raises `lxml.etree.XMLSyntaxError`."""
    from lxml import etree

    return etree.fromstring(
        data,
        etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        ),
    )
