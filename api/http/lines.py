"""Lines: how much of one kind of work is done at once, and how much may wait for its turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from index.errors import ServerBusy
from rag.settings import Settings

T = TypeVar("T")
_WRITING, _WRITES_WAITING = 4, 64  # files are parsed side by side; one writes at a time


class Line:
    """At most `at_once` of some work, each in a thread of this line's own, and `waiting` more in
    front of it. `busy` says what is going on, with places for both numbers, and `mend` what helps
    where that is too few. For use in one event loop."""

    def __init__(self, at_once: int, waiting: int, busy: str, mend: str) -> None:
        self._limiter = CapacityLimiter(at_once)
        self._most = at_once + waiting
        self._inside = 0
        self._words = f"{busy.format(at_once, waiting)}; {mend}"

    @property
    def is_full(self) -> bool:
        """Whether the next one would be sent away."""
        return self._inside >= self._most

    def check(self) -> None:
        """Raises `ServerBusy` where the line is full."""
        if self.is_full:
            raise ServerBusy(self._words)

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns, when its turn has come. Cancelling leaves the line; what has begun
        is waited for. Raises `ServerBusy`, at once, where the line is full."""
        self.check()
        self._inside += 1
        try:
            return await run_sync(work, limiter=self._limiter)
        finally:
            self._inside -= 1


class Lines:
    """The lines of one app. None of them, nor all together, takes the threads of another, or those
    that serve the page, documents and health."""

    def __init__(self, settings: Settings) -> None:
        self.questions = Line(
            settings.questions_at_once,
            settings.questions_waiting,
            "{} questions are being answered and {} are waiting",
            "ask again in a moment, or raise FOOTNOTE_QUESTIONS_WAITING",
        )
        self.searches = Line(
            settings.searches_at_once,
            settings.searches_waiting,
            "{} searches are running and {} are waiting",
            "search again in a moment, or raise FOOTNOTE_SEARCHES_WAITING",
        )
        self.writes = Line(
            _WRITING,
            _WRITES_WAITING,
            "{} changes are being made and {} are waiting",
            "send it again in a moment, or several files in one request",
        )
