"""How often the holder of a key, or a person who is signed in, may ask."""

from __future__ import annotations

import logging
import math
import time

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.caller import Caller
from api.http.problems import problem
from api.http.shared_rates import SharedRates
from index.errors import FootnoteError, InvalidSetting
from index.postgres.address import Address
from rag.settings import Settings

logger = logging.getLogger(__name__)


def rates_of(settings: Settings) -> Rates:
    """The limits that are set, counted where all servers over the store count."""
    store = settings.store
    return Rates(settings.rate_limit, SharedRates(store) if isinstance(store, Address) else None)


class Rates:
    """Limits such as "1200/minute" or "10/second; 5000/day", of each key and person by itself; ""
    is none. Requests are counted in `shared`, and in this process where there is none, or where it
    cannot be written. Raises `InvalidSetting`."""

    def __init__(self, limits: str, shared: SharedRates | None = None) -> None:
        try:
            self._limits = parse_many(limits) if limits.strip() else []
        except ValueError as error:
            raise InvalidSetting(
                f"setting rate_limit is {limits!r}, which is no limit; write one such as "
                "1200/minute, several as '10/second; 5000/day', or '' for none"
            ) from error
        self._counts = MovingWindowRateLimiter(MemoryStorage())
        self._shared = shared if self._limits else None
        self._problem = ""

    @property
    def is_shared(self) -> bool:
        """Whether they are counted elsewhere, so that it may take long."""
        return self._shared is not None

    def seconds_left(self, caller: Caller) -> int:
        """Counts a request of `caller`. 0, or how long it has to wait until its next one."""
        if not caller.identity:
            return 0
        if self._shared is not None:
            try:
                left = self._shared.seconds_left(self._limits, caller.identity)
            except FootnoteError as error:  # a replica, or a server that is gone
                if str(error) != self._problem:
                    self._problem = str(error)
                    logger.warning("requests are counted by this server alone: %s", error)
            else:
                self._problem = ""
                return left
        for limit in self._limits:
            if not self._counts.hit(limit, caller.identity):
                reset = self._counts.get_window_stats(limit, caller.identity).reset_time
                return max(1, math.ceil(reset - time.time()))
        return 0


class Limited:
    """ASGI middleware that answers whoever asks too often with 429. It stands behind the gate; what
    needs no key is not counted."""

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        self.app = app
        self.rates = rates
        self._counting = CapacityLimiter(4)  # threads of its own, as the gate has

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["state"]["needed"] is not None:
            caller: Caller = scope["state"]["caller"]
            if seconds := await self._seconds_left(caller):
                refusal = problem(
                    429,
                    f"{caller.called} has asked as often as it may; ask again in "
                    f"{seconds} s, or raise FOOTNOTE_RATE_LIMIT.",
                    headers={"Retry-After": str(seconds)},
                )
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _seconds_left(self, caller: Caller) -> int:
        if self.rates.is_shared and caller.identity:
            return await run_sync(self.rates.seconds_left, caller, limiter=self._counting)
        return self.rates.seconds_left(caller)
