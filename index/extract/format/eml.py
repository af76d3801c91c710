"""E-mail (EML) and web archives (MHTML) through the standard library."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from index.errors import UnreadableFile
from index.extract.content import Extracted, File
from index.extract.file_metadata import metadata_of
from index.extract.format.html import decode_html, read_html
from index.extract.format.mail import Message, is_fuller, write_message
from index.extract.format.text import decode
from index.extract.limits import Parsing
from index.extract.text_builder import TextBuilder
from index.text.clean import one_line

if TYPE_CHECKING:
    from email.message import EmailMessage, MIMEPart

_FIELDS = ("Subject", "From", "To", "Cc", "Date")
_LEAST_FIELDS = {"from", "to", "subject", "date", "mime-version", "received", "message-id"}


def read_eml(data: bytes, parsing: Parsing) -> Extracted:
    """Subject, sender, recipients and day, the text (the fuller of two forms of it), the
    attachments and the messages enclosed. Raises `UnreadableFile` for what has no
    field of a message."""
    parsed = _parsed(data)
    builder = TextBuilder(parsing)
    write_message(builder, message := _message(parsed, parsing))
    sender = parsed["From"]
    names = [one.display_name or one.addr_spec for one in sender.addresses] if sender else []
    return builder.build(
        message.subject, metadata_of(author=", ".join(names), dated=_day(message.fields["Date"]))
    )


def read_mhtml(data: bytes, parsing: Parsing) -> Extracted:
    """The page of a web archive, as `read_html` reads it. Raises `UnreadableFile` where there is
    none."""
    archive = _parsed(data)
    for part in archive.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            page = read_html(_bytes(part), part.get_content_charset(""), parsing)
            return replace(page, title=page.title or one_line(str(archive["Subject"] or "")))
    raise UnreadableFile("is a web archive without a page")


def _parsed(data: bytes) -> EmailMessage:
    from email import message_from_bytes, policy

    parsed = message_from_bytes(data.lstrip(), policy=policy.default)
    if not _LEAST_FIELDS & {name.lower() for name in parsed}:
        raise UnreadableFile("is no e-mail: it has none of the fields of one")
    return parsed


def _message(parsed: MIMEPart, parsing: Parsing) -> Message:
    texts: list[str] = []
    pages: list[str] = []
    attachments: list[File] = []
    enclosed: list[Message] = []
    _collect(parsed, texts, pages, attachments, enclosed, parsing)
    fields = {name: str(parsed[name] or "") for name in _FIELDS}
    return Message(fields, "\n\n".join(texts), "\n".join(pages), attachments, enclosed)


def _collect(
    part: MIMEPart,
    texts: list[str],
    pages: list[str],
    attachments: list[File],
    enclosed: list[Message],
    parsing: Parsing,
) -> None:
    """Sorts the parts under `part`; of alternatives the plain text is taken, unless there is none
    or HTML says much more."""
    kind = part.get_content_type()
    if kind == "message/rfc822":
        enclosed += [_message(inner, parsing) for inner in part.iter_parts()]
    elif part.is_multipart():
        parts = list(part.iter_parts())
        if kind == "multipart/alternative":
            parts = _fuller(parts, parsing)
        for one in parts:
            _collect(one, texts, pages, attachments, enclosed, parsing)
    elif part.is_attachment() or part.get_filename():
        attachments.append(File(part.get_filename() or kind, _bytes(part)))
    elif kind.startswith("text/"):
        text = _text(part)
        if _bytes(part).strip() and not text:
            attachments.append(File(kind, _bytes(part)))
        else:
            (pages if kind == "text/html" else texts).append(text)


def _fuller(forms: list[MIMEPart], parsing: Parsing) -> list[MIMEPart]:
    plain = [one for one in forms if one.get_content_type() == "text/plain" and _bytes(one).strip()]
    if not plain:
        return forms[-1:]
    text = "".join(_text(one) for one in plain)
    for page in forms[-1].walk():
        if page.get_content_type() == "text/html" and is_fuller(_text(page), text, parsing):
            return forms[-1:]
    return plain


def _text(part: MIMEPart) -> str:
    """Its text; "" where it only claims to be some."""
    is_page = part.get_content_type() == "text/html"
    try:
        return (decode_html if is_page else decode)(_bytes(part), part.get_content_charset(""))
    except UnreadableFile:
        return ""


def _bytes(part: MIMEPart) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _day(stated: str) -> str:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(stated).date().isoformat()
    except ValueError:
        return ""
