"""Documents and the chunks they are cut into.

Every offset is a count of Unicode code points in `Document.text`, so that
`document.text[chunk.start:chunk.end]` is the chunk's text, always.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

MetadataValue = str | int | float | bool


LEFT_OUT = "left_out"
"""The key in the metadata for what was not read of a file, of whatever format, as words."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in a document: `text[start:end]` is its words, `level` 1 is the outermost."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Document:
    """One document, extracted to a single text.

    `id` is derived from `uri` alone, so an edited file keeps its identity; `sha256` is the
    hexadecimal digest of the original bytes. `pages` holds the start offset of each page, or is
    empty where the format has none. `metadata` is whatever the file states of itself
    (`author`, `date` as YYYY-MM-DD, `language`, …). `locations` holds (start offset, label) of each
    place that a person can turn to in the file ("p. 12", "slide 3", "sheet Costs, row 7"), in
    order, no two at one offset. `original` are the bytes on their way into a store, which may keep
    them; what comes out of one is without.
    """

    id: str
    uri: str
    title: str
    text: str
    sha256: str
    media_type: str = "text/plain"
    pages: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    locations: tuple[tuple[int, str], ...] = ()
    original: bytes | None = field(default=None, compare=False, repr=False)

    def page_at(self, offset: int) -> int | None:
        """The number of the page, counted from 1, that holds `offset`; None without pages."""
        return page_at(self.pages, offset)

    def location_at(self, offset: int) -> str:
        """The label of the place that holds `offset`; "" before the first, and without any."""
        before = bisect_right(self.locations, offset, key=itemgetter(0))
        return self.locations[before - 1][1] if before else ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of one document. `heading` is the path of headings above it, outermost first,
    joined by " › "; it is embedded with the text but lies outside its offsets. `id` is a 64-bit
    number given by the catalog and never reused; it is 0 until the chunk is stored."""

    document_id: str
    start: int
    end: int
    heading: str = ""
    id: int = 0


def page_at(pages: Sequence[int], offset: int) -> int | None:
    """The number, from 1, of the page that holds `offset`, given where each page starts; None
    when there are no pages."""
    return max(bisect_right(pages, offset), 1) if pages else None


def document_id(uri: str) -> str:
    """The stable identifier of the document at `uri`: 16 hexadecimal digits."""
    return hashlib.sha256(uri.encode("utf-8", "surrogatepass")).hexdigest()[:16]
