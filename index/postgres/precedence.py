"""Questions go before adding on the same machine, whichever processes ask and add.

Both sides meet at an advisory lock of the database. It is one for each machine: what another one
adds takes nothing from this one's processors.
"""

from __future__ import annotations

import hashlib
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from index.errors import StoreBusy, StoreUnusable
from index.giving_way import GivingWay
from index.postgres.connections import Connections

_AGAIN_SECONDS = 10.0  # questions go on without the lock after it could not be had
_KEYS = (
    0x464E5445,
    int.from_bytes(hashlib.sha256(platform.node().encode()).digest()[:4], "big", signed=True),
)


class AdvisoryLock:
    """The `Precedence` of a store in PostgreSQL. However many questions a process asks at once, one
    connection holds the lock for them; where none can be had, they are asked without."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._giving_way = GivingWay()
        self._lock = threading.Lock()
        self._asking = 0
        self._held = ExitStack()
        self._not_before = 0.0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While the block runs, a question is being answered. It never waits for adding."""
        with self._lock:
            self._asking += 1
            if self._asking == 1:
                self._take()
        try:
            yield
        finally:
            with self._lock:
                self._asking -= 1
                if self._asking == 0:
                    self._held.close()

    @contextmanager
    def adding(self) -> Iterator[None]:
        """Runs the block, a batch, once no question is being answered, or after a while."""
        self._giving_way.wait(self._is_asked)
        with self._giving_way.batch():
            yield

    def _take(self) -> None:
        if time.monotonic() < self._not_before:
            return
        try:
            with ExitStack() as stack:
                db = stack.enter_context(self._connections.pooled())
                db.execute("SELECT pg_advisory_lock_shared(%s, %s)", _KEYS)
                stack.callback(db.execute, "SELECT pg_advisory_unlock_shared(%s, %s)", _KEYS)
                self._held = stack.pop_all()
        except (StoreBusy, StoreUnusable):  # the question itself will say so, where it matters
            self._held = ExitStack()
            self._not_before = time.monotonic() + _AGAIN_SECONDS

    def _is_asked(self) -> bool:
        if self._asking:
            return True
        with self._connections.pooled() as db:
            (free,) = db.execute("SELECT pg_try_advisory_lock(%s, %s)", _KEYS).fetchone()
            if free:
                db.execute("SELECT pg_advisory_unlock(%s, %s)", _KEYS)
        return not free
