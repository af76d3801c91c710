"""Work for a client that may go away: it is stopped as soon as nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Mapping
from types import MappingProxyType
from typing import TypeVar

import anyio
from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from rag.stop import Stop

T = TypeVar("T")


async def waiting(request: Request, stop: Stop, work: Callable[[], T]) -> T:
    """What `work` returns, done in a thread; `stop` is set when the client of `request`, whose
    body has been read, hangs up meanwhile."""

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        await run_sync(stop.set)

    watching = asyncio.create_task(watch())
    try:
        return await run_sync(work)
    finally:
        watching.cancel()


class EventStream(StreamingResponse):
    """Server-sent events out of a generator. When the client is gone `stop` is set, and the
    generator closed."""

    media_type = "text/event-stream"

    def __init__(
        self,
        events: Generator[str, None, None],
        stop: Stop,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        own = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, headers={**own, **headers})
        self.events = events
        self.stop = stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_noting() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                await run_sync(self.stop.set)
            return message

        try:
            await super().__call__(scope, receive_noting, send)
        finally:
            with anyio.CancelScope(shield=True):
                await run_sync(self.events.close)
