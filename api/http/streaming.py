"""Work for a client that may go away: it is stopped as soon as nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from itertools import chain
from types import MappingProxyType
from typing import TypeVar

import anyio
from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from api.http.lines import Line
from rag.stop import Stop, Stopped

T = TypeVar("T")
logger = logging.getLogger(__name__)


async def waiting(request: Request, line: Line, stop: Stop, work: Callable[[], T]) -> T:
    """What `work` returns, done when its turn in `line` has come. When the client of `request`,
    whose body has been read, hangs up meanwhile, `stop` is set, and the line left.

    Raises `ServerBusy` and `Stopped`.
    """
    with anyio.CancelScope() as staying:
        async with _watched(request, stop, staying):
            return await line.run(work)
    raise Stopped("nobody waits for the answer any more")


@asynccontextmanager
async def _watched(request: Request, stop: Stop, staying: anyio.CancelScope) -> AsyncIterator[None]:
    """Within the block, a client that hangs up sets `stop` and cancels `staying`."""

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        await run_sync(stop.set)
        staying.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()


class EventStream(StreamingResponse):
    """Server-sent events, made by a thread of a line that never waits for the client: an answer is
    short, and one that is read slowly keeps nobody from theirs. When the client is gone `stop` is
    set, and what makes them closed."""

    media_type = "text/event-stream"

    def __init__(
        self, making: _Making, stop: Stop, headers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        own = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(making.events(), headers={**own, **headers})
        self._making = making
        self._stop = stop

    @classmethod
    async def begun(
        cls,
        request: Request,
        line: Line,
        stop: Stop,
        pieces: Generator[T, None, None],
        events: Callable[[Iterator[T]], Iterable[str]],
        failed: Callable[[Exception], str],
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> EventStream:
        """The stream of `events`, made of `pieces`, once the first piece is there: until then an
        error is raised, as a problem with a status of its own. After that it becomes the last
        event, which `failed` words, unless nobody waits any more.

        Raises `ServerBusy` and `Stopped`, and what the first piece raises.
        """
        making = _Making()

        def work() -> None:
            with closing(pieces):
                first = next(pieces)
                making.begin()
                try:
                    for event in events(chain([first], pieces)):
                        stop.check()
                        making.put(event)
                except Stopped:
                    return
                except Exception as error:
                    logger.exception("answering failed after the stream had begun")
                    making.put(failed(error))

        line.check()
        making.start(line, work)
        async with _watched(request, stop, making.staying):
            try:
                await making.has_begun()
            except asyncio.CancelledError:
                await run_sync(stop.set)
                raise
        return cls(making, stop, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_noting() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                await run_sync(self._stop.set)
            return message

        try:
            await super().__call__(scope, receive_noting, send)
        finally:
            with anyio.CancelScope(shield=True):
                await run_sync(self._stop.set)
                await self._making.ended()


class _Making:
    """What a thread of a line makes, for the event loop to take."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[str | None] = asyncio.Queue()
        self._began = self._loop.create_future()
        self.staying = anyio.CancelScope()

    def start(self, line: Line, work: Callable[[], None]) -> None:
        self._task = asyncio.create_task(self._run(line, work))

    async def _run(self, line: Line, work: Callable[[], None]) -> None:
        try:
            with self.staying:
                await line.run(work)
        finally:
            self._events.put_nowait(None)

    def begin(self) -> None:
        """The first piece is there; called by the thread."""
        self._loop.call_soon_threadsafe(self._began.set_result, None)

    def put(self, event: str) -> None:
        """Called by the thread."""
        self._loop.call_soon_threadsafe(self._events.put_nowait, event)

    async def has_begun(self) -> None:
        """Waits for `begin`; raises what came instead."""
        await asyncio.wait({self._began, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not self._began.done():
            self._task.result()
            raise Stopped("nobody waits for the answer any more")

    async def events(self) -> AsyncIterator[str]:
        while (event := await self._events.get()) is not None:
            yield event

    async def ended(self) -> None:
        await asyncio.wait({self._task})
