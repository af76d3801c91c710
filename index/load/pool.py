"""Parsing in separate processes: what a file does to its parser it does to no one else.

A process parses many files, one at a time. It is replaced when a file crashes it or exceeds its
time, and after two hundred files. None is started before there is a file to parse.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Generator, Sequence
from functools import cache
from typing import Any

from index.errors import FootnoteError, UnreadableFile
from index.load.parse import Archive, Outcome, Refused, key_of
from index.load.process import Gone, ParseJob, ParseProcess
from index.load.questions import Question
from index.progress import Progress, Step, untold

_MOST_PROCESSES = 4
_ASKED_PROCESSES = 2
_FILES_EACH = 200
_MOST_CRASHES = 3  # over the members of one archive, before the rest of it is left out
_MOST_STARTS = 2  # of a process that ends before it has begun


class Run:
    """A file that is being parsed. Iterate it once, or `close` it."""

    def __init__(self, pool: Pool, job: ParseJob, progress: Progress) -> None:
        self._pool = pool
        self._progress = progress
        self.job = job
        self._process: ParseProcess | None = pool.lend()
        self._process.send(job)

    def __iter__(self) -> Generator[Outcome]:
        """The results of `parse`. After a crash over a member of an archive another process goes
        on with the next."""
        uris = [self.job.uri]  # of the results to come, an archive's own first
        done: list[str] = []
        seen = crashes = starts = 0

        def paged(done: int, total: int) -> None:
            self._progress(Step(uris[min(seen, len(uris) - 1)], "reading", done, total))

        try:
            while self._process is not None:
                try:
                    for outcome in self._process.outcomes(paged):
                        if isinstance(outcome, Archive):
                            uris[seen : seen + 1] = [outcome.uri, *outcome.members]
                        seen += 1
                        done.append(key_of(outcome))
                        yield outcome
                    self._pool.give_back(self._process)
                    self._process = None
                    return
                except Gone as gone:
                    if not gone.begun and starts < _MOST_STARTS:
                        starts += 1
                        self._renew(done)
                        continue
                    uri = uris[min(seen, len(uris) - 1)]
                    fault = UnreadableFile(f"{uri} {gone.reason}")
                yield Refused(uri, fault)
                seen += 1
                done.append(uri)
                crashes += 1
                self._discard()
                if crashes < _MOST_CRASHES and seen < len(uris):
                    self._renew(done)
            if len(uris) > seen:
                yield Refused(uris[0], _left_out(uris[0], len(uris) - seen))
        finally:
            self.close()

    def close(self) -> None:
        self._discard()
        self._pool.leave(self)

    def _renew(self, done: Sequence[str]) -> None:
        self._discard()
        self._process = self._pool.lend()
        self._process.send(self.job, done)

    def _discard(self) -> None:
        if self._process is not None:
            self._pool.discard(self._process)
            self._process = None


def _left_out(archive: str, count: int) -> UnreadableFile:
    return UnreadableFile(
        f"{archive} crashed its parsers too often; {count} of its files were left out: unpack it "
        "and add those"
    )


class Pool:
    """At most `size` processes; may be used by many threads."""

    def __init__(self, size: int) -> None:
        self._places = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._runs: set[Run] = set()
        self._idle: list[ParseProcess] = []
        self._all: set[ParseProcess] = set()

    def start(self, job: ParseJob, *, wait: bool = True, progress: Progress = untold) -> Run | None:
        """Begins to parse. While every process is busy this waits, or gives None. `progress` is
        told of pages while the run is iterated."""
        if not self._places.acquire(blocking=wait):
            return None
        try:
            run = Run(self, job, progress)
        except BaseException:
            self._places.release()
            raise
        with self._lock:
            self._runs.add(run)
        return run

    def ask(self, job: ParseJob, question: Question) -> tuple[dict[str, Any], bytes]:
        """What a process answers to a question about a file. Raises what it is left with, and
        `UnreadableFile` where the file crashes it or takes too long, with the name of the file."""
        with self._places:
            for start in range(_MOST_STARTS + 1):
                process = self.lend()
                try:
                    answered = process.ask(job, question)
                except Gone as gone:
                    self.discard(process)
                    if gone.begun or start == _MOST_STARTS:
                        raise UnreadableFile(f"{job.uri} {gone.reason}") from gone
                except FootnoteError as error:
                    self.give_back(process)
                    raise type(error)(f"{job.uri} {error}") from error
                except BaseException:
                    self.discard(process)
                    raise
                else:
                    self.give_back(process)
                    return answered
        raise AssertionError("the last start returns or raises")

    def leave(self, run: Run) -> None:
        """Frees the place of a run that has ended."""
        with self._lock:
            if run not in self._runs:
                return
            self._runs.remove(run)
        self._places.release()

    def lend(self) -> ParseProcess:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        process = ParseProcess()
        with self._lock:
            self._all.add(process)
        return process

    def give_back(self, process: ParseProcess) -> None:
        if process.files >= _FILES_EACH:
            self.discard(process)
        else:
            with self._lock:
                self._idle.append(process)

    def discard(self, process: ParseProcess) -> None:
        with self._lock:
            self._all.discard(process)
        process.close()

    def close(self) -> None:
        """Ends every process."""
        with self._lock:
            processes, self._all, self._idle = self._all, set(), []
        for process in processes:
            process.close()


def ask(job: ParseJob, question: Question) -> tuple[dict[str, Any], bytes]:
    """`Pool.ask` of processes that only answer questions, so that no page has to wait until a large
    file has been parsed."""
    return _asked().ask(job, question)


@cache
def _asked() -> Pool:
    pool = Pool(_ASKED_PROCESSES)
    atexit.register(pool.close)
    return pool


@cache
def pool() -> Pool:
    """The pool of this process: as many others as it has processors, and four at most."""
    pool = Pool(min(os.cpu_count() or 1, _MOST_PROCESSES))
    atexit.register(pool.close)
    return pool
