"""Requests that belong to a trace, as their `traceparent` says."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send


class Traced:
    """ASGI middleware, for where traces are sent: the spans of a request belong to the trace of
    whoever sent it (W3C Trace Context)."""

    def __init__(self, app: ASGIApp) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self.app = app
        self._propagator = TraceContextTextMapPropagator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from opentelemetry.context import attach, detach

        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        token = attach(self._propagator.extract(dict(Headers(scope=scope))))
        try:
            await self.app(scope, receive, send)
        finally:
            detach(token)
