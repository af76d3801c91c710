"""What the server counts, for Prometheus to read at `/metrics`."""

from __future__ import annotations

from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.index import Index
from rag.answer import Answer

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The counts of one app, in a registry of their own."""

    def __init__(self, index: Index) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "footnote_requests",
            "HTTP requests served",
            ["method", "path", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "footnote_request_seconds",
            "Time from a request's arrival to the end of its response",
            ["method", "path"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.answers = Counter(
            "footnote_answers", "Questions by verdict", ["verdict"], registry=self.registry
        )
        for verdict in ("answered", "unsure", "unanswered"):
            self.answers.labels(verdict)
        self.withheld = Counter(
            "footnote_citations_withheld",
            "Citations taken out because their quote was not in the stored text",
            registry=self.registry,
        )
        self.removed = Counter(
            "footnote_markers_removed",
            "Markers taken out because they named no passage",
            registry=self.registry,
        )
        self.sentences = Counter(
            "footnote_sentences",
            "Sentences of answers, by whether what they cite bears them out",
            ["supported"],
            registry=self.registry,
        )
        self.replaced = Counter(
            "footnote_answers_replaced",
            "Generated answers that nothing supported, by what stood in their place",
            ["by"],
            registry=self.registry,
        )
        for metric, labels in (
            (self.sentences, ("yes", "no")),
            (self.replaced, ("reader", "abstention")),
        ):
            for label in labels:
                metric.labels(label)
        documents = Gauge("footnote_documents", "Documents in the store", registry=self.registry)
        documents.set_function(lambda: index.counts().documents)
        chunks = Gauge("footnote_chunks", "Chunks in the store", registry=self.registry)
        chunks.set_function(lambda: index.counts().chunks)

    def count_answer(self, answer: Answer) -> None:
        """Count one answer that leaves the server."""
        self.answers.labels(answer.verdict).inc()
        self.withheld.inc(answer.withheld)
        self.removed.inc(answer.removed)
        for sentence in answer.sentences:
            self.sentences.labels("yes" if sentence.supported else "no").inc()
        if answer.replaced_by:
            self.replaced.labels(answer.replaced_by).inc()


class Measured:
    """ASGI middleware that counts and times every request by the path of its route, so that the
    number of series does not grow with what clients send."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        started = perf_counter()

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_noting_status)
        finally:
            path = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in METHODS else "other"
            self.metrics.requests.labels(method, path, str(status)).inc()
            self.metrics.seconds.labels(method, path).observe(perf_counter() - started)
