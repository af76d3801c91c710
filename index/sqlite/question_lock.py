"""Questions go before adding, whichever processes ask and add.

The system's priorities don't see to that alone: Linux weighs the processes of one terminal against
one another, but lets terminals share the processors evenly ("autogroups"), and what a server adds
while a client waits has the server's own priority. So both sides also meet at a file in the store's
folder: questions share a lock on it, and adding looks before each small batch whether anybody
holds it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.giving_way import GivingWay

FILE_NAME = "questions.lock"


class QuestionLock:
    """The `Precedence` of the store in `folder`. Where files have no such locks (Windows), or the
    folder may not be written to, nobody gives way."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._giving_way = GivingWay()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While the block runs, a question is being answered. It never waits."""
        descriptor = self._open()
        try:
            if descriptor is not None:
                _lock(descriptor, shared=True)
            yield
        finally:
            if descriptor is not None:
                os.close(descriptor)  # and with it the lock

    @contextmanager
    def adding(self) -> Iterator[None]:
        """Runs the block, a batch, once no question is being answered, or after four times as long
        as the last one took."""
        descriptor = self._open()
        if descriptor is not None:
            try:
                self._giving_way.wait(lambda: _is_asked(descriptor))
            finally:
                os.close(descriptor)
        with self._giving_way.batch():
            yield

    def _open(self) -> int | None:
        if sys.platform == "win32":
            return None
        with suppress(OSError):
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        return None


def _lock(descriptor: int, *, shared: bool) -> bool:
    """Whether the lock could be had at once."""
    import fcntl

    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_asked(descriptor: int) -> bool:
    """Whether anybody holds the lock."""
    import fcntl

    if not _lock(descriptor, shared=False):
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False
