"""The sign that nobody waits for an answer any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from index.errors import FootnoteError


class Stopped(FootnoteError):
    """Nobody waits for the answer any more, so there is none."""


class Stop:
    """Is set once, by any thread; whoever is at work then looks at it or is called."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._event = threading.Event()
        self._calls: list[Callable[[], None]] = []

    def set(self) -> None:
        """Nobody waits any more; what was registered is called, in this thread."""
        with self._lock:
            self._event.set()
            calls, self._calls = self._calls, []
        for call in calls:
            call()

    def is_set(self) -> bool:
        """Whether it was set."""
        return self._event.is_set()

    def check(self) -> None:
        """Raises `Stopped` if it was set; for before each long stretch of work."""
        if self._event.is_set():
            raise Stopped("nobody waits for the answer any more")

    def wait(self, seconds: float) -> bool:
        """Waits so long, or until it is set; whether it was."""
        return self._event.wait(seconds)

    @contextmanager
    def calling(self, call: Callable[[], None]) -> Iterator[None]:
        """Within the block, setting calls `call`, which must be quick and may not raise; at once
        where it is set already."""
        with self._lock:
            was_set = self._event.is_set()
            if not was_set:
                self._calls.append(call)
        if was_set:
            call()
        try:
            yield
        finally:
            with self._lock:
                self._calls = [each for each in self._calls if each is not call]
