"""The process that parses: one file after the other, in frames from stdin to stdout, until stdin
ends or nothing has come for a minute. `pool.py` starts it and ends it.

Stdin is read by a thread, so that its end is seen in the middle of a file too: when whoever asks is
killed, the system closes the pipe, and this process ends with what it has started."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any

from index.errors import FootnoteError
from index.extract.beat import on_beat, on_pages
from index.extract.limits import Parsing
from index.load.frames import read_frame, to_json, write_frame
from index.load.parse import Parsed, parse
from index.load.questions import answer

_IDLE_SECONDS = 60.0
_TELL_SECONDS = 0.2  # between two pages that are told of
_DESCRIPTORS = 256  # most files that a parser may have open

Commands = queue.SimpleQueue[tuple[dict[str, Any], bytes]]


def main() -> None:
    commands, results = _private(0, "rb"), _private(1, "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # parsers print what nobody asked for
        os.dup2(nothing, descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us ends us
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_NOFILE", _DESCRIPTORS)

    parsing = Parsing()

    def keep_alive() -> None:
        _limit_cpu(parsing)
        write_frame(results, {"working": True})

    told = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= _TELL_SECONDS:
            told = time.monotonic()
            write_frame(results, {"page": done, "of": total})

    on_beat(keep_alive)
    on_pages(tell)
    sent = Commands()
    threading.Thread(target=_listen, args=(commands, sent), daemon=True).start()
    with suppress(queue.Empty, BrokenPipeError):
        while True:
            header, data = sent.get(timeout=_IDLE_SECONDS)
            parsing = Parsing(**header["parsing"])
            write_frame(results, {"started": True})
            _answer(header, data, parsing, results)
    os._exit(0)  # the thread still waits


def _listen(commands: IO[bytes], sent: Commands) -> None:
    """Passes on what is sent, until nobody is there to send; then all this is for nobody."""
    try:
        while True:
            sent.put(read_frame(commands))
    finally:
        _end()


def _end() -> None:
    """Ends this process at once, and those it has started where it leads a group of its own."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _answer(header: Mapping[str, Any], data: bytes, parsing: Parsing, results: IO[bytes]) -> None:
    _limit("RLIMIT_AS", parsing.memory_mb * 2**20)
    _limit_cpu(parsing)
    if question := header.get("question"):
        _reply(question, data, parsing, results)
        return
    try:
        for outcome in parse(data, header["uri"], parsing, header["media_type"], header["done"]):
            original = outcome.original if isinstance(outcome, Parsed) else None
            write_frame(results, to_json(outcome), original or b"")
            _limit_cpu(parsing)
    except ImportError as error:
        write_frame(results, {"broken": str(error)})
    write_frame(results, {"done": True})


def _reply(question: Mapping[str, Any], data: bytes, parsing: Parsing, results: IO[bytes]) -> None:
    try:
        reply, body = answer(question, data, parsing)
    except ImportError as error:
        reply, body = {"broken": str(error)}, b""
    except FootnoteError as error:
        reply, body = {"refused": str(error), "kind": type(error).__name__}, b""
    write_frame(results, {**reply, "done": True}, body)


def _private(descriptor: int, mode: str) -> Any:
    """A stream of our own over `descriptor`, which is then free for others to write to."""
    return os.fdopen(os.dup(descriptor), mode)


def _limit(name: str, most: int) -> None:
    """Sets the soft limit `name`, on systems that have it, as far as the hard one lets us."""
    with suppress(ImportError, AttributeError, ValueError, OSError):
        import resource

        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (allowed, hard))


def _limit_cpu(parsing: Parsing) -> None:
    """Lets this process compute for the time of one file from now on, even where whoever started
    it is no longer there to end it."""
    with suppress(ImportError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = used.ru_utime + used.ru_stime
        _limit("RLIMIT_CPU", int(spent + parsing.seconds) + 2)
