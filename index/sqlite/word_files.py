"""Whether the files of a tantivy index are as they were written.

Each ends with a line of JSON that has the CRC-32 of what is before it, the length of that line and
a number that marks such files, both in four bytes, the lowest first.
"""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

_MARK = 1337
_TAIL = struct.Struct("<II")
_PIECE_BYTES = 2**20
_SUFFIXES = frozenset({".del", ".fast", ".fieldnorm", ".idx", ".pos", ".store", ".term"})


def damaged_file(folder: Path) -> str:
    """The name of a file in `folder` that is damaged; "" where none is. Files that are taken away
    meanwhile are none of the index any more."""
    for path in sorted(folder.iterdir()):
        if path.suffix in _SUFFIXES:
            try:
                if not _is_whole(path):
                    return path.name
            except FileNotFoundError:
                continue
    return ""


def _is_whole(path: Path) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        if size < _TAIL.size:
            return False
        file.seek(size - _TAIL.size)
        length, mark = _TAIL.unpack(file.read())
        body = size - _TAIL.size - length
        if mark != _MARK or body < 0:
            return False
        file.seek(body)
        try:
            expected = json.loads(file.read(length))["crc"]
        except (ValueError, KeyError, TypeError):
            return False
        file.seek(0)
        found, left = 0, body
        while left:
            piece = file.read(min(left, _PIECE_BYTES))
            found, left = zlib.crc32(piece, found), left - len(piece)
        return bool(found == expected)
