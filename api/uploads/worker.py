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
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from api.uploads.jobs import MOST_ATTEMPTS, Jobs, Task, Unwanted
from api.uploads.open_jobs import open_jobs
from api.uploads.priority import step_back
from index.errors import (
    FootnoteError,
    StoreBusy,
    StoreUnusable,
    UnknownDocument,
    UnreadableFile,
)
from index.extract.limits import Parsing
from index.index import Index
from index.load.documents import from_text
from index.load.parse import Archive, Refused
from index.load.sources import Loaded, Source, load_each
from index.progress import Progress, Tally, Told, untold
from index.records import Added
from index.sync.add_loaded import add_all
from rag.open_index import open_index
from rag.settings import Settings

_IDLE_SECONDS = 60.0  # the models stay loaded for so long
_TELL_SECONDS = 0.3
_LOOK_SECONDS = 1.0  # whether others have brought something
_AGAIN_SECONDS = 5.0  # after the store could not be used
_REMOVED = "was removed before it was added"
logger = logging.getLogger(__name__)


class _Telling:
    """Notes in `jobs` how far a task is. What is stored of it is in `added`."""

    def __init__(self, jobs: Jobs, task: Task) -> None:
        self._jobs = jobs
        self._task = task
        self._tally = Tally(1)
        self._told = 0.0
        self.added: list[Added] = []

    def tell(self, told: Told) -> None:
        """Raises `Unwanted`."""
        self._tally.tell(told)
        if isinstance(told, Added):
            self.added.append(told)
        if time.monotonic() - self._told >= _TELL_SECONDS:
            self._told = time.monotonic()
            tally = self._tally
            if not self._jobs.advance(self._task, tally.share, tally.step, self.added):
                raise Unwanted


class Worker:
    """Takes one file after the other."""

    def __init__(self, index: Index, jobs: Jobs) -> None:
        self._index = index
        self._jobs = jobs
        self._task: Task | None = None

    def run(self, wake: threading.Event) -> None:
        """Works until nothing has come for a while."""
        self._jobs.guard(self._index.store)
        with self._jobs.working():
            while True:
                while (task := self._jobs.take()) is not None:
                    self._task = task
                    self._add(task)
                    self._task = None
                if not self._something(wake):
                    return
                wake.clear()

    def _something(self, wake: threading.Event) -> bool:
        """Whether anything has come before the time is over."""
        if not self._jobs.is_shared:
            return wake.wait(_IDLE_SECONDS)
        until = time.monotonic() + _IDLE_SECONDS
        while time.monotonic() < until:
            if wake.wait(_LOOK_SECONDS) or self._jobs.is_open():
                return True
        return False

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
        telling = _Telling(self._jobs, task)
        refused: list[Refused] = []
        try:
            files = self._wanted(task, loaded(task, self._index.parsing, telling.tell))
            undo = self._index.undo()
            adding = add_all(
                self._index, files, refused.append, telling.tell, task.collection, undo
            )
            added = list(adding)
        except Unwanted:
            self._finish(task, telling.added, refused)
        except StoreBusy:
            self._jobs.give_back(task)
            time.sleep(_TELL_SECONDS)
        except StoreUnusable as error:  # its server may be there again in a moment
            if task.attempts == MOST_ATTEMPTS:
                self._jobs.finish(task, [], [(task.uri, str(error))])
            else:
                time.sleep(_AGAIN_SECONDS)
                self._jobs.give_back(task, tried=True)
        except FootnoteError as error:
            self._jobs.finish(task, telling.added, [(task.uri, str(error))])
        except Exception:
            logger.exception("adding %s failed", task.uri)
            reason = f"{task.uri} could not be added; the server's log has the cause"
            self._jobs.finish(task, [], [(task.uri, reason)])
        else:
            self._finish(task, added, refused)

    def _wanted(self, task: Task, files: Iterable[Loaded]) -> Iterator[Loaded]:
        """Without what was removed since it was sent."""
        for one in files:
            if isinstance(one, Archive) or one.uri not in self._jobs.withdrawn(task):
                yield one
            else:
                yield Refused(one.uri, UnreadableFile(f"{one.uri} {_REMOVED}"))

    def _finish(self, task: Task, added: Sequence[Added], refused: Sequence[Refused]) -> None:
        """Takes away what was removed while it was being added: whoever removes a document notes
        that first, so that one of the two finds it."""
        errors = [(one.uri, str(one.error)) for one in refused]
        gone = self._jobs.withdrawn(task) & {one.uri for one in added}
        for uri in sorted(gone):
            with suppress(UnknownDocument, Unwanted):
                self._index.remove(uri)
            errors.append((uri, f"{uri} {_REMOVED}"))
        self._jobs.finish(task, [one for one in added if one.uri not in gone], errors)


def loaded(task: Task, parsing: Parsing, progress: Progress = untold) -> Iterable[Loaded]:
    """What a task holds. Raises `UnreadableFile` for a text that is none."""
    if task.is_text:
        return [from_text(**json.loads(task.read()), parsing=parsing)]
    source = Source(task.uri, task.read, task.media_type)
    return load_each([source], parsing, progress)


def listen(wake: threading.Event, worker: Worker) -> None:
    """Hears the server until it is gone."""
    while _line():
        wake.set()
    try:
        worker.leave()
    except FootnoteError as error:  # another takes it when its lease has run out
        logger.warning("%s", error)
    finally:
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
    try:
        index = open_index(settings)
        wake = threading.Event()
        worker = Worker(index, open_jobs(settings, *sys.argv[1:]))
        threading.Thread(target=listen, args=(wake, worker), daemon=True).start()
        worker.run(wake)
    except (StoreUnusable, StoreBusy) as error:  # the server starts another
        logger.error("%s", error)
        sys.exit(1)


if __name__ == "__main__":
    main()
