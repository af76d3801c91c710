"""Addresses of pages (URLs) given in the place of documents: Footnote fetches nothing."""

from __future__ import annotations

import re

ADVICE = "nothing is fetched: save the page and add that file"
LINK_SUFFIXES = (".url", ".webloc", ".desktop", ".lnk")  # files that hold one link

_ADDRESS = re.compile(r"<?(?:(?:https?|ftp)://|www\.)[^\s<>]+>?[,;]?", re.IGNORECASE)
_MARK = re.compile(r"[-*•+]|\d{1,4}[.)]")  # of an item in a list
_LISTS = {"text/plain", "text/markdown", "text/x-rst", "text/csv"}  # what a list is kept as


def is_address(name: str) -> bool:
    """Whether `name` is an address (`https://…`) rather than a path."""
    return bool(re.match(r"(?:https?|ftp)://", name, re.IGNORECASE))


def count_if_only_addresses(text: str, media_type: str) -> int:
    """How many addresses `text` holds, where it is a list of nothing else; otherwise 0. Lines
    that begin with # are comments."""
    if media_type not in _LISTS:
        return 0
    count = 0
    for line in text.split("\n"):
        for word in () if line.startswith("#") else line.split():
            if _ADDRESS.fullmatch(word):
                count += 1
            elif not _MARK.fullmatch(word):
                return 0
    return count
