"""What a loader makes of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from index.document import Heading, MetadataValue


@dataclass(frozen=True, slots=True)
class File:
    """A file that another one holds."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a file with the offsets of its pages, headings and locations, and what it says of
    itself; `title` is empty when it states none. `files` are those attached to it."""

    text: str
    title: str = ""
    pages: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    locations: tuple[tuple[int, str], ...] = ()
    files: tuple[File, ...] = ()
