"""The process that adds uploads in the background: `python -m api.uploads.worker`.

It is started by the server, gets the settings as a line of JSON on its standard input and ends when
that is closed, however the server ended; any further line says that there may be something to do.
It works at a low priority, so that questions go before it, and what kills it (a hostile file, the
memory) kills no server.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from api.uploads.jobs import MOST_ATTEMPTS, Jobs, Task
from api.uploads.priority import step_back
from index.errors import FootnoteError, StoreBusy
from index.index import Index
from index.load.documents import from_text
from index.load.parse import Archive, Refused
from index.load.sources import Loaded, Source, load_each
from index.sync.add_loaded import add_all
from rag.open_index import open_index
from rag.settings import Settings

LOCK_NAME = "jobs.lock"
_IDLE_SECONDS = 60.0  # the models stay loaded for so long
_TELL_SECONDS = 0.3
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Count:
    """The documents of one file: how many there are and were handed on to be added, and of those
    how many were embedded before the batch that is embedded now, and with it."""

    total: int = 1
    begun: int = 0
    before: int = 0
    after: int = 0

    def share(self, embedded: int, chunks: int) -> float:
        """What is done, in [0, 1], when so many of the chunks of the present batch are embedded."""
        if embedded == 0:
            self.before, self.after = self.after, self.begun
        part = embedded / max(chunks, 1)
        return (self.before + (self.after - self.before) * part) / max(self.total, self.after, 1)

    def counted(self, loaded: Iterable[Loaded]) -> Iterator[Loaded]:
        for one in loaded:
            if isinstance(one, Archive):
                self.total = len(one.members)
            else:
                self.begun += 1
            yield one


class Worker:
    """Takes one file after the other. Only one works on a store: the holder of the lock."""

    def __init__(self, index: Index, jobs: Jobs) -> None:
        self._index = index
        self._jobs = jobs
        self._task: Task | None = None
        self._count = _Count()
        self._told = 0.0

    def run(self, wake: threading.Event) -> None:
        """Works until nothing has come for a while."""
        with FileLock(self._jobs.folder / LOCK_NAME):
            self._jobs.sweep()
            while True:
                while (task := self._jobs.take()) is not None:
                    self._task = task
                    self._add(task)
                    self._task = None
                if not wake.wait(_IDLE_SECONDS):
                    return
                wake.clear()

    def leave(self) -> None:
        """Gives back what is being worked on; that the server ended is not the file's fault."""
        if self._task is not None:
            self._jobs.give_back(self._task)

    def _add(self, task: Task) -> None:
        if task.attempts > MOST_ATTEMPTS:
            reason = (
                f"{task.uri} ended the process that adds it {MOST_ATTEMPTS} times, so it is left "
                "out; split it, or see the server's log"
            )
            self._jobs.finish(task, [], [(task.uri, reason)])
            return
        self._count = _Count()
        refused: list[Refused] = []
        try:
            files = self._count.counted(loaded(task))
            added = list(add_all(self._index, files, refused.append, self._tell))
        except StoreBusy:
            self._jobs.give_back(task)
            time.sleep(_TELL_SECONDS)
        except FootnoteError as error:
            self._jobs.finish(task, [], [(task.uri, str(error))])
        except Exception:
            logger.exception("adding %s failed", task.uri)
            reason = f"{task.uri} could not be added; the server's log has the cause"
            self._jobs.finish(task, [], [(task.uri, reason)])
        else:
            self._jobs.finish(task, added, [(one.uri, str(one.error)) for one in refused])

    def _tell(self, embedded: int, chunks: int) -> None:
        share = self._count.share(embedded, chunks)
        if self._task is not None and time.monotonic() - self._told >= _TELL_SECONDS:
            self._told = time.monotonic()
            self._jobs.advance(self._task, share)


def loaded(task: Task) -> Iterable[Loaded]:
    """What a task holds. Raises `UnreadableFile` for a text that is none."""
    if task.is_text:
        return [from_text(**json.loads(task.path.read_bytes()))]
    return load_each([Source(task.uri, task.path.read_bytes, task.media_type)])


def listen(wake: threading.Event, worker: Worker) -> None:
    """Hears the server until it is gone."""
    while _line():
        wake.set()
    worker.leave()
    os._exit(0)


def _line() -> bytes:
    """The next line of standard input, unbuffered: a thread that waits for a buffer would keep the
    process from ending."""
    with open(0, "rb", buffering=0, closefd=False) as pipe:
        return pipe.readline()


def main() -> None:
    """Reads the settings, then works."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which then closes stdin
    step_back()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(name)s: %(message)s")
    settings = Settings(**json.loads(_line()))
    index = open_index(settings)
    wake = threading.Event()
    worker = Worker(index, Jobs(Path(settings.store)))
    threading.Thread(target=listen, args=(wake, worker), daemon=True).start()
    worker.run(wake)


if __name__ == "__main__":
    main()
