"""What is left of a request: an id that it can be found by, and lines in the logs."""

from __future__ import annotations

import json
import re
import secrets
import sys
from time import perf_counter
from typing import Any, TextIO

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.audit import AuditLog, moment
from api.access.caller import NOBODY, Caller
from api.http.problems import REQUEST_ID

_GIVEN = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
_REFUSED = frozenset({401, 403, 429})


class Trail:
    """ASGI middleware around all others. A request keeps the `X-Request-Id` that it brings, where
    it is one, and gets one otherwise; its response tells it. `access`, where given, gets a JSON
    line of every request; `audit` one of each that needs a key or was refused, and of signing in
    and out."""

    def __init__(
        self, app: ASGIApp, access: TextIO | None = None, audit: AuditLog | None = None
    ) -> None:
        self.app = app
        self.access = access
        self.audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)  # the server's life, when it is that
            if scope["type"] == "lifespan" and self.audit:
                self.audit.close()
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if _GIVEN.fullmatch(given) else secrets.token_hex(16)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        status, sent, noted = 500, 0, False
        started = perf_counter()

        def note() -> None:
            nonlocal noted
            if not noted:
                noted = True
                milliseconds = round((perf_counter() - started) * 1000, 1)
                self._note(scope, state, status, sent, milliseconds)

        async def send_noting(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            sent += len(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                note()  # before the client has the whole, so that no answer lacks its line
            await send(message)

        try:
            await self.app(scope, receive, send_noting)
        finally:
            note()

    def _note(
        self, scope: Scope, state: dict[str, Any], status: int, sent: int, milliseconds: float
    ) -> None:
        caller: Caller = state.get("caller", NOBODY)
        client = scope.get("client")
        line = {
            "request_id": state["request_id"],
            "who": caller.name,
            "via": None if caller is NOBODY else caller.via,
            "key": caller.key_id or None,
            **({"subject": caller.subject} if caller.subject else {}),
            "from": client[0] if client else None,
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
        }
        is_kept = state.get("needed") is not None or status in _REFUSED or "noted" in state
        if self.audit and is_kept:
            self.audit.note(line | ({"documents": state["touched"]} if "touched" in state else {}))
        if self.access:
            full = {"time": moment(), **line, "milliseconds": milliseconds, "bytes": sent}
            self.access.write(json.dumps(full, ensure_ascii=False) + "\n")
            self.access.flush()


def access_stream(form: str) -> TextIO | None:
    """Where access lines go: to stderr as JSON, or nowhere, where the server writes its own."""
    return sys.stderr if form == "json" else None
