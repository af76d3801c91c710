"""A message as it is written out, whichever format it came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.extract.format.html import write_visible
from index.extract.text_builder import TextBuilder
from index.text.clean import one_line


@dataclass(frozen=True, slots=True)
class Message:
    """`fields` are the lines above the text, by name and in order (Subject, From, …); `html` is
    used where `text` is empty; `attachments` are names, `enclosed` whole messages."""

    fields: Mapping[str, str]
    text: str = ""
    html: str = ""
    attachments: Sequence[str] = ()
    enclosed: Sequence[Message] = ()

    @property
    def subject(self) -> str:
        return self.fields.get("Subject", "")


def write_message(builder: TextBuilder, message: Message, within: str = "") -> None:
    """Writes the fields that hold something, the text, the names of the attachments and the
    enclosed messages, whose locations begin with `within`."""
    lines = [f"{name}: {one_line(value)}" for name, value in message.fields.items()]
    builder.block("\n".join(line for line in lines if not line.endswith(": ")))
    if message.text.strip():
        builder.block(message.text)
    elif message.html.strip():
        write_visible(builder, message.html)
    if names := ", ".join(map(one_line, filter(None, message.attachments))):
        builder.block(f"Attachments: {names}")
    for number, inner in enumerate(message.enclosed, start=1):
        part = f"{within}enclosed message {number}"
        builder.place(part)
        builder.block("Enclosed message:")
        write_message(builder, inner, f"{part}, ")
