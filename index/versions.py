"""Which way of reading, cutting and embedding made what a store holds; whoever changes one raises
its number, so that `footnote sync` reads such files again and `footnote check` tells."""

from __future__ import annotations

_READING: dict[str, int] = {}
"""By media type, where it is above 1: raised when a loader makes something else of the same file
(its text, places, headings, metadata or title)."""

REFUSING = 1
"""Raised when files are read that were refused before: of a new format, say."""

CUTTING = 1
"""Raised when other chunks are made of the same text, or other words of a chunk are embedded."""


def reading(media_type: str) -> int:
    """The version in which files of this type are read; older Footnotes left 0."""
    return _READING.get(media_type, 1)
