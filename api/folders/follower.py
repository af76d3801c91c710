"""The process that follows folders: `python -m api.folders.follower`.

The server starts it, gives it the settings as a line of JSON on its standard input and reads a line
of JSON for each change of how a folder stands; when its standard input is closed, it ends, however
the server ended. It works at a low priority, so that questions go before it.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from api.folders.standing import Standing
from api.uploads.priority import step_back
from index.errors import CollectionFull, StoreBusy, UnreadableFile
from index.index import Index
from index.progress import Tally, Told
from index.sync.result import Synced
from index.sync.watch import bursts
from rag.open_index import local_folder, open_index
from rag.settings import Settings

LOCK_NAME = "folders.lock"  # is held by the one that follows them
_SETTLED_SECONDS = 1.0  # a file written to more recently may not be whole yet
_TELL_SECONDS = 0.3
_BUSY_SECONDS = 1.0
_MOST_ERRORS = 20
logger = logging.getLogger(__name__)
_saying = threading.Lock()
Tell = Callable[[Standing], None]


class Follower:
    """Keeps the store in step with one folder; one at a time has its `turn`."""

    def __init__(self, index: Index, folder: Path, turn: threading.Lock, tell: Tell) -> None:
        self._index = index
        self._folder = folder
        self._turn = turn
        self._tell = tell
        self._stands = Standing(folder.as_posix())

    def follow(self) -> None:
        """Never ends, but where the system has no more watches to give."""
        left = False  # for the next time
        try:
            for changed in bursts(self._folder, self._index.store.folder):
                if changed or left:
                    with self._turn:
                        left = self.sync()
        except UnreadableFile as error:
            self._stand(replace(self._stands, status="unreachable", problem=str(error)))

    def sync(self) -> bool:
        """Whether anything was left for the next time."""
        tally, told = Tally(), 0.0

        def tell(step: Told) -> None:
            nonlocal told
            tally.tell(step)
            if time.monotonic() - told >= _TELL_SECONDS:
                told = time.monotonic()
                self._stand(replace(self._stands, status="syncing", share=round(tally.share, 4)))

        try:
            done = self._index.sync(self._folder, settled=_SETTLED_SECONDS, progress=tell)
        except StoreBusy:  # somebody else writes for long
            self._stand(replace(self._stands, status="waiting", share=None))
            time.sleep(_BUSY_SECONDS)
            return True
        except (UnreadableFile, CollectionFull) as error:  # it is back when `bursts` says so
            unreachable = replace(self._stands, status="unreachable", share=None)
            self._stand(replace(unreachable, problem=str(error)))
            return False
        self._stand(self._after(done))
        return done.waiting > 0

    def _after(self, done: Synced) -> Standing:
        statuses = [each.status for each in done.documents]
        before = self._stands
        return replace(
            before,
            status="syncing" if done.waiting else "following",
            problem="",
            share=None,
            synced_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            documents=self._documents(),
            added=before.added + statuses.count("added"),
            replaced=before.replaced + statuses.count("replaced"),
            moved=before.moved + len(done.moved),
            removed=before.removed + len(done.removed),
            failed=len(done.errors),
            skipped=len(done.skipped),
            errors=tuple(done.errors[:_MOST_ERRORS]),
        )

    def _documents(self) -> int:
        with self._index.store.read() as snapshot:
            name = snapshot.folders.name(self._folder.resolve().as_posix())
        if name is None:
            return 0
        return self._index.counts({"uri": {"prefix": f"{name.rstrip('/')}/"}}).documents

    def _stand(self, stands: Standing) -> None:
        if stands != self._stands:
            self._stands = stands
            self._tell(stands)


def say(stands: Standing) -> None:
    """To the server; one that is gone needs to know nothing."""
    with _saying, suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(asdict(stands)) + "\n")
        sys.stdout.flush()


def run(follow: Callable[[], None]) -> None:
    """Follows; what nobody has foreseen ends the process, and the server starts another."""
    try:
        follow()
    except Exception:
        logger.exception("following a folder failed")
        os._exit(1)


def main() -> None:
    """Reads the settings, then follows until its standard input is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which then closes stdin
    step_back()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(name)s: %(message)s")
    settings = Settings(**json.loads(sys.stdin.readline()))
    threading.Thread(target=run, args=(lambda: _follow(settings),), daemon=True).start()
    sys.stdin.read()
    os._exit(0)


def _follow(settings: Settings) -> None:
    """With the lock, since of several servers over one store one is enough."""
    turn = threading.Lock()
    with FileLock(local_folder(settings) / LOCK_NAME):
        index = open_index(settings)
        followers = [Follower(index, each, turn, say) for each in settings.sync_folders]
        threads = [
            threading.Thread(target=run, args=(each.follow,), daemon=True) for each in followers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        threading.Event().wait()


if __name__ == "__main__":
    main()
