"""Which way of reading, cutting and embedding made what a store holds; whoever changes one raises
its number, so that `footnote sync` reads such files again and `footnote check` tells."""

from __future__ import annotations

_OFFICE = "application/vnd.openxmlformats-officedocument."
_READING: dict[str, int] = {
    "text/html": 3,
    "text/markdown": 3,
    "text/csv": 2,
    "text/plain": 2,
    "message/rfc822": 3,
    "application/vnd.ms-outlook": 2,
    "application/vnd.oasis.opendocument.text": 2,
    "multipart/related": 2,
    "application/pdf": 3,
    "application/epub+zip": 3,
    _OFFICE + "wordprocessingml.document": 2,
    _OFFICE + "presentationml.presentation": 2,
    _OFFICE + "spreadsheetml.sheet": 3,
}
"""By media type, where it is above 1: raised when a loader makes something else of the same file
(its text, places, headings, metadata or title)."""

REFUSING = 2
"""Raised when files are read that were refused before: of a new format, say."""

CUTTING = 3
"""Raised when other chunks are made of the same text, or other words of a chunk are embedded."""


def reading(media_type: str) -> int:
    """The version in which files of this type are read; older Footnotes left 0."""
    return _READING.get(media_type, 1)
