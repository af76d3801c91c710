"""Which letters in Word are raised or lowered: as they say themselves, by their style, or by being
moved up or down by some points."""

from __future__ import annotations

import re
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEAST = 4  # half points that letters are moved; by less they are only set right
_LONGEST = 4  # letters that are moved alone; longer words are moved with what is around them
_DEEPEST = 10  # styles that one is based on


class Shifts:
    """Knows the styles in `styles`, the root element of their part."""

    def __init__(self, styles: Any) -> None:
        self._stated: dict[str, str] = {}
        self._based_on: dict[str, str] = {}
        for style in () if styles is None else styles.iter(_W + "style"):
            name = style.get(_W + "styleId", "")
            based_on = style.find(_W + "basedOn")
            self._based_on[name] = "" if based_on is None else based_on.get(_W + "val", "")
            if (shift := _stated(style.find(_W + "rPr"))) is not None:
                self._stated[name] = shift

    def of(self, run: Any) -> str:
        """How the letters of a `w:r` stand: `superscript`, `subscript` or neither."""
        properties = run.find(_W + "rPr")
        if properties is None:
            return ""
        moved = _moved(properties)
        if moved and sum(len(words.text or "") for words in run.iter(_W + "t")) <= _LONGEST:
            return moved
        own = _stated(properties)
        if own is not None:
            return own
        named = properties.find(_W + "rStyle")
        style = "" if named is None else named.get(_W + "val", "")
        for _ in range(_DEEPEST):
            if style in self._stated:
                return self._stated[style]
            style = self._based_on.get(style, "")
        return ""


def _stated(properties: Any) -> str | None:
    """What properties say themselves; None for nothing."""
    raising = None if properties is None else properties.find(_W + "vertAlign")
    return None if raising is None else str(raising.get(_W + "val", ""))


def _moved(properties: Any) -> str:
    moved = properties.find(_W + "position")
    points = "" if moved is None else moved.get(_W + "val", "")
    if not re.fullmatch(r"-?\d{1,3}", points) or abs(int(points)) < _LEAST:
        return ""
    return "subscript" if points.startswith("-") else "superscript"
