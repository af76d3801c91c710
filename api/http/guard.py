"""What stands before every request: who may ask, how much may be sent, what a browser may do.

Footnote listens on the user's own machine, where any web page the user visits can send it
requests. So a request that changes something must not come from another origin, and a server
answers to names that are known to be its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.hosts import Hosts
from api.http.problems import GENERATION, REQUEST_ID, problem

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types dompurify"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UPLOADS = frozenset(  # whose bodies may be large: texts, and histories with images in them
    {"/v1/documents", "/v1/embeddings", "/v1/chat/completions", "/v1/responses"}
)
SMALL_BODY = 1_000_000  # bytes; ample for a question with its history
SLOWEST = 1000  # bytes a second, of a body
PATIENCE = 30.0  # seconds

TOO_SLOW = "The body came too slowly; send it at once, in parts, or over a faster connection."
IGNORED = "X-Footnote-Ignored"  # names the fields of a request that had no effect


def refusal(method: str, headers: Headers, hosts: Hosts, allowed: Collection[str]) -> str | None:
    """Why a request with these headers must not be served, or None. `hosts` are the names that the
    server answers to, `allowed` the origins whose pages may do all that its own page may."""
    host = headers.get("host", "").lower()
    if (reason := hosts.refusal(host)) is not None:
        return reason
    if method in SAFE_METHODS:
        return None
    origin = headers.get("origin")
    if origin is None:
        site = headers.get("sec-fetch-site", "none")
        if site in ("none", "same-origin"):
            return None
        return f"Requests from pages of another origin are refused; a browser called this {site!r}."
    if origin.lower().partition("://")[2] == host or origin in allowed:
        return None
    return (
        f"Requests from pages of another origin are refused; this one came from {origin!r}. "
        "FOOTNOTE_ALLOWED_ORIGINS names those that are not."
    )


def let_in(app: FastAPI, origins: Sequence[str]) -> None:
    """Tell browsers that pages of `origins` may ask `app` and read what it answers (CORS)."""
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=["*"],
            allow_private_network=True,
            expose_headers=[IGNORED, GENERATION, REQUEST_ID, "Retry-After"],
        )


class Guard:
    """ASGI middleware that refuses strangers (403), oversized bodies (413) and those that take
    longer than `patience`, in seconds, and one more for each kilobyte (408), and sets the security
    headers. `hosts` are the names that the server answers to; `max_upload` is in bytes;
    `allowed_origins` are those whose pages may ask."""

    def __init__(
        self,
        app: ASGIApp,
        hosts: Hosts,
        max_upload: int,
        allowed_origins: Collection[str] = (),
        patience: float = PATIENCE,
    ) -> None:
        self.app = app
        self.hosts = hosts
        self.max_upload = max_upload
        self.allowed_origins = allowed_origins
        self.patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-cache")
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)  # what is untrusted has stricter ones
            await send(message)

        headers = Headers(scope=scope)
        reason = refusal(scope["method"], headers, self.hosts, self.allowed_origins)
        if reason is not None:
            await problem(403, reason)(scope, receive, send_guarded)
            return
        limit = self.max_upload if scope["path"] in UPLOADS else min(SMALL_BODY, self.max_upload)
        too_large = f"The body is larger than the {limit / 1e6:g} MB that {scope['path']} takes."
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            await problem(413, too_large)(scope, receive, send_guarded)
            return
        received, whole = 0, False
        begun = asyncio.get_running_loop().time()

        async def receive_limited() -> Message:
            nonlocal received, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout_at(begun + self.patience + received / SLOWEST):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, TOO_SLOW, {"Connection": "close"}) from None
            whole = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, too_large)
            return message

        await self.app(scope, receive_limited, send_guarded)
