"""A message as it is written out, whichever format it came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.extract.content import File
from index.extract.format.html import visible_text, write_visible
from index.extract.format.quoted import QUOTED, write_quoting
from index.extract.limits import Parsing
from index.extract.text_builder import TextBuilder
from index.text.clean import one_line

_FULLER = 1.5  # times as many letters


@dataclass(frozen=True, slots=True)
class Message:
    """`fields` are the lines above the text, by name and in order (Subject, From, …); `html` is
    what stands beside the text; `enclosed` are whole messages."""

    fields: Mapping[str, str]
    text: str = ""
    html: str = ""
    attachments: Sequence[File] = ()
    enclosed: Sequence[Message] = ()

    @property
    def subject(self) -> str:
        return self.fields.get("Subject", "")


def is_fuller(html: str, text: str, parsing: Parsing) -> bool:
    """Whether `html` shows much more than `text`, which is to say the same: plain alternatives are
    often no more than a hint to look at the other."""
    written = sum(map(str.isalnum, text))
    if len(html) < _FULLER * written:
        return False
    return sum(map(str.isalnum, visible_text(html, parsing))) > _FULLER * written


def write_message(builder: TextBuilder, message: Message, within: str = "") -> None:
    """Writes the fields that hold something, the text, what it quotes marked as such, the names of
    the attachments, which are handed on, and the enclosed messages, whose locations begin with
    `within`."""
    lines = [f"{name}: {one_line(value)}" for name, value in message.fields.items()]
    builder.block("\n".join(line for line in lines if not line.endswith(": ")))
    if message.text.strip():
        write_quoting(builder, message.text, within)
    if message.html.strip():
        write_visible(builder, message.html, f"{within}{QUOTED}")
    files = [File(one_line(file.name), file.data) for file in message.attachments if file.name]
    if files:
        builder.place(within.removesuffix(", "))
        builder.block(f"Attachments: {', '.join(file.name for file in files)}")
    for file in files:
        builder.attach(file)
    for number, inner in enumerate(message.enclosed, start=1):
        part = f"{within}enclosed message {number}"
        builder.place(part)
        builder.block("Enclosed message:")
        write_message(builder, inner, f"{part}, ")
