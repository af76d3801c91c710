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
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FILE_NAME = "questions.lock"
_LOOK_SECONDS = 0.01
_QUIET_SECONDS = 0.1  # who asks one question after the other pauses for less
_RECENT_SECONDS = 2.0
_MOST_WAITING = 4.0  # times what the last batch took: unceasing questions leave it a fifth


class QuestionLock:
    """The `Precedence` of the store in `folder`. Where files have no such locks (Windows), or the
    folder may not be written to, nobody gives way."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._asked = -_RECENT_SECONDS  # when a question was last seen
        self._took = 0.0  # the last batch, in seconds

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
                self._give_way(descriptor)
            finally:
                os.close(descriptor)
        begin = time.monotonic()
        yield
        self._took = time.monotonic() - begin

    def _give_way(self, descriptor: int) -> None:
        begin = now = time.monotonic()
        quiet_from = begin if begin - self._asked < _RECENT_SECONDS + self._took else 0.0
        while now - begin <= _MOST_WAITING * self._took:
            if not _lock(descriptor, shared=False):
                self._asked = quiet_from = now
            else:
                _unlock(descriptor)
                if now - quiet_from > _QUIET_SECONDS:
                    return
            time.sleep(_LOOK_SECONDS)
            now = time.monotonic()

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


def _unlock(descriptor: int) -> None:
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_UN)
