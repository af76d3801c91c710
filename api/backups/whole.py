"""A folder that is there whole, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import InvalidSetting, StoreUnusable

_PART = ".part"
LOCK = "writing.lock"
_STALE_SECONDS = 3600


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A folder to fill, beside `target`, which takes its place at the end of the block and is
    thrown away where that fails. What a process has left that was killed goes with the next that
    writes to the same place. Raises `InvalidSetting` where `target` holds anything, and
    `StoreUnusable`."""
    if not _is_free(target):
        raise InvalidSetting(
            f"'{target}' is there already; name a new folder, such as "
            f"'{target}-{time.strftime('%Y-%m-%d')}'"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target)
        part = Path(tempfile.mkdtemp(_PART, f"{target.name}.", target.parent))
        try:
            with FileLock(part / LOCK):
                yield part
                (part / LOCK).unlink(missing_ok=True)
                settle(part)
                if target.exists():
                    target.rmdir()
                part.rename(target)
            _sync(target.parent)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise StoreUnusable(
            f"'{target}' cannot be written ({error.strerror or error}); make room, or name another "
            "folder"
        ) from error


def settle(folder: Path) -> None:
    """Writes all that is in `folder` to the disk, on systems that let us."""
    for path in (*folder.rglob("*"), folder):
        _sync(path)


def _is_free(target: Path) -> bool:
    if not target.is_dir():
        return not target.exists()
    return not any(target.iterdir())


def _sweep(target: Path) -> None:
    """Takes away what processes have left that were killed; not what another is writing now."""
    for left in target.parent.glob(f"{target.name}.*{_PART}"):
        lock = left / LOCK
        if not lock.exists():  # it is just beginning or ending
            with suppress(OSError):
                if time.time() - left.stat().st_mtime < _STALE_SECONDS:
                    continue
        with suppress(Timeout, OSError), FileLock(lock, timeout=0):
            shutil.rmtree(left, ignore_errors=True)


def _sync(path: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
