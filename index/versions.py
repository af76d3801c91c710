"""Which way of reading, cutting and embedding made what a store holds; whoever changes one raises
its number, so that `footnote sync` reads such files again and `footnote check` tells."""

from __future__ import annotations

import hashlib

_OFFICE = "application/vnd.openxmlformats-officedocument."
_READING: dict[str, int] = {
    "text/html": 4,
    "text/markdown": 4,
    "text/csv": 3,
    "text/x-rst": 2,
    "application/x-ipynb+json": 2,
    "text/plain": 2,
    "message/rfc822": 4,
    "application/vnd.ms-outlook": 3,
    "application/vnd.oasis.opendocument.text": 3,
    "multipart/related": 4,
    "application/pdf": 4,
    "application/epub+zip": 4,
    _OFFICE + "wordprocessingml.document": 3,
    _OFFICE + "presentationml.presentation": 3,
    _OFFICE + "spreadsheetml.sheet": 4,
}
"""By media type, where it is above 1: raised when a loader makes something else of the same file
(its text, places, headings, metadata or title)."""

REFUSING = 2
"""Raised when files are read that were refused before: of a new format, say."""

CUTTING = 4
"""Raised when other chunks are made of the same text, or other words of a chunk are embedded."""


def reading(media_type: str) -> int:
    """The version in which files of this type are read; older Footnotes left 0."""
    return _READING.get(media_type, 1)


def fingerprint() -> str:
    """What differs between two Footnotes that may make something else of the same file, such as
    "0.1.0 (3f2a90bc)"."""
    from importlib import metadata  # which takes a while

    try:
        number = metadata.version("footnote")
    except metadata.PackageNotFoundError:  # a checkout that is not installed
        number = "of a checkout"
    ways = repr((sorted(_READING.items()), REFUSING, CUTTING))
    return f"{number} ({hashlib.sha256(ways.encode()).hexdigest()[:8]})"
