"""Traces of questions for OpenTelemetry: a span of each, with one of each of its stages within.

They say how long what took and what came of it, never what was asked, found or answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from index.errors import InvalidSetting
from index.extras import require
from rag.answer import Answer
from rag.clock import Clock
from rag.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

Told = Callable[[Answer], None]


class Traces:
    """Gives spans to `processor`: "ask", which belongs to the trace that the present context is in,
    if any, and in it "rewrite", "retrieve", "read", "write" and "cite", each as often as it was
    gone through. May be used by many threads."""

    def __init__(self, processor: SpanProcessor) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider

        described = {"service.name": "footnote", "service.version": version("footnote")}
        provider = TracerProvider(resource=Resource.create(described))
        provider.add_span_processor(processor)
        self._tracer = provider.get_tracer("footnote")

    @contextmanager
    def question(self, clock: Clock) -> Iterator[Told]:
        """A span as long as the block, which is to tell the answer. An error in it is named by its
        kind alone; without an answer and an error nobody waited for it."""
        from opentelemetry.trace import Status, StatusCode, set_span_in_context

        span = self._tracer.start_span("ask", start_time=clock.started)

        def told(answer: Answer) -> None:
            span.set_attribute("footnote.verdict", answer.verdict)
            span.set_attribute("footnote.confidence", answer.confidence)
            span.set_attribute("footnote.model", answer.model)
            span.set_attribute("footnote.passages", len(answer.passages))
            span.set_attribute("footnote.citations", len(answer.citations))

        try:
            yield told
        except Exception as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))
            raise
        finally:
            within = set_span_in_context(span)
            for lap in clock.laps:
                part = self._tracer.start_span(lap.name, within, start_time=lap.start)
                part.end(lap.end)
            span.end()


class NoTraces:
    """Where no traces are wanted."""

    @contextmanager
    def question(self, clock: Clock) -> Iterator[Told]:
        """Nothing is told to anybody."""
        yield lambda answer: None


def traces_of(settings: Settings) -> Traces | NoTraces:
    """Those that are sent, in batches from a thread of their own, to the endpoint that is set; a
    collector that is away costs no question anything. Raises `NotInstalled`, and `InvalidSetting`
    where it is no address."""
    if not settings.traces_endpoint:
        return NoTraces()
    if not re.match(r"https?://[^/]", settings.traces_endpoint):
        raise InvalidSetting(
            f"traces_endpoint '{settings.traces_endpoint}' is no address of a collector; set "
            "FOOTNOTE_TRACES_ENDPOINT to one such as http://127.0.0.1:4318/v1/traces"
        )
    require("otel", "traces_endpoint")
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return Traces(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.traces_endpoint)))
