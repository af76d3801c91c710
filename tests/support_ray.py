"""What the tests of a cluster do to it; its workers import this."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from support import WordEmbedder


class Recording(WordEmbedder):
    """Writes down each text before it embeds it, and takes its time."""

    def __init__(self, log: Path, seconds: float) -> None:
        super().__init__(dim=64)
        self._log = log
        self._seconds = seconds

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        for text in texts:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(text.replace("\n", " ") + "\n")
            time.sleep(self._seconds)
        return super().passages(texts)


def workers_of(process: int) -> list[int]:
    """The workers of the local cluster that `process` has started."""
    return [
        worker
        for child in _children(process)
        if "raylet" in _command(child)
        for worker in _children(child)
        if _command(worker).startswith(("ray::work", "ray::IDLE"))
    ]


def _children(process: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = path.read_text(encoding="utf-8").rpartition(")")[2].split()[1]
        except OSError:  # it has ended
            continue
        if int(parent) == process:
            found.append(int(path.parent.name))
    return found


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8").replace("\0", " ")
    except OSError:
        return ""
