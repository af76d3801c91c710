"""`GET /health` and `GET /metrics`."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator

import httpx
from prometheus_client.parser import text_string_to_metric_families

from rag.answer import Answer
from rag.assistant import Assistant


def measured(address: str) -> dict[tuple[str, ...], float]:
    """Each sample at /metrics by its name and the values of its labels, in order of the labels."""
    text = httpx.get(f"{address}/metrics").text
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_health_counts_what_the_store_holds(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"status": "ok", "documents": 0, "chunks": 0}
    client.post("/v1/documents", json={"uri": "n1", "text": "Ada kept the light."})
    for _ in range(200):  # as last known, where the store takes long to tell
        told = client.get("/health").json()
        if told["documents"]:
            break
        time.sleep(0.05)
    assert told == {"status": "ok", "documents": 1, "chunks": 1}
    assert client.get("/ready").json() == {"status": "ready"}


def test_metrics_count_requests_by_route(client: httpx.Client, founding: str) -> None:
    client.get(f"/v1/documents/{founding}")
    client.get("/v1/documents/unknown-1")
    client.get("/v1/documents/unknown-2")
    client.get("/nowhere-1")
    client.get("/nowhere-2")
    client.request("BREW", "/v1/ask")
    samples = measured(str(client.base_url).rstrip("/"))
    path = "/v1/documents/{document_id}"
    assert samples["footnote_requests_total", "GET", path, "200"] == 1
    assert samples["footnote_requests_total", "GET", path, "404"] == 2
    assert samples["footnote_requests_total", "GET", "other", "404"] == 2
    assert samples["footnote_requests_total", "other", "/v1/ask", "405"] == 1
    assert samples["footnote_request_seconds_count", "GET", path] == 3
    assert samples["footnote_documents",] == 1
    assert samples["footnote_chunks",] == 3


class Withholding(Assistant):
    """The real assistant, whose every answer has two citations withheld."""

    def stream(self, question: str, **options: object) -> Iterator[str | Answer]:  # type: ignore[override]
        for piece in super().stream(question):
            yield (
                piece
                if isinstance(piece, str)
                else dataclasses.replace(piece, withheld=2, removed=3, replaced_by="reader")
            )


def test_metrics_count_answers_by_outcome(
    serve: Callable[..., str], assistant: Assistant, founding: str
) -> None:
    assistant.__class__ = Withholding
    address = serve(assistant)
    samples = measured(address)
    assert samples["footnote_answers_total", "answered"] == 0
    assert samples["footnote_citations_withheld_total",] == 0
    travel = {"question": "Who is planning to travel to Russia?"}
    httpx.post(f"{address}/v1/ask", json=travel)
    httpx.post(f"{address}/v1/ask", json=travel | {"stream": True})
    httpx.post(f"{address}/v1/ask", json={"question": "What is the capital of Australia?"})
    samples = measured(address)
    assert samples["footnote_answers_total", "answered"] == 2
    assert samples["footnote_answers_total", "unanswered"] == 1
    assert samples["footnote_citations_withheld_total",] == 6
    assert samples["footnote_markers_removed_total",] == 9
    assert samples["footnote_sentences_total", "yes"] == 2
    assert samples["footnote_answers_replaced_total", "reader"] == 3
