"""What a loader makes of a file, and the builder that every loader writes its text with.

One text, decided here for every format:
- Lines end in `\\n` alone; trailing spaces are dropped, and at most one line is left empty.
- No control characters (NUL and those of the direction of writing among them), no lone
  surrogates, no byte order marks, no soft hyphens and no private-use characters, all of which a
  reader does not see.
- No-break spaces become spaces and the typographic ligatures (ﬁ, ﬂ, …) their letters, which is
  what a person who reads them would type.
- A letter followed by its combining accent becomes one code point (é), which looks the same. NFC
  as a whole is not applied: it swaps some CJK ideographs for others that look different.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from index.document import Heading, MetadataValue
from index.parsing import check_characters, check_pages

_TRANSLATION: dict[int, str | None] = {
    **dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *range(0xE000, 0xF900)]),
    **dict.fromkeys([0xAD, 0xFEFF, 0xFFFE, 0xFFFF]),
    **dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    **dict.fromkeys(map(ord, "\u00a0\u2007\u202f"), " "),
    **dict.fromkeys(map(ord, "\n\f\v\x85\u2028\u2029"), "\n"),
    **dict.fromkeys([0xF0A7, 0xF0B7], "•"),  # bullets of the Symbol and Wingdings fonts
    ord("\t"): "\t",
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)},
}
_ACCENTED = re.compile(r"\w[\u0300-\u036f\u3099\u309a]+")


def clean(text: str) -> str:
    """`text` as this module's first words promise it, without whitespace at either end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_TRANSLATION)
    text = _ACCENTED.sub(lambda match: unicodedata.normalize("NFC", match[0]), text)
    text = re.sub(r"[ \t]+(?=\n)", "", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip().strip("\u200b").strip()


def one_line(text: str) -> str:
    """`text` cleaned, with every run of whitespace made one space."""
    return " ".join(clean(text).split())


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a file with the offsets of its pages, headings and locations, and what it says of
    itself; `title` is empty when it states none."""

    text: str
    title: str = ""
    pages: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    locations: tuple[tuple[int, str], ...] = ()


class TextBuilder:
    """Joins blocks of text in reading order and knows the offset of each, so that the offsets
    are those of the final text. Raises `UnreadableFile` beyond the pages and the characters that
    are read of one file."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._pages: list[int] = []
        self._pending = 0
        self._headings: list[Heading] = []
        self._locations: list[tuple[int, str]] = []
        self._place: str | None = None

    def block(self, text: str, separator: str = "\n\n") -> int:
        """Appends `text`, cleaned, after `separator` (none before the first block); the offset
        at which it begins. Text that is empty once cleaned adds nothing."""
        text = clean(text)
        if text:
            lead = separator if self._parts else ""
            start = self._length + len(lead)
            self._parts.append(lead + text)
            self._length = start + len(text)
            check_characters(self._length)
            self._pages += [start] * self._pending
            self._pending = 0
            if self._place is not None:
                self._locations.append((start, self._place))
                self._place = None
            return start
        return self._length

    def paragraph(self, text: str, marker: str, depth: int, tight: bool) -> None:
        """Appends `text`, behind `marker` when it begins an item of a list, which is `depth` lists
        deep and, when `tight`, follows the item before it without an empty line."""
        separator = "\n" if tight and marker else "\n\n"
        if marker:
            separator += "  " * (depth - 1)
        self.block(marker + text, separator)

    def heading(self, text: str, level: int) -> None:
        """Appends a heading on a line of its own; `level` 1 is the outermost."""
        text = one_line(text)
        if text:
            start = self.block(text)
            self._headings.append(Heading(start, start + len(text), level))

    def page(self, label: str = "") -> None:
        """Begins a page: its offset is that of the next block. Its location is `label`, else its
        number: "p. 12"."""
        self._pending += 1
        number = len(self._pages) + self._pending
        check_pages(number)
        self.place(label or f"p. {number}")

    def place(self, label: str) -> None:
        """Begins a place that is no page: `label` is the location of the next block and of all
        that follow until another begins."""
        self._place = one_line(label)

    def build(
        self, title: str = "", metadata: Mapping[str, MetadataValue] | None = None
    ) -> Extracted:
        """The text so far. A page that nothing follows begins at the end of the text."""
        pages = (*self._pages, *[self._length] * self._pending)
        return Extracted(
            "".join(self._parts),
            one_line(title),
            pages,
            tuple(self._headings),
            metadata or {},
            tuple(self._locations),
        )
