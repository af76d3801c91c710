"""How a server ends that is one of several: those who send it requests turn to another first."""

from __future__ import annotations

import threading

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import ServerBusy


class Ending:
    """Whether a server is about to end."""

    def __init__(self) -> None:
        self._begun = threading.Event()

    def begin(self) -> None:
        """It goes on answering, and is ready no more."""
        self._begun.set()

    @property
    def has_begun(self) -> bool:
        return self._begun.is_set()

    def check(self) -> None:
        """Raises `ServerBusy` where it is."""
        if self.has_begun:
            raise ServerBusy("this server is about to end; ask another, or again in a moment")


class Draining:
    """ASGI middleware: while the server is about to end, no connection is kept for a next
    request, which could meet its end."""

    def __init__(self, app: ASGIApp, ending: Ending) -> None:
        self.app = app
        self.ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_last(message: Message) -> None:
            if message["type"] == "http.response.start" and self.ending.has_begun:
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self.app(scope, receive, send_last if scope["type"] == "http" else send)
