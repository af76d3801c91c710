"""Outlook messages (MSG) through olefile: the properties that MAPI keeps as streams."""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

from index.errors import UnreadableFile
from index.extract.content import Extracted, File
from index.extract.file_metadata import metadata_of
from index.extract.format.html import decode_html
from index.extract.format.mail import Message, is_fuller, write_message
from index.extract.format.text import decode
from index.extract.limits import Parsing
from index.extract.text_builder import TextBuilder
from index.extract.zipped_xml import OLE

# MAPI's numbers of the properties (MS-OXPROPS).
_SUBJECT, _BODY, _HTML = "0037", "1000", "1013"
_RICH = "1009"
_TO, _CC = "0E04", "0E03"
_SENDER, _SMTP_ADDRESS, _ADDRESS = "0C1A", "5D01", "0C1F"
_CONTENT = "3701"
_FILE_NAMES = ("3707", "3704", "3001")
_TEXT, _ANSI, _BINARY, _STORAGE = "001F", "001E", "0102", "000D"
_SUBMITTED, _DELIVERED = 0x00390040, 0x0E060040
_CODE_PAGE = 0x3FDE0003
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)  # of Windows' times, which count 0.1 µs


def read_msg(data: bytes, parsing: Parsing) -> Extracted:
    """Subject, sender, recipients and day, the text (that of HTML where there is no other), the
    names of the attachments and the messages enclosed. Raises `UnreadableFile` for what is no
    message."""
    import olefile

    if not data.startswith(OLE):  # olefile would take few bytes for the name of a file
        raise UnreadableFile("is no Outlook message")
    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        if not ole.exists("__properties_version1.0"):
            raise UnreadableFile("is no Outlook message")
        part = _Part(ole, [], header=32)
        builder = TextBuilder(parsing)
        write_message(builder, message := part.message(parsing))
        if not message.text.strip() and not message.html.strip() and part.is_rich():
            builder.leave_out("text that the message holds in Rich Text Format alone")
        return builder.build(
            message.subject,
            metadata_of(author=part.text(_SENDER), dated=message.fields["Date"]),
        )


class _Part:
    """The message, or one enclosed in it, whose streams lie under `path`."""

    def __init__(self, ole: Any, path: list[str], header: int) -> None:
        self._ole = ole
        self._path = path
        self._numbers: dict[int, int] = {}
        raw = self._stream("__properties_version1.0")[header:]
        for tag, _, value in struct.iter_unpack("<IIQ", raw[: len(raw) // 16 * 16]):
            self._numbers[tag] = value
        page = self._numbers.get(_CODE_PAGE, 0) & 0xFFFFFFFF
        self._charset = {0: "", 65001: "utf-8"}.get(page, f"cp{page}")

    def text(self, number: str) -> str:
        """The text of a property; "" where the message has none."""
        if wide := self._stream(f"__substg1.0_{number}{_TEXT}"):
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        return decode(self._stream(f"__substg1.0_{number}{_ANSI}").rstrip(b"\0"), self._charset)

    def message(self, parsing: Parsing) -> Message:
        name = self.text(_SENDER)
        address = self.text(_SMTP_ADDRESS) or self.text(_ADDRESS)
        if "@" not in address:  # an entry of an Exchange directory
            address = ""
        fields = {
            "Subject": self.text(_SUBJECT),
            "From": f"{name} <{address}>" if name and address != name and address else name,
            "To": self.text(_TO),
            "Cc": self.text(_CC),
            "Date": self._date(),
        }
        attachments, enclosed = [], []
        for storage in self._attachments():
            inner = [*self._path, storage, f"__substg1.0_{_CONTENT}{_STORAGE}"]
            if self._ole.exists(inner):
                enclosed.append(_Part(self._ole, inner, header=24).message(parsing))
            else:
                part = _Part(self._ole, [*self._path, storage], header=8)
                name = next(filter(None, map(part.text, _FILE_NAMES)), "")
                attachments.append(File(name, part.content()))
        text, html = self.text(_BODY), self._html()
        if is_fuller(html, text, parsing):
            text = ""
        return Message(fields, text, "" if text.strip() else html, attachments, enclosed)

    def is_rich(self) -> bool:
        """Whether the text is kept in Outlook's form of RTF."""
        return bool(self._stream(f"__substg1.0_{_RICH}{_BINARY}"))

    def content(self) -> bytes:
        """The bytes of an attachment."""
        return self._stream(f"__substg1.0_{_CONTENT}{_BINARY}")

    def _html(self) -> str:
        page = self._stream(f"__substg1.0_{_HTML}{_BINARY}")
        return decode_html(page, self._charset) if page else self.text(_HTML)

    def _date(self) -> str:
        ticks = self._numbers.get(_SUBMITTED) or self._numbers.get(_DELIVERED)
        if not ticks:
            return ""
        sent = _EPOCH + timedelta(microseconds=ticks // 10)
        return sent.strftime("%Y-%m-%d %H:%M UTC")

    def _attachments(self) -> list[str]:
        depth = len(self._path)
        return sorted(
            {
                path[depth]
                for path in self._ole.listdir()
                if path[:depth] == self._path and path[depth].startswith("__attach_")
            }
        )

    def _stream(self, name: str) -> bytes:
        path = [*self._path, name]
        return bytes(self._ole.openstream(path).read()) if self._ole.exists(path) else b""
