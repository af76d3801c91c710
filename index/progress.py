"""How far adding is, as it is told while it goes on, and what that comes to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from index.records import Added

_READ = 0.5  # of a file's way: the first half is reading its pages, the second embedding its chunks


@dataclass(frozen=True, slots=True)
class Expected:
    """So many more files, or members of archives, are to be added."""

    files: int


@dataclass(frozen=True, slots=True)
class Step:
    """How far the document at `uri` is: `done` of `total` pages are read, or chunks embedded."""

    uri: str
    doing: Literal["reading", "embedding"]
    done: int
    total: int

    @property
    def words(self) -> str:
        """For people: "report.pdf: page 3 of 120"."""
        name = self.uri.rstrip("/").rpartition("/")[2]
        noun = "page" if self.doing == "reading" else "chunk"
        return f"{name}: {noun} {self.done:,} of {self.total:,}"


@dataclass(frozen=True, slots=True)
class Passed:
    """The file at `uri` is done with, and nothing of it is stored: it was refused, say."""

    uri: str


Told = Expected | Step | Added | Passed
"""`Added` is told when the document is in the store for good."""

Progress = Callable[[Told], None]
"""Is told of each step, by the thread that makes it."""


def untold(_: Told) -> None:
    """The `Progress` of whoever wants to know nothing."""


class Tally:
    """What was told: how many files are `total`, and `done`, the part of the present ones among
    them. `step` is the last one told. May be told by many threads."""

    def __init__(self, total: int = 0) -> None:
        self.total = total
        self.step: Step | None = None
        self._finished = 0
        self._shares: dict[str, float] = {}
        self._lock = threading.Lock()

    def tell(self, told: Told) -> None:
        with self._lock:
            if isinstance(told, Expected):
                self.total += told.files
            elif isinstance(told, Step):
                self.step = told
                part = told.done / max(told.total, 1)
                share = _READ * part if told.doing == "reading" else _READ + (1 - _READ) * part
                self._shares[told.uri] = max(share, self._shares.get(told.uri, 0.0))
            else:
                self._shares.pop(told.uri, None)
                self._finished += 1

    @property
    def done(self) -> float:
        """Files, in [0, total]."""
        with self._lock:
            return min(self._finished + sum(self._shares.values()), float(self.total))

    @property
    def share(self) -> float:
        """In [0, 1]."""
        return self.done / self.total if self.total else 0.0
