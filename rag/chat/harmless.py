"""Text of documents made harmless for a prompt."""

from __future__ import annotations

import re

_TITLE_CHARACTERS = 200


_UNSEEN = re.compile(  # control characters, overrides of direction, tags, halves of surrogate pairs
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)


_BRACKETED = re.compile(r"\[([\d,;\s–-]+|\s*/?[A-Za-z_]{3,}\s*)\]")


_ANGLES = str.maketrans("<>", "‹›")


def harmless(text: str) -> str:
    """Text of a document that can neither be a marker, nor a tag, nor a control token of a model:
    angle brackets become ‹ and ›, `[1]` and `[INST]` get round brackets, and characters that no
    one sees are taken out."""
    return _BRACKETED.sub(r"(\1)", _UNSEEN.sub("", text)).translate(_ANGLES)


def on_one_line(text: str) -> str:
    """The beginning of harmless `text`, on one line."""
    return " ".join(harmless(text).split())[:_TITLE_CHARACTERS]


def barred(text: str) -> str:
    """Harmless `text` with a bar before each line, so that none can pass for one of ours. Empty
    lines are left out."""
    return _behind("|", text)


def quoted(text: str) -> str:
    """The same with an angle bracket before each line: the words of the API's client, which are
    no document's."""
    return _behind(">", text)


def _behind(sign: str, text: str) -> str:
    lines = (line.strip() for line in harmless(text).splitlines())
    return "\n".join(f"{sign} {line}" for line in lines if line)
