"""Ctrl-C that ends a command within a second, whatever it is in the middle of."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

_INTERRUPTED = 130  # the exit code
_GRACE_SECONDS = 0.4  # for what is under way to end by itself
_CLUSTER_SECONDS = 15.0  # … where a cluster of this machine's own is to end, which takes two


@contextmanager
def interruptible(farewell: Callable[[], None], *, cluster: bool = False) -> Iterator[None]:
    """Where Ctrl-C ends the block, `farewell` is called and the exit code is 130. Where the block
    is not over soon, since it waits for a model to load, say, another thread calls `farewell` and
    ends the process. The store is sound then too: a transaction is whole or not at all. With a
    `cluster`, whose processes are to end too, soon is longer."""
    over = threading.Event()
    ending = threading.Lock()  # is taken by the one that ends the process
    try:
        seconds = _CLUSTER_SECONDS if cluster else _GRACE_SECONDS
        with _watched(over, ending, farewell, seconds):
            try:
                yield
            finally:
                over.set()
    except KeyboardInterrupt:
        ending.acquire()
        farewell()
        raise typer.Exit(_INTERRUPTED) from None


@contextmanager
def _watched(
    over: threading.Event, ending: threading.Lock, farewell: Callable[[], None], seconds: float
) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # it alone hears of signals
        yield
        return
    heard, hearing = socket.socketpair()
    hearing.setblocking(False)
    before = signal.set_wakeup_fd(hearing.fileno(), warn_on_full_buffer=False)
    threading.Thread(
        target=_watch, args=(heard, over, ending, farewell, seconds), daemon=True
    ).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        hearing.close()


def _watch(
    heard: socket.socket,
    over: threading.Event,
    ending: threading.Lock,
    farewell: Callable[[], None],
    seconds: float,
) -> None:
    with heard:
        while signals := heard.recv(64):
            if signal.SIGINT not in signals or over.wait(seconds):
                continue
            if ending.acquire(blocking=False):
                farewell()
                _end()


def _end() -> None:
    """Ends this process at once, and those that parse for it."""
    from index.load.pool import pool

    pool().close()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(_INTERRUPTED)


def kept(documents: int, total: int) -> str:
    """What is said when adding was interrupted."""
    return (
        f"interrupted; {documents:,} of {total:,} documents are done and kept, and the same "
        "command goes on with the rest"
    )
