"""Outlook messages, in compound files written here."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Any

import pytest

from index.errors import UnreadableFile
from index.load.documents import load_bytes

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_NO_ENTRY = 0xFFFFFFFF

Storage = dict[str, Any]  # name → bytes of a stream, or another storage


def _compound(root: Storage) -> bytes:
    """A compound file: one FAT sector, then directory, mini FAT and mini stream. Every stream
    must be shorter than 4,096 bytes, so that it lies in the mini stream."""
    entries: list[tuple[str, int, int, int, int, int]] = []
    mini = b""
    chains: list[int] = []

    def add(name: str, content: Any, sibling: int) -> int:
        nonlocal mini
        number = len(entries)
        entries.append(("", 0, 0, 0, 0, 0))
        if isinstance(content, bytes):
            start = len(mini) // 64
            count = -(-len(content) // 64)
            chains.extend([*range(start + 1, start + count), _END][:count])
            mini += content.ljust(count * 64, b"\0")
            entries[number] = (name, 2, sibling, _NO_ENTRY, start if count else _END, len(content))
        else:
            child = _NO_ENTRY
            for inner in sorted(content, key=lambda key: (len(key), key.upper()), reverse=True):
                child = add(inner, content[inner], child)
            entries[number] = (name, 1, sibling, child, 0, 0)
        return number

    add("Root Entry", root, _NO_ENTRY)
    directory_sectors = -(-len(entries) // 4)
    mini_fat = struct.pack(f"<{len(chains)}I", *chains)
    mini_fat_sectors, mini_sectors = -(-len(mini_fat) // 512), -(-len(mini) // 512)
    first_mini_fat = 1 + directory_sectors
    first_mini = first_mini_fat + mini_fat_sectors
    name, _, _, child, _, _ = entries[0]
    entries[0] = (name, 5, _NO_ENTRY, child, first_mini, len(mini))

    fat = [_FAT]
    for count in (directory_sectors, mini_fat_sectors, mini_sectors):
        fat += [*range(len(fat) + 1, len(fat) + count), _END]
    fat += [_FREE] * (128 - len(fat))
    directory = b"".join(
        (name + "\0").encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBBIII", 2 * len(name) + 2, kind, 1, _NO_ENTRY, sibling, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
        for name, kind, sibling, child, start, size in entries
    )
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096,
                          first_mini_fat, mini_fat_sectors, _END, 0)  # fmt: skip
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    return (
        header
        + struct.pack("<128I", *fat)
        + directory.ljust(directory_sectors * 512, b"\0")
        + mini_fat.ljust(mini_fat_sectors * 512, b"\xff")
        + mini.ljust(mini_sectors * 512, b"\0")
    )


def _text(words: str) -> bytes:
    return words.encode("utf-16-le")


def _properties(header: int, **numbers: int) -> bytes:
    tags = {"submitted": 0x00390040, "code_page": 0x3FDE0003}
    rows = [struct.pack("<IIQ", tags[name], 6, value) for name, value in numbers.items()]
    return bytes(header) + b"".join(rows)


_SENT = int(
    (datetime(2024, 5, 6, 7, 8, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()
)
_MESSAGE: Storage = {
    "__properties_version1.0": _properties(32, submitted=_SENT * 10_000_000, code_page=1252),
    "__substg1.0_0037001F": _text("Größe"),
    "__substg1.0_0C1A001F": _text("Ada Ray"),
    "__substg1.0_5D01001F": _text("ada@example.org"),
    "__substg1.0_0E04001F": _text("Bo; Cy\0"),
}
_HEAD = "Subject: Größe\nFrom: Ada Ray <ada@example.org>\nTo: Bo; Cy\nDate: 2024-05-06 07:08 UTC"


def test_fields_text_and_attachments() -> None:
    message = {
        **_MESSAGE,
        "__substg1.0_1000001F": _text("Dear Bo,\r\nit is 5 m."),
        "__substg1.0_10130102": b"<p>not read</p>",
        "__attach_version1.0_#00000000": {
            "__properties_version1.0": _properties(8),
            "__substg1.0_3707001F": _text("plan.png"),
            "__substg1.0_37010102": b"\x89PNG",
        },
    }
    loaded = load_bytes(_compound(message), "a.msg")
    assert loaded.text == f"{_HEAD}\n\nDear Bo,\nit is 5 m.\n\nAttachments: plan.png"
    assert loaded.title == "Größe"
    assert loaded.metadata == {
        "author": "Ada Ray",
        "date": "2024-05-06",
        "left_out": "attached file plan.png",
    }
    assert load_bytes(_compound(message), "upload").media_type == "application/vnd.ms-outlook"


def test_texts_of_one_byte_a_letter_and_html() -> None:
    message = {
        "__properties_version1.0": _properties(32, code_page=1252),
        "__substg1.0_0037001E": "Größe".encode("cp1252"),
        "__substg1.0_0C1A001E": b"Ada Ray",
        "__substg1.0_0C1F001E": b"/O=ORG/CN=ADA",
        "__substg1.0_10130102": "<h1>Zoë</h1><p>5 m.</p>".encode("cp1252"),
    }
    loaded = load_bytes(_compound(message), "a.msg")
    assert loaded.text == "Subject: Größe\nFrom: Ada Ray\n\nZoë\n\n5 m."
    assert loaded.metadata == {"author": "Ada Ray"}


def test_an_enclosed_message_is_read() -> None:
    inner = {
        "__properties_version1.0": _properties(24, submitted=_SENT * 10_000_000),
        "__substg1.0_0037001F": _text("Inner"),
        "__substg1.0_1000001F": _text("The words inside."),
    }
    attached = {"__properties_version1.0": _properties(8), "__substg1.0_3701000D": inner}
    message = {**_MESSAGE, "__attach_version1.0_#00000000": attached}
    assert load_bytes(_compound(message), "a.msg").text == (
        f"{_HEAD}\n\nEnclosed message:\n\nSubject: Inner\nDate: 2024-05-06 07:08 UTC\n\n"
        "The words inside."
    )


@pytest.mark.parametrize("data", [b"words", _compound({"WordDocument": b"words"})])
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"a\.msg is no Outlook message"):
        load_bytes(data, "a.msg")


def test_a_text_in_rich_text_format_alone_is_named() -> None:
    message = {**_MESSAGE, "__substg1.0_10090102": b"compressed"}
    loaded = load_bytes(_compound(message), "a.msg")
    assert loaded.text == _HEAD
    left_out = "text that the message holds in Rich Text Format alone"
    assert loaded.metadata["left_out"] == left_out
