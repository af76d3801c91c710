"""The builder that every loader writes its text with, cleaned as `index/text/clean.py` says."""

from __future__ import annotations

from collections.abc import Mapping

from index.document import LEFT_OUT, Heading, MetadataValue
from index.extract.content import Extracted, File
from index.extract.counted import counted
from index.extract.limits import Parsing
from index.text.clean import clean, one_line


class TextBuilder:
    """Joins blocks of text in reading order and knows the offset of each, so that the offsets
    are those of the final text. Raises `UnreadableFile` beyond the pages and the characters that
    `parsing` allows of one file."""

    def __init__(self, parsing: Parsing) -> None:
        self.parsing = parsing
        self._parts: list[str] = []
        self._length = 0
        self._pages: list[int] = []
        self._pending = 0
        self._headings: list[Heading] = []
        self._locations: list[tuple[int, str]] = []
        self._place: str | None = None
        self._left_out: dict[str, int] = {}
        self._files: list[File] = []

    def __len__(self) -> int:
        return self._length

    @property
    def above(self) -> str:
        """The last line so far: what stands above the next block."""
        return self._parts[-1].rpartition("\n")[2] if self._parts else ""

    def block(self, text: str, separator: str = "\n\n") -> int:
        """Appends `text`, cleaned, after `separator` (none before the first block); the offset
        at which it begins. Text that is empty once cleaned adds nothing."""
        text = clean(text)
        if text:
            lead = separator if self._parts else ""
            start = self._length + len(lead)
            self._parts.append(lead + text)
            self._length = start + len(text)
            self.parsing.check_characters(self._length)
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
        self.parsing.check_pages(number)
        self.place(label or f"p. {number}")

    def place(self, label: str) -> None:
        """Begins a place that is no page: `label` is the location of the next block and of all
        that follow until another begins."""
        self._place = one_line(label)

    def leave_out(self, what: str, count: int = 1) -> None:
        """Has the metadata say that `count` of `what` stands in the file, and not in the text."""
        if count:
            self._left_out[what] = self._left_out.get(what, 0) + count

    def attach(self, file: File) -> None:
        """Hands on a file that is attached to this one, to be read as a document of its own."""
        self._files.append(file)

    def build(
        self, title: str = "", metadata: Mapping[str, MetadataValue] | None = None
    ) -> Extracted:
        """The text so far. A page that nothing follows begins at the end of the text."""
        said = counted(self._left_out)
        pages = (*self._pages, *[self._length] * self._pending)
        return Extracted(
            "".join(self._parts),
            one_line(title),
            pages,
            tuple(self._headings),
            {**(metadata or {}), **({LEFT_OUT: said} if said else {})},
            tuple(self._locations),
            tuple(self._files),
        )
