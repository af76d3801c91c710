"""The words of a workbook's cells in which some letters are raised or lowered, which openpyxl runs
together: $320¹, not $3201."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from index.extract.zipped_xml import parse_sound
from index.text.raised import set_apart

if TYPE_CHECKING:
    from zipfile import ZipFile

_SHIFTED = b"vertAlign"


def raised_strings(archive: ZipFile) -> dict[int, str]:
    """Those among the words that the cells of a workbook share, by their number."""
    found = {}
    for name in archive.namelist():
        if not name.lower().endswith("sharedstrings.xml"):
            continue
        source = archive.read(name)
        root = parse_sound(source) if _SHIFTED in source else None
        if root is not None:
            for number, words in enumerate(root.iter("{*}si")):
                if next(words.iter("{*}vertAlign"), None) is not None:
                    found[number] = _written(words)
    return found


def raised_cells(source: bytes) -> dict[str, str]:
    """The words of those cells, by their names, that a sheet writes out itself."""
    root = parse_sound(source) if _SHIFTED in source else None
    return {
        cell.get("r", ""): _written(words)
        for cell in (() if root is None else root.iter("{*}c"))
        for words in cell.iterchildren("{*}is")
        if next(words.iter("{*}vertAlign"), None) is not None
    }


def _written(words: Any) -> str:
    runs = []
    for run in words.iterchildren("{*}r"):
        shift = run.find("{*}rPr/{*}vertAlign")
        runs.append(("" if shift is None else shift.get("val", ""), run.findtext("{*}t") or ""))
    return set_apart(runs)
