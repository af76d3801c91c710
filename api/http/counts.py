"""How much the store holds, as last known, for whoever can't wait for the store."""

from __future__ import annotations

import asyncio
import time

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from index.errors import FootnoteError, StoreBusy
from index.index import Index
from index.records import Counts

_PATIENCE_SECONDS = 0.03
_STUCK_SECONDS = 5.0


class LastCounts:
    """The counts of `index`: read anew, by a thread of their own, each time somebody asks, and
    those of the last time where that takes long. For use in one event loop."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._limiter = CapacityLimiter(1)
        self._known = Counts(0, 0)
        self._problem: FootnoteError | None = None
        self._reading: asyncio.Task[None] | None = None
        self._since = 0.0

    async def read(self) -> None:
        """Waits until they are known; raises nothing."""
        await self.now()
        assert self._reading is not None
        await asyncio.wait({self._reading})

    async def now(self) -> Counts:
        """Never takes much longer than 30 ms; raises nothing."""
        if self._reading is None or self._reading.done():
            self._since = time.monotonic()
            self._reading = asyncio.create_task(self._read())
        await asyncio.wait({self._reading}, timeout=_PATIENCE_SECONDS)
        return self._known

    async def check(self) -> None:
        """Raises, as quickly, what keeps the store from being read."""
        await self.now()
        assert self._reading is not None
        if not self._reading.done() and time.monotonic() - self._since > _STUCK_SECONDS:
            raise StoreBusy(
                f"the store could not be read for {_STUCK_SECONDS:g} s; see to its disk, or wait"
            )
        if self._problem is not None:
            raise self._problem

    async def _read(self) -> None:
        try:
            self._known = await run_sync(self._index.counts, limiter=self._limiter)
            self._problem = None
        except FootnoteError as error:
            self._problem = error
