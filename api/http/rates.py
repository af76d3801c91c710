"""How often the holder of a key may ask."""

from __future__ import annotations

import math
import time

from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.caller import Caller
from api.http.problems import problem
from index.errors import InvalidSetting


class Rates:
    """Limits such as "1200/minute" or "10/second; 5000/day", of each key by itself, counted in this
    process; "" is none. Raises `InvalidSetting`."""

    def __init__(self, limits: str) -> None:
        try:
            self._limits = parse_many(limits) if limits.strip() else []
        except ValueError as error:
            raise InvalidSetting(
                f"setting rate_limit is {limits!r}, which is no limit; write one such as "
                "1200/minute, several as '10/second; 5000/day', or '' for none"
            ) from error
        self._counts = MovingWindowRateLimiter(MemoryStorage())

    def seconds_left(self, caller: Caller) -> int:
        """Counts a request of `caller`. 0, or how long it has to wait until its next one."""
        if not caller.key_id:
            return 0
        for limit in self._limits:
            if not self._counts.hit(limit, caller.key_id):
                reset = self._counts.get_window_stats(limit, caller.key_id).reset_time
                return max(1, math.ceil(reset - time.time()))
        return 0


class Limited:
    """ASGI middleware that answers whoever asks too often with 429. It stands behind the gate; what
    needs no key is not counted."""

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        self.app = app
        self.rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["state"]["needed"] is not None:
            caller: Caller = scope["state"]["caller"]
            if seconds := self.rates.seconds_left(caller):
                refusal = problem(
                    429,
                    f"The key '{caller.name}' has asked as often as it may; ask again in "
                    f"{seconds} s, or raise FOOTNOTE_RATE_LIMIT.",
                    headers={"Retry-After": str(seconds)},
                )
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)
