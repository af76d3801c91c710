"""`POST /v1/ask`: a question in, a cited answer out, at once or as it comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.openapi.models import Example
from fastapi.responses import Response

from api.http.context import TheAssistant, TheLines, TheMetrics
from api.http.metrics import Metrics
from api.http.problems import describe_error, documented
from api.http.streaming import EventStream, waiting
from api.schemas import Answer, AskRequest
from rag import answer as inner
from rag.write.answerer import Wishes

router = APIRouter(tags=["ask"])

EXAMPLES: dict[str, Example] = {
    "question": {
        "summary": "A question",
        "value": {"question": "Who is planning to travel to Russia?"},
    },
    "follow-up": {
        "summary": "A question that follows on from an earlier one",
        "value": {
            "question": "Whom will he meet there?",
            "history": [
                {"role": "user", "content": "Who is planning to travel to Russia?"},
                {"role": "assistant", "content": "Kim Jong-un is planning to travel to Russia."},
            ],
        },
    },
    "filtered": {
        "summary": "A question to the documents of one year",
        "value": {
            "question": "What warning did the United States give North Korea?",
            "k": 5,
            "filter": {"date": {"from": "2023-01-01", "to": "2023-12-31"}},
        },
    },
    "streamed": {
        "summary": "An answer as server-sent events",
        "value": {"question": "What is the capital of Australia?", "stream": True},
    },
}
STREAM: dict[str, Any] = {
    "description": "The answer; with `stream` as server-sent events: `token` events with "
    '`{"text"}`, then one `answer` event with the whole answer, or an `error` event with a '
    "problem where something failed after the first token.",
    "content": {"text/event-stream": {}},  # OpenAPI 3.1 has no words for events
}


def event(name: str, data: Any) -> str:
    """One server-sent event with JSON as its data."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def events(pieces: Iterator[str | inner.Answer], metrics: Metrics) -> Iterator[str]:
    """The events of one answer."""
    for piece in pieces:
        if isinstance(piece, str):
            yield event("token", {"text": piece})
        else:
            metrics.count_answer(piece)
            yield event("answer", Answer.of(piece).model_dump())


def failed(error: Exception) -> str:
    """The event of an error: the headers are out by then."""
    return event("error", describe_error(error))


@router.post(
    "/v1/ask",
    response_model=Answer,
    responses={200: STREAM, **documented(400, 403, 404, 413, 415, 422, 502, 503)},
)
async def ask(
    asked: Annotated[AskRequest, Body(openapi_examples=EXAMPLES)],
    request: Request,
    assistant: TheAssistant,
    metrics: TheMetrics,
    lines: TheLines,
) -> Answer | Response:
    """Answer a question from the documents. Each marker `[n]` in `answer` is a citation whose
    quote was checked against the stored text; `verdict` says whether it answers, may
    answer, or the documents do not tell; then `passages` holds the nearest ones."""
    wishes = Wishes()
    options: dict[str, Any] = {
        "history": [inner.Turn(turn.role, turn.content) for turn in asked.history],
        "k": asked.k,
        "filter": asked.filter,
        "answerer": asked.answerer,
        "strict": asked.strict,
        "rewrite": asked.rewrite,
        "wishes": wishes,
    }
    line, stop = lines.questions, wishes.stop
    if asked.stream:
        pieces = assistant.stream(asked.question, **options)
        told = partial(events, metrics=metrics)
        return await EventStream.begun(request, line, stop, pieces, told, failed)

    def answered() -> Answer:
        answer = assistant.ask(asked.question, **options)
        metrics.count_answer(answer)
        return Answer.of(answer)

    return await waiting(request, line, stop, answered)
