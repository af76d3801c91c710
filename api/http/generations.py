"""The generation of the store in every response, and the one that a request must find there."""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import GENERATION, problem
from index.generations import CURRENT, Generations

_WRITTEN = re.compile(r"[0-9]{1,18}")
_ASKING = frozenset(
    {"/v1/ask", "/v1/search", "/v1/chat/completions", "/v1/completions", "/v1/responses"}
)


class Generational:
    """ASGI middleware. A response tells in `X-Footnote-Generation` which state of the store in its
    database was written, or read at least; who sends that with the next request reads nothing
    older. What only reads may be read at a replica."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        wanted = Headers(scope=scope).get(GENERATION, "0").strip()
        if not _WRITTEN.fullmatch(wanted):
            refusal = problem(
                400,
                f"The header {GENERATION} is {wanted[:40]!r}, which is no generation; send what "
                "it was in a response, or leave it out.",
            )
            await refusal(scope, receive, send)
            return
        reads = scope["method"] in ("GET", "HEAD") or scope["path"] in _ASKING
        current = Generations(int(wanted), may_lag=reads)

        async def send_telling(message: Message) -> None:
            if message["type"] == "http.response.start" and current.told is not None:
                MutableHeaders(scope=message)[GENERATION] = str(current.told)
            await send(message)

        token = CURRENT.set(current)
        try:
            await self.app(scope, receive, send_telling)
        finally:
            CURRENT.reset(token)
