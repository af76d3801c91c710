"""When something in a folder changes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from index.errors import UnreadableFile

_BURST_MS = 1600  # changes that follow each other are told together, for so long at most
_QUIET_MS = 200  # … and as soon as nothing has changed for so long
_LOOK_MS = 1000


def bursts(folder: Path, store: Path | None) -> Iterator[bool]:
    """True when watching begins and after every burst of changes in `folder` or below, false about
    once a second in between. Never ends by itself: when the folder vanishes that is told as a
    change, and when it is back it is watched again. Changes to `store` and in `.git` don't count.

    A burst is a hint to look, and no more: what has changed is for a sync to find out. Raises
    `UnreadableFile` when the system has no more watches to give.
    """
    store = store.resolve() if store else None
    while True:
        yield True
        if (before := _identity(folder)) is not None:
            unseen = True  # something may have changed before the watch was set
            for changed in _changes(folder.resolve(), store):
                if _identity(folder) != before:
                    break
                yield changed or unseen
                unseen = False
        else:
            while _identity(folder) is None:
                time.sleep(_LOOK_MS / 1000)
                yield False


def _identity(folder: Path) -> tuple[int, int] | None:
    """Which folder it is; another one once a drive is mounted there. None where there is none."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _changes(folder: Path, store: Path | None) -> Iterator[bool]:
    from watchfiles import watch

    def counts(_: object, path: str) -> bool:
        own = store is not None and Path(path).is_relative_to(store)
        return ".git" not in Path(path).parts and not own

    try:
        for changes in watch(
            folder,
            watch_filter=counts,
            debounce=_BURST_MS,
            step=_QUIET_MS,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        ):
            yield bool(changes)
    except FileNotFoundError:  # gone before it was watched
        return
    except OSError as error:
        raise UnreadableFile(
            f"{folder.as_posix()} cannot be watched ({error}); raise fs.inotify.max_user_watches, "
            "or set WATCHFILES_FORCE_POLLING=true"
        ) from error
