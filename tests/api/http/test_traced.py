"""Requests that belong to a trace."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from index.index import Index
from rag.assistant import Assistant
from rag.read.evidence_reader import EvidenceReader
from rag.settings import Settings
from rag.traces import Traces
from rag.write.answerer import ExtractiveAnswerer

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SENT = {"traceparent": f"00-{TRACE}-{PARENT}-01"}


@pytest.mark.parametrize("stream", [False, True])
def test_the_spans_of_a_question_are_in_the_trace_of_who_asks(
    serve: Callable[..., str],
    index: Index,
    reader: EvidenceReader,
    settings: Settings,
    founding: str,
    stream: bool,
) -> None:
    exporter = InMemorySpanExporter()
    traces = Traces(SimpleSpanProcessor(exporter))
    assistant = Assistant(index, reader, [ExtractiveAnswerer()], settings, traces=traces)
    address = serve(assistant, traces_endpoint="http://127.0.0.1:9/v1/traces")
    asked = {"question": "Who is planning to travel to Russia?", "stream": stream}
    for headers in (SENT, {}, {"traceparent": "nonsense"}):
        exporter.clear()
        assert httpx.post(f"{address}/v1/ask", json=asked, headers=headers, timeout=120).text
        spans = {span.name: span for span in exporter.get_finished_spans()}
        ask = spans["ask"]
        context = ask.get_span_context()
        assert {span.get_span_context().trace_id for span in spans.values()} == {context.trace_id}
        if headers is SENT:
            assert f"{context.trace_id:032x}" == TRACE
            assert ask.parent is not None
            assert f"{ask.parent.span_id:016x}" == PARENT
        else:
            assert ask.parent is None
