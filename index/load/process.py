"""One process that parses, as the process that asks holds it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from index.extract.limits import Parsing
from index.load.frames import ERRORS, from_json, read_frame, write_frame
from index.load.parse import Outcome
from index.load.questions import Question, to_json

_CODE = f"import sys; sys.path[:] = sys.argv[1:]; from {__package__}.worker import main; main()"
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"}
_ASK_SECONDS = 60.0  # for a page to be drawn, or read from its picture
_ENDING_SECONDS = 5.0  # for a process whose pipe is closed to be gone


@dataclass(frozen=True, slots=True)
class ParseJob:
    """A file to parse, and what that may cost; `media_type` is what was stated of it, or ""."""

    uri: str
    data: bytes
    parsing: Parsing
    media_type: str = ""


class Gone(Exception):
    """The process has ended: `reason` says why, in words that follow a file's name. `begun` tells
    whether it had begun with the file; one that was idle ends by itself."""

    def __init__(self, reason: str, begun: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.begun = begun


class ParseProcess:
    """Parses one file at a time, each as its job says."""

    def __init__(self) -> None:
        # -P: a folder that holds a docx.py must not be imported from because it is the present one
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _CODE, *filter(None, sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ONE_THREAD},
            process_group=0,  # a session of its own would have a priority of its own
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._commands, self._results = self._process.stdin, self._process.stdout
        self._late = False
        self._parsing = Parsing()  # of what was sent last
        self.files = 0

    def send(self, job: ParseJob, done: Sequence[str] = ()) -> None:
        """Lets it begin; the results of `parse` that are `done` are left out."""
        self.files += 1
        self._parsing = job.parsing
        header = {"uri": job.uri, "media_type": job.media_type, "done": list(done)}
        with suppress(BrokenPipeError):  # `outcomes` finds it gone
            write_frame(self._commands, {**header, "parsing": asdict(job.parsing)}, job.data)

    def outcomes(self, paged: Callable[[int, int], None]) -> Iterator[Outcome]:
        """The results for what was sent; `paged` is told (pages read, pages in all) of the next.
        Raises `Gone`, and `ImportError` where a parser is not installed."""
        begun = False
        until = time.monotonic() + self._parsing.seconds
        try:
            while True:
                frame, body = self._receive(until - time.monotonic())
                if frame.get("done"):
                    return
                begun = True
                if "page" in frame:
                    paged(frame["page"], frame["of"])
                    continue
                if "broken" in frame:
                    raise ImportError(frame["broken"])
                if not frame.keys() & {"started", "working"}:
                    yield from_json(frame, body)
                until = time.monotonic() + self._parsing.seconds
        except (EOFError, OSError, ValueError) as error:
            raise Gone(self._reason(self._parsing.seconds), begun) from error

    def ask(self, job: ParseJob, question: Question) -> tuple[dict[str, Any], bytes]:
        """The answer to a question about a file. Raises `Gone`, `ImportError` as `outcomes` does,
        and the error that the process was left with, whose words follow the name of the file."""
        self.files += 1
        self._parsing = job.parsing
        begun = False
        seconds = min(job.parsing.seconds, _ASK_SECONDS)
        header = {"question": to_json(question), "parsing": asdict(job.parsing)}
        try:
            with suppress(BrokenPipeError):  # found gone below
                write_frame(self._commands, header, job.data)
            while True:
                frame, body = self._receive(seconds)
                if frame.get("done"):
                    break
                begun = True
        except (EOFError, OSError, ValueError) as error:
            raise Gone(self._reason(seconds), begun) from error
        if "broken" in frame:
            raise ImportError(frame["broken"])
        if "refused" in frame:
            raise ERRORS[frame["kind"]](frame["refused"])
        return frame, body

    def close(self) -> None:
        """Ends the process and what it has started."""
        self._kill()
        for pipe in (self._commands, self._results):
            with suppress(BrokenPipeError):
                pipe.close()
        self._process.wait()

    def _receive(self, seconds: float) -> tuple[dict[str, Any], bytes]:
        """The next frame; after `seconds` without one the process is ended."""
        timer = threading.Timer(seconds, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            return read_frame(self._results)
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        self._late = True
        self._kill()

    def _kill(self) -> None:
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                if sys.platform == "win32":
                    self._process.kill()
                else:
                    os.killpg(self._process.pid, signal.SIGKILL)

    def _reason(self, seconds: float) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDING_SECONDS)
        self._kill()
        code = self._process.wait()
        if self._late or code == -getattr(signal, "SIGXCPU", 0):
            return (
                f"took longer than {seconds:g} s to read; split it, or raise FOOTNOTE_PARSE_SECONDS"
            )
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return (
            f"crashed its parser ({name}): it is damaged, or needs more than "
            f"{self._parsing.memory_mb:,} MB of memory (FOOTNOTE_PARSE_MEMORY_MB)"
        )
