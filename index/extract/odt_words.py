"""The words of an OpenDocument file's paragraphs, with what is raised or lowered set apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from index.text.raised import set_apart

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _STYLE = f"{{{_OASIS}text:1.0}}", f"{{{_OASIS}style:1.0}}"
_MOST_REPEATS = 100  # of a space
_DEEPEST = 10  # styles that one is based on


class Words:
    """Knows the styles that `parts`, the elements of the files in the archive, define. Of what is
    in elements `apart` nothing belongs to a paragraph."""

    def __init__(self, parts: Collection[Any], apart: Collection[str]) -> None:
        self._apart = apart
        self._shifts: dict[str, str] = {}
        self._parents: dict[str, str] = {}
        for part in parts:
            for style in part.iter(_STYLE + "style"):
                name = style.get(_STYLE + "name", "")
                self._parents[name] = style.get(_STYLE + "parent-style-name", "")
                properties = style.find(_STYLE + "text-properties")
                stated = "" if properties is None else properties.get(_STYLE + "text-position", "")
                if stated:
                    self._shifts[name] = _shift(stated)

    def of(self, paragraph: Any) -> str:
        """The words of one paragraph, without those of its notes and text boxes."""
        return set_apart(self._pieces(paragraph, ""))

    def _pieces(self, element: Any, shift: str) -> Iterator[tuple[str, str]]:
        """The pieces of text under `element`, each with how it is raised or lowered."""
        if element.tag == _TEXT + "span":
            stated = self._stated(element.get(_TEXT + "style-name", ""))
            shift = shift if stated is None else stated
        yield shift, _spaced(element.text)
        for child in element:
            if child.tag == _TEXT + "s":
                yield shift, " " * min(int(child.get(_TEXT + "c", "1")), _MOST_REPEATS)
            elif child.tag == _TEXT + "tab":
                yield shift, "\t"
            elif child.tag == _TEXT + "line-break":
                yield shift, "\n"
            elif isinstance(child.tag, str) and child.tag not in self._apart:  # entities: no name
                yield from self._pieces(child, shift)
            yield shift, _spaced(child.tail)

    def _stated(self, style: str) -> str | None:
        """What a style, or one that it is based on, says of being raised; None where none does."""
        for _ in range(_DEEPEST):
            if style in self._shifts:
                return self._shifts[style]
            style = self._parents.get(style, "")
        return None


def _shift(position: str) -> str:
    """`superscript`, `subscript`, or neither, of a position such as `super 58%`, `-33% 58%` or
    `0% 100%`."""
    first = position.split()[0]
    if share := re.fullmatch(r"(-?)(\d+(?:\.\d+)?)%", first):
        return "" if float(share[2]) == 0 else "subscript" if share[1] else "superscript"
    return f"{first}script" if first in ("super", "sub") else ""


def _spaced(text: str | None) -> str:
    """Line breaks and runs of spaces in the XML itself are one space."""
    if not text:
        return ""
    words = " ".join(text.split())
    lead = " " if text[0].isspace() and words else ""
    return lead + words + (" " if text[-1].isspace() else "")
