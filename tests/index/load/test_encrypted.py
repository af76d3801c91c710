"""Encrypted Office documents."""

from __future__ import annotations

import io

import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from index.errors import UnreadableFile
from index.load.documents import load_bytes
from index.load.encrypted import is_encrypted


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Region", "Sales"])
    book.active.append(["North", 12])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _encrypted(data: bytes, password: str) -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, out)
    assert is_encrypted(out.getvalue())
    return out.getvalue()


def test_a_workbook_that_opens_without_asking_is_read() -> None:
    document = load_bytes(_encrypted(_workbook(), "VelvetSweatshop"), "a.xlsx")
    assert "Region: North | Sales: 12" in document.text


@pytest.mark.parametrize("name", ["a.xlsx", "a.docx", "a.pptx"])
def test_what_needs_a_password_is_refused(name: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        load_bytes(_encrypted(_workbook(), "tea"), name)
    assert str(caught.value) == (
        f"{name} is encrypted and opens only with a password; save a copy without one"
    )
