"""`POST /v1/chat/completions`: answers for the chat clients that people already have.

Citations come as `annotations` of the message, and the whole Answer of `/v1/ask` under `footnote`.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.openapi.models import Example
from fastapi.responses import Response

from api.http.context import TheAssistant, TheLines, TheMetrics
from api.http.metrics import Metrics
from api.http.streaming import EventStream, waiting
from api.openai import schemas as wire
from api.openai.asking import (
    Asking,
    annotate,
    answerer_for,
    filter_for,
    finish_of,
    ignored_by,
    usage_of,
    wishes_of,
)
from api.openai.errors import documented, translate_error
from api.openai.forced import call_of, forced_in
from api.openai.messages import instructions_in, question_of
from api.schemas import Answer
from rag import answer as inner
from rag.assistant import Assistant

router = APIRouter(tags=["openai"])

EXAMPLES: dict[str, Example] = {
    "question": {
        "summary": "A question",
        "value": {
            "model": "footnote",
            "messages": [{"role": "user", "content": "Who is planning to travel to Russia?"}],
        },
    },
    "follow-up": {
        "summary": "A question that follows on from an earlier one, streamed with usage",
        "value": {
            "model": "footnote",
            "messages": [
                {"role": "user", "content": "Who is planning to travel to Russia?"},
                {"role": "assistant", "content": "Kim Jong-un is planning to travel to Russia."},
                {"role": "user", "content": [{"type": "text", "text": "Whom will he meet there?"}]},
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
        },
    },
}
STREAM: dict[str, Any] = {
    "description": "The answer; with `stream` as server-sent events: `chat.completion.chunk` "
    "objects and then `[DONE]`. After the content comes a delta with its `annotations`; the last "
    "chunk holds the whole answer under `footnote`. Where something fails after the first chunk, "
    "an `error` object is the last event.",
    "content": {"text/event-stream": {}},  # OpenAPI 3.1 has no words for events
}


def event(data: Mapping[str, Any]) -> str:
    """One server-sent event in OpenAI's form, which has no names."""
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def asking_of(asked: wire.ChatRequest, assistant: Assistant) -> Asking:
    """The question in a chat. Raises `Refused`."""
    question, history = question_of(asked.messages, "messages")
    function, form = forced_in(asked) or (None, None)
    if form is None and asked.response_format:
        form = asked.response_format.form("response_format")
    return Asking(
        assistant=assistant,
        answerer=answerer_for(asked.model, assistant),
        filter=filter_for(asked.model, assistant),
        question=question,
        history=history,
        wishes=wishes_of(
            asked, instructions_in(asked.messages), asked.max_tokens, asked.max_completion_tokens
        ),
        form=form,
        function=function,
        texts=[message.text for message in asked.messages],
    )


def failed(error: Exception) -> str:
    """The event of an error: the headers are out by then."""
    return event(translate_error(error))


def chunks(
    pieces: Iterator[str | inner.Answer],
    asked: wire.ChatRequest,
    asking: Asking,
    frame: Mapping[str, Any],
    metrics: Metrics,
) -> Iterator[str]:
    """The events of one completion."""
    counted = bool(asked.stream_options and asked.stream_options.include_usage)
    frame = {"object": "chat.completion.chunk", **frame, **({"usage": None} if counted else {})}

    def chunk(delta: Mapping[str, Any], finish: str | None = None, **members: Any) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event({**frame, "choices": [choice], **members})

    yield chunk({"role": "assistant", "content": ""})
    sent = ""
    for piece in pieces:
        if isinstance(piece, str):
            sent += piece
            if piece and asking.function:
                call = {"index": 0, **call_of(asking.function, piece).model_dump()}
                yield chunk({"tool_calls": [call]})
            elif piece:
                yield chunk({"content": piece})
            continue
        metrics.count_answer(piece)
        noted = [one.model_dump() for one in annotate(piece)]
        if noted:
            yield chunk({"annotations": noted})
        whole = {"footnote": Answer.of(piece).model_dump()}
        finish = finish_of(piece, asking.function)
        yield chunk({}, finish, **({} if counted else whole))
        if counted:
            usage = usage_of(asking, sent, piece).model_dump()
            yield event({**frame, "choices": [], "usage": usage, **whole})
    yield "data: [DONE]\n\n"


@router.post(
    "/v1/chat/completions",
    response_model=wire.ChatCompletion,
    responses={200: STREAM, **documented(400, 403, 404, 413, 415, 502, 503)},
)
async def chat_completions(
    asked: Annotated[wire.ChatRequest, Body(openapi_examples=EXAMPLES)],
    request: Request,
    response: Response,
    assistant: TheAssistant,
    metrics: TheMetrics,
    lines: TheLines,
) -> wire.ChatCompletion | Response:
    """Answer the last message from the documents, in the form of OpenAI's Chat Completions. Each
    marker `[n]` in the content is a citation whose quote was checked against the stored text. A
    field that has no effect is named in the header `X-Footnote-Ignored`; one that would change
    what the answer means, and can't be honoured, is refused by name."""
    asking = asking_of(asked, assistant)
    headers = ignored_by(asked, assistant)
    name, now = f"chatcmpl-{uuid.uuid4().hex}", int(time.time())
    line, stop = lines.questions, asking.wishes.stop
    if asked.stream:
        frame = {"id": name, "created": now, "model": asked.model}
        told = partial(chunks, asked=asked, asking=asking, frame=frame, metrics=metrics)
        pieces = asking.stream()
        return await EventStream.begun(request, line, stop, pieces, told, failed, headers)

    def completed() -> wire.ChatCompletion:
        content, answer = asking.ask()
        metrics.count_answer(answer)
        calls = [call_of(asking.function, content)] if asking.function else None
        written = wire.AnswerMessage(
            content=None if calls else content, annotations=annotate(answer), tool_calls=calls
        )
        return wire.ChatCompletion(
            id=name,
            created=now,
            model=asked.model,
            choices=[
                wire.Choice(message=written, finish_reason=finish_of(answer, asking.function))
            ],
            usage=usage_of(asking, content, answer),
            footnote=Answer.of(answer),
        )

    completion = await waiting(request, line, stop, completed)
    response.headers.update(headers)
    return completion
