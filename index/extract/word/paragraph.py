"""The words of a paragraph in Word, its raised figures, equations, symbols and notes among them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from index.extract.office.equation import written
from index.extract.word.numbering import Numbering
from index.extract.word.shifts import Shifts
from index.text.raised import set_apart

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
FALLBACK = CHOICE + "Fallback"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
_MARKS = {
    W + "tab": "\t",
    W + "ptab": "\t",
    W + "br": "\n",
    W + "cr": "\n",
    W + "noBreakHyphen": "-",
}
_UNSEEN = {W + "pPr", W + "rPr", W + "del", W + "moveFrom", W + "txbxContent", FALLBACK}
_SYMBOL = {
    **dict(enumerate("ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", 0x41)),
    **dict(enumerate("αβχδεφγηιϕκλμνοπθρστυϖωξψζ", 0x61)),
    0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAE: "→", 0xB0: "°", 0xB1: "±", 0xB3: "≥",
    0xB4: "×", 0xB6: "∂", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈", 0xC7: "∩",
    0xC8: "∪", 0xCE: "∈", 0xD1: "∇", 0xD6: "√", 0xE5: "∑", 0xF2: "∫",
}  # fmt: skip
_WINGDINGS = {
    0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0xA7: "▪", 0xA8: "☐", 0xD8: "➢", 0xDF: "←",
    0xE0: "→", 0xE8: "➔", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}
_PRIVATE = 0xE000  # from here on a font's own letters


class Paragraphs:
    """Reads the paragraphs of a document in their order. `shifts` know what is raised;
    `footnotes`, `endnotes` and `comments` hold the elements of each by their numbers in the
    file."""

    def __init__(
        self,
        numbering: Numbering,
        shifts: Shifts,
        footnotes: dict[str, Any],
        endnotes: dict[str, Any],
        comments: dict[str, Any],
    ) -> None:
        self._numbering = numbering
        self._shifts = shifts
        self._notes = {
            W + "footnoteReference": footnotes,
            W + "endnoteReference": endnotes,
            W + "commentReference": comments,
        }
        self._pending: list[tuple[str, Any]] = []
        self._count = 0
        self.unknown: Counter[str] = Counter()
        """How many symbols of which font were left out."""

    def text(self, paragraph: Any) -> str:
        """Its words, without those of the text boxes anchored in it; notes by their number in
        brackets."""
        return set_apart(self._pieces(paragraph, ""))

    def marker(self, paragraph: Any) -> tuple[str, int] | None:
        """The number or bullet before it, and how many lists deep it is; None in no list."""
        found = self._numbering.label(paragraph)
        return None if found is None else (f"{found[0]} " if found[0] else "", found[1] + 1)

    def labelled(self, paragraph: Any) -> str:
        """Its words behind its number or bullet."""
        marker, _ = self.marker(paragraph) or ("", 0)
        words = self.text(paragraph)
        return marker + words if words.strip() else ""

    def notes(self) -> list[tuple[str, Any]]:
        """The notes and comments that the paragraphs read since the last call refer to: what each
        begins with, and its element."""
        pending, self._pending = self._pending, []
        return pending

    def unread(self) -> list[tuple[str, Any]]:
        """The comments that no paragraph refers to, as answers to others, as `notes` gives them."""
        comments = self._notes[W + "commentReference"]
        found = [(_lead(note), note) for note in comments.values()]
        comments.clear()
        return found

    def _pieces(self, element: Any, shift: str) -> Iterator[tuple[str, str]]:
        """The pieces of text under `element`, each with how it is raised or lowered."""
        tag = element.tag
        if tag == W + "t":
            yield shift, element.text or ""
        elif tag in _MARKS:
            yield shift, _MARKS[tag]
        elif tag == W + "sym":
            yield shift, self._symbol(element)
        elif tag == _MATH:
            yield "", written(element)
        elif tag == W + "checkBox":
            yield shift, "☑" if _is_checked(element) else "☐"
        elif tag == W + "ddList":
            yield shift, _chosen(element)
        elif tag == W + "ruby":
            for part in (element.find(W + "rubyBase"), element.find(W + "rt")):
                words = (
                    "" if part is None else "".join(one.text or "" for one in part.iter(W + "t"))
                )
                is_reading = part is not None and part.tag == W + "rt"
                yield shift, f"({words})" if is_reading and words else words
        elif tag in self._notes:
            yield "", self._called(tag, element.get(W + "id", ""))
        elif tag not in _UNSEEN:
            if tag == W + "r":
                shift = self._shifts.of(element)
            for child in element:
                yield from self._pieces(child, shift)

    def _called(self, tag: str, number: str) -> str:
        note = self._notes[tag].pop(number, None)
        if note is None:
            return ""
        if tag == W + "commentReference":
            self._pending.append((_lead(note), note))
            return ""
        self._count += 1
        self._pending.append((f"[{self._count}] ", note))
        return f"[{self._count}]"

    def _symbol(self, element: Any) -> str:
        """The letter of a symbol font, where it is one of the commoner."""
        font, code = element.get(W + "font", ""), element.get(W + "char", "")
        if re.fullmatch("[0-9A-Fa-f]{1,4}", code):
            letter = _FONTS.get(font.lower(), {}).get(int(code, 16) & 0xFF, "")
            letter = letter or (chr(int(code, 16)) if int(code, 16) < _PRIVATE else "")
            if letter:
                return letter
        self.unknown[font] += 1
        return ""


def _lead(comment: Any) -> str:
    author = comment.get(W + "author", "")
    return f"Comment ({author}): " if author else "Comment: "


def _chosen(field: Any) -> str:
    """What is chosen in a field of the older kind that drops down a list."""
    entries = [one.get(W + "val", "") for one in field.iter(W + "listEntry")]
    stated = field.find(W + "result")
    stated = field.find(W + "default") if stated is None else stated
    number = "0" if stated is None else stated.get(W + "val", "0")
    return entries[int(number)] if number.isdecimal() and int(number) < len(entries) else ""


def _is_checked(box: Any) -> bool:
    state = box.find(W + "checked")
    state = box.find(W + "default") if state is None else state
    return state is not None and state.get(W + "val", "1") not in ("0", "false")
