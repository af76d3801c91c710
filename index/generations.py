"""Which states of a store a piece of work has to meet, and has met.

Every write makes the store's next generation. A copy that lags behind shows an earlier one; who has
written, or read, says with the next request which generation must be in the answer.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Generations:
    """Of one request. `at_least` has to be in what is read; where `may_lag`, reading may be done
    elsewhere than where is written. `read` is the earliest that was read, `written` the last that
    was made; None where none was."""

    at_least: int = 0
    may_lag: bool = False
    read: int | None = None
    written: int | None = None

    @property
    def told(self) -> int | None:
        """What its sender may rely on from now on."""
        return self.written if self.written is not None else self.read


CURRENT: ContextVar[Generations | None] = ContextVar("generations", default=None)


def note_read(generation: int) -> None:
    """The present work has read this one; it reads nothing older from now on."""
    if (current := CURRENT.get()) is not None:
        current.read = generation if current.read is None else min(current.read, generation)
        current.at_least = max(current.at_least, generation)


def note_written(generation: int) -> None:
    """The present work has made this one."""
    if (current := CURRENT.get()) is not None:
        current.written = max(current.written or 0, generation)
        current.at_least = max(current.at_least, generation)
