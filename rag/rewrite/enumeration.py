"""The things that an answer lists, and which of them "the first one" means. Pure."""

from __future__ import annotations

import re

_MARKER = re.compile(r"(?<!\s)\s*(?:\[\d+\]\s*)+")
_BULLET = re.compile(r"(?:[-*•‣▪–]|\(?\d{1,2}[.)])\s+")
_JOINED = re.compile(r",| and | or ")
_ENDED = re.compile(r"[.;?!]")
_SEPARATOR = re.compile(r"\s*(?:,\s*(?:and|or)?|\band\b(?= (?:the|a|an|to|in|at|on)\b))\s*")
_BOTH = re.compile(r"\s+(?:and|or)\s+")
_PLACED = re.compile(r"^(?:to|in|at|on|by|with|for) (?=\w)", re.I)
_COUNTED = re.compile(
    r"\bthe (?P<word>first|second|third|fourth|last|former|latter)(?: ones?\b|(?=\W*$)"
    r"|(?<=former)\b|(?<=latter)\b)",
    re.I,
)
_PLACES = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1, "former": 0, "latter": -1}
_MOST_CHARACTERS = 80  # of what stands for "the first one"


def listed(answer: str) -> tuple[str, ...]:
    """The things that `answer` lists, as cited items, lines, or after a colon; none where it lists
    fewer than two."""
    parts = _MARKER.split(answer) if _MARKER.search(answer) else answer.splitlines()
    items = [
        part[found.end() :] for part in map(str.strip, parts) if (found := _BULLET.match(part))
    ]
    if len(items) < 2 and (after := _after_colon(_MARKER.sub(" ", answer))):
        items = [item for item in _SEPARATOR.split(after) if item]
        items = items if len(items) > 1 else _BOTH.split(after)
    return tuple(_PLACED.sub("", item, count=1).strip(" .") for item in items if len(items) > 1)


def _after_colon(text: str) -> str:
    """What is enumerated after the last colon, to the end of the text; "" where nothing is."""
    _, _, after = text.rpartition(":")
    enumerated = re.sub(r"[.!]$", "", " ".join(after.split()))
    named = after != text and after[:1].isspace() and _JOINED.search(f" {enumerated} ")
    return enumerated if named and not _ENDED.search(enumerated) else ""


def picked(question: str, items: tuple[str, ...]) -> str | None:
    """`question` with the one of `items` that "the first one" and the like mean in it; None where
    it holds none such, or there are too few."""
    found = _COUNTED.search(question)
    if not found or not items:
        return None
    place = _PLACES[found["word"].lower()]
    if place >= len(items) or len(items[place]) > _MOST_CHARACTERS:
        return None
    return question[: found.start()] + items[place] + question[found.end() :]
