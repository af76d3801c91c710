"""The cells of a row of a table. Pure."""

from __future__ import annotations

import re

_LABELLED = re.compile(r"(?:^|\| )([^:|\n]{1,80}): ([^|\n]*)")
_DIVIDED = re.compile(r"\t+| \| | {3,}")


def labelled_cells(row: str) -> dict[str, str]:
    """The cells of a row that names its columns, by their heads; none of another."""
    return {head: cell.strip() for head, cell in _LABELLED.findall(row)}


def cells(row: str) -> dict[str, str]:
    """The cells of a row by their heads, or by their places where it doesn't name its columns;
    none of what is no row."""
    found = labelled_cells(row)
    if len(found) > 1:
        return found
    parts = [part.strip() for part in _DIVIDED.split(row.strip())]
    return {str(place): part for place, part in enumerate(parts)} if len(parts) > 1 else {}
