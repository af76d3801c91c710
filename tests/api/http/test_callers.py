"""Who asks, where the keys are in a database that hangs."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from starlette.types import Scope

from api.access.caller import LOCAL, NOBODY
from api.access.keys import Keys
from api.http.callers import Callers
from rag.settings import Settings

SCOPE: Scope = {"type": "http", "method": "GET", "path": "/health", "headers": []}


class Hanging(Keys):
    """Keys that are elsewhere, and are not told before `goes_on`."""

    is_shared = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.goes_on = threading.Event()

    def any_made(self) -> bool:
        self.goes_on.wait(60)
        return super().any_made()


def test_however_many_ask_few_threads_wait_for_a_database(tmp_path: Path) -> None:
    keys = Hanging(tmp_path)
    callers = Callers(Settings(store=tmp_path), keys)

    def waiting() -> int:
        return sum(thread.name.startswith("who") for thread in threading.enumerate())

    async def ask() -> None:
        before = waiting()
        for _ in range(3):
            asked = await asyncio.gather(*(callers.of(SCOPE, None) for _ in range(20)))
            assert asked == [NOBODY] * 20
            assert waiting() - before <= 4
        keys.goes_on.set()
        while await callers.of(SCOPE, None) is not LOCAL:  # which it is in time
            await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(ask(), 60))
