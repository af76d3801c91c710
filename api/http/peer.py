"""Which address a connection really comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PEER = "peer"


class Peered:
    """ASGI around everything else, uvicorn's reading of `X-Forwarded-For` included, which puts an
    address that somebody wrote in the place of `client`: the one that the bytes come from stays as
    `peer` of `scope["state"]`."""

    def __init__(self, app: Callable[..., Any], address: str) -> None:
        self.app = app
        self.address = address

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope["state"][PEER] = self.address
        await self.app(scope, receive, send)
