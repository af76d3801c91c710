"""The spans of questions, gathered by the SDK's own exporter."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from support import make_document

from index.embed.embedder import embedder_of
from index.errors import InvalidQuestion, InvalidSetting, NotInstalled
from rag.assistant import Assistant
from rag.open_index import open_index
from rag.read.evidence_reader import EvidenceReader
from rag.read.span_model import SpanModel
from rag.settings import Settings
from rag.traces import NoTraces, Traces, traces_of
from rag.write.answerer import ExtractiveAnswerer

SECRET = "Ada Brandt kept the lighthouse of Brandt's Rock."


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture(scope="module")
def assistant(
    tmp_path_factory: pytest.TempPathFactory, cache: Path, exporter: InMemorySpanExporter
) -> Iterator[Assistant]:
    settings = Settings(store=tmp_path_factory.mktemp("traces") / "store", cache=cache)
    index = open_index(settings)
    assert list(index.add([make_document("keeper.txt", SECRET, "The keeper")]))
    reader = EvidenceReader(SpanModel(cache=cache), embedder_of(cache=cache))
    traces = Traces(SimpleSpanProcessor(exporter))
    yield Assistant(index, reader, [ExtractiveAnswerer()], settings, traces=traces)
    index.close()


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> InMemorySpanExporter:
    exporter.clear()
    return exporter


def by_name(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_a_question_has_a_span_and_each_of_its_stages_one_within(
    assistant: Assistant, spans: InMemorySpanExporter
) -> None:
    answer = assistant.ask("Who kept the lighthouse?")
    found = by_name(spans)
    assert {"ask", "retrieve", "read", "write", "cite"} <= found.keys()
    ask = found.pop("ask")
    assert ask.parent is None
    last = ask.start_time or 0
    for span in sorted(found.values(), key=lambda each: each.start_time or 0):
        assert span.parent is not None
        assert span.parent.span_id == ask.get_span_context().span_id
        assert last <= (span.start_time or 0) <= (span.end_time or 0) <= (ask.end_time or 0)
        last = span.end_time or 0
    assert dict(ask.attributes or {}) == {
        "footnote.verdict": answer.verdict,
        "footnote.confidence": answer.confidence,
        "footnote.model": "reader",
        "footnote.passages": len(answer.passages),
        "footnote.citations": len(answer.citations),
    }
    assert ask.resource.attributes["service.name"] == "footnote"


def test_what_is_asked_and_found_is_in_none(
    assistant: Assistant, spans: InMemorySpanExporter
) -> None:
    assistant.ask("Who kept the lighthouse of Brandt's Rock?")
    with pytest.raises(InvalidQuestion):
        assistant.ask("Brandt " * 1000)
    told = json.dumps([json.loads(span.to_json()) for span in spans.get_finished_spans()])
    for word in ("Brandt", "Rock", "lighthouse", "keeper"):
        assert word not in told


def test_an_error_is_named_by_its_kind(assistant: Assistant, spans: InMemorySpanExporter) -> None:
    with pytest.raises(InvalidQuestion):
        assistant.ask("")
    (span,) = spans.get_finished_spans()
    assert (span.name, span.status.is_ok) == ("ask", False)
    assert dict(span.attributes or {}) == {"error.type": "InvalidQuestion"}


def test_who_hangs_up_leaves_a_span(assistant: Assistant, spans: InMemorySpanExporter) -> None:
    pieces = assistant.stream("Who kept the lighthouse?")
    next(pieces)
    pieces.close()
    found = by_name(spans)
    assert "retrieve" in found
    assert "footnote.verdict" not in (found["ask"].attributes or {})


def test_another_assistant_over_the_same_is_traced_too(
    assistant: Assistant, spans: InMemorySpanExporter
) -> None:
    others = [
        assistant.with_settings(passages=3),
        assistant.over(assistant.index),
        assistant.with_writers([ExtractiveAnswerer()], assistant.settings, {}),
    ]
    for other in others:
        spans.clear()
        other.ask("Who kept the lighthouse?")
        assert "ask" in by_name(spans)


def test_there_are_none_unless_an_endpoint_is_set() -> None:
    assert isinstance(traces_of(Settings()), NoTraces)
    assert isinstance(traces_of(Settings(traces_endpoint="")), NoTraces)


@pytest.mark.parametrize("endpoint", ["127.0.0.1:4318", "http://", "grpc://127.0.0.1:4317"])
def test_what_is_no_address_is_refused_at_once(endpoint: str) -> None:
    with pytest.raises(InvalidSetting, match=r"is no address of a collector.*TRACES_ENDPOINT"):
        traces_of(Settings(traces_endpoint=endpoint))


def test_who_lacks_the_extra_is_told_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "index.extras.find_spec", lambda name: None if name == "opentelemetry.sdk" else name
    )
    with pytest.raises(NotInstalled, match=r"footnote\[otel\]"):
        traces_of(Settings(traces_endpoint="http://127.0.0.1:4318/v1/traces"))


def test_they_reach_a_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[str] = []
    came = threading.Event()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                got.extend(span.name for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()
            came.set()

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    from rag.clock import Clock

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            endpoint = f"http://127.0.0.1:{server.server_port}/v1/traces"
            clock = Clock()
            with traces_of(Settings(traces_endpoint=endpoint)).question(clock):
                clock.lap("retrieve")
            assert came.wait(60)
        finally:
            server.shutdown()
            thread.join()
    assert sorted(got) == ["ask", "retrieve"]
