"""The thoughts that some models write before they answer."""

from __future__ import annotations

import re

from rag.chat.chat_model import Kept, Writing

_TAGS = ("<think>", "<thinking>", "<thought>", "<reasoning>")
_THOUGHTS = re.compile(r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL)


def without_thoughts(pieces: Writing) -> Writing:
    """What follows `<think> … </think>`, once or more, at the beginning, and everything where there
    is none."""
    held = ""
    for piece in (rest := Kept(pieces)):
        held = (held + piece).lstrip()
        while (thought := _THOUGHTS.match(held)) and thought.end() < len(held):
            held = held[thought.end() :].lstrip()
        if held and not thought and not any(tag.startswith(held) for tag in _TAGS):
            break
    if held and not _THOUGHTS.match(held):
        yield held
    yield from rest
    return rest.written
