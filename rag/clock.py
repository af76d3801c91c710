"""How long each stage of a question takes."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lap:
    """A stage, from and to when it took: nanoseconds since 1970."""

    name: str
    start: int
    end: int


class Clock:
    """Runs from its making; each lap is from the end of the last."""

    def __init__(self) -> None:
        self._epoch = time.time_ns() - time.perf_counter_ns()
        self._start = self._last = time.perf_counter_ns()
        self.laps: list[Lap] = []

    @property
    def started(self) -> int:
        """When it was made, in nanoseconds since 1970."""
        return self._epoch + self._start

    def lap(self, name: str) -> None:
        """The stage `name` has ended; there may be several of one name."""
        now = time.perf_counter_ns()
        self.laps.append(Lap(name, self._epoch + self._last, self._epoch + now))
        self._last = now

    def timings(self) -> dict[str, float]:
        """Milliseconds by stage, and in `total` so far."""
        spent: dict[str, int] = {}
        for lap in self.laps:
            spent[lap.name] = spent.get(lap.name, 0) + lap.end - lap.start
        spent["total"] = time.perf_counter_ns() - self._start
        return {name: round(each / 1e6, 2) for name, each in spent.items()}
