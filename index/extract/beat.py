"""What the process that parses says of how far it is, to whoever has asked to be told."""

from __future__ import annotations

from collections.abc import Callable

_notify: Callable[[], None] | None = None
_paged: Callable[[int, int], None] | None = None


def on_beat(notify: Callable[[], None]) -> None:
    """Has `notify` called at every `beat`."""
    global _notify
    _notify = notify


def beat() -> None:
    """Says that a part of a file is done whose next may take as long again: a member of an
    archive, a scanned page."""
    if _notify is not None:
        _notify()


def on_pages(notify: Callable[[int, int], None]) -> None:
    """Has `notify` called with (pages read, pages in all) at every `pages_read`."""
    global _paged
    _paged = notify


def pages_read(done: int, total: int) -> None:
    """Says how many pages of a file are read; that gives it no more time."""
    if _paged is not None:
        _paged(done, total)
