"""`GET /health` for liveness, `GET /ready` for readiness, `GET /metrics` for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.http.context import BEARER, TheCaller, TheCounts, TheEnding, TheLines, TheMetrics
from api.http.problems import documented
from api.schemas import Health, Ready

router = APIRouter(tags=["health"])


@router.get("/health")
async def health(counts: TheCounts, caller: TheCaller) -> Health:
    """The server is up, which this says at once whatever else it does; how much its store holds,
    as last known where the store takes long to tell, and told to whom all of it is open."""
    if not caller.sees_all:
        return Health(status="ok", documents=None, chunks=None)
    known = await counts.now()
    return Health(status="ok", documents=known.documents, chunks=known.chunks)


@router.get("/ready", responses=documented(503))
async def ready(counts: TheCounts, lines: TheLines, ending: TheEnding) -> Ready:
    """The server takes questions: its store can be read, the line of those who wait has room, and
    it is not about to end. Answers at once, with 503 where not."""
    ending.check()
    lines.questions.check()
    await counts.check()
    return Ready(status="ready")


@router.get(
    "/metrics",
    response_class=Response,
    dependencies=[BEARER],
    responses={**documented(503), 200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(metrics: TheMetrics) -> Response:
    """Counts and latencies in the text format of Prometheus."""
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
