"""A file as it is on the disk: its size, its times and the digest of its bytes."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from index.records import Seen

_COARSE_NS = 2_000_000_000  # of file systems that count in (two) seconds
_FINE_NS = 20_000_000


@dataclass(frozen=True, slots=True)
class Read:
    seen: Seen
    empty: bool


def stamp(status: os.stat_result) -> str:
    """What changes whenever a file is written, but for changes within one tick of the clock."""
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(uri: str, path: Path) -> Read:
    """The file at `path`. Its stamp is empty, and equal to none, where it may yet change without
    its times showing it (as git's index knows it, "racily clean"). Raises `OSError`."""
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        now = time.time_ns()
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        after = os.fstat(file.fileno())
    written = max(before.st_mtime_ns, before.st_ctime_ns)
    tick = _FINE_NS if before.st_mtime_ns % 1_000_000_000 else _COARSE_NS
    settled = stamp(before) == stamp(after) and now - written > tick
    return Read(Seen(uri, stamp(before) if settled else "", sha256), before.st_size == 0)
