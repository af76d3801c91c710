"""Encrypted Office documents, which open without a password where they can."""

from __future__ import annotations

import io

from index.errors import UnreadableFile
from index.extract.zipped_xml import LOCKED, OLE

_PACKAGE = "EncryptedPackage".encode("utf-16-le")
# Office sets no empty password. In its place Excel has this one, with which it encrypts a workbook
# that is merely protected against changes, and opens it without asking.
_PASSWORD = "VelvetSweatshop"


def is_encrypted(data: bytes) -> bool:
    """Whether `data` is a compound file with an Office document encrypted in it."""
    return data.startswith(OLE) and _PACKAGE in data


def decrypted(data: bytes) -> bytes:
    """The document in `data` (MS-OFFCRYPTO). Raises `UnreadableFile` for one that opens only with a
    password."""
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, InvalidKeyError

    document, opened = msoffcrypto.OfficeFile(io.BytesIO(data)), io.BytesIO()
    try:
        document.load_key(password=_PASSWORD, verify_password=True)
        document.decrypt(opened)
    except (InvalidKeyError, DecryptionError) as error:
        raise UnreadableFile(LOCKED) from error
    return opened.getvalue()
