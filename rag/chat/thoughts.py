"""The thoughts that some models write before they answer."""

from __future__ import annotations

from rag.chat.chat_model import Kept, Writing

_THOUGHTS, _END_OF_THOUGHTS = "<think>", "</think>"


def without_thoughts(pieces: Writing) -> Writing:
    """What follows `<think> … </think>` at the beginning, and everything where there is none."""
    held = ""
    for piece in (rest := Kept(pieces)):
        held = (held + piece).lstrip()
        if not held.startswith(_THOUGHTS) and not _THOUGHTS.startswith(held):
            break
        if _END_OF_THOUGHTS in held:
            held = held.partition(_END_OF_THOUGHTS)[2].lstrip()
            break
    if held and not held.startswith(_THOUGHTS):
        yield held
    yield from rest
    return rest.written
