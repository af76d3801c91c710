"""`GET /health` for liveness, `GET /metrics` for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.http.context import TheAssistant, TheMetrics
from api.http.problems import documented
from api.schemas import Health

router = APIRouter(tags=["health"])


@router.get("/health", responses=documented(503))
def health(assistant: TheAssistant) -> Health:
    """The server is up and its store can be read; how much the store holds."""
    counts = assistant.index.counts()
    return Health(status="ok", documents=counts.documents, chunks=counts.chunks)


@router.get(
    "/metrics",
    response_class=Response,
    responses={**documented(503), 200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(metrics: TheMetrics) -> Response:
    """Counts and latencies in the text format of Prometheus."""
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
