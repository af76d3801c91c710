"""`POST /v1/chat/completions`: answers for the chat clients that people already have.

Citations come as `annotations` of the message, and the whole Answer of `/v1/ask` under `footnote`.
"""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from collections.abc import Generator, Iterator, Mapping
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Body
from fastapi.openapi.models import Example
from fastapi.responses import Response

from api import openai_schemas as wire
from api.ask import EventStream
from api.context import TheAssistant, TheMetrics
from api.metrics import Metrics
from api.openai_errors import DEFAULT, Refused, documented, translate_error, unknown_model
from api.schemas import Answer, Citation
from index.embed import Embedder
from rag import answer as inner
from rag.assistant import Assistant

router = APIRouter(tags=["openai"])
logger = logging.getLogger(__name__)

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
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}


def event(data: Mapping[str, Any]) -> str:
    """One server-sent event in OpenAI's form, which has no names."""
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def answerer_for(model: str, assistant: Assistant) -> str | None:
    """The answerer that `model` names; None for the default one."""
    if model in assistant.answerers:
        return model
    if model != DEFAULT:
        raise unknown_model(model, (DEFAULT, *assistant.answerers))
    return None


def question_of(asked: wire.ChatRequest) -> tuple[str, list[inner.Turn]]:
    """The question, and the messages of user and assistant before it."""
    turns = [
        inner.Turn(message.role, message.text)
        for message in asked.messages
        if message.role in ("user", "assistant")
    ]
    if not turns or turns[-1].role != "user":
        message = "messages: the last message must be the user's, it is the question"
        raise Refused(400, message, "messages", "invalid_request")
    return turns[-1].content, turns[:-1]


def annotate(answer: inner.Answer) -> list[wire.Annotation]:
    """One for each citation, at its marker in the text."""
    noted = []
    for citation in answer.citations:
        marker = re.search(rf"\[{citation.number}\]", answer.text)
        assert marker, "a citation has a marker"
        place = wire.UrlCitation(
            start_index=marker.start(),
            end_index=marker.end(),
            title=citation.title,
            url=citation.uri,
        )
        native = Citation.model_validate(citation)
        noted.append(wire.Annotation(url_citation=place, footnote=native))
    return noted


def usage_of(asked: wire.ChatRequest, content: str, embedder: Embedder) -> wire.Usage:
    """The tokens of the messages and of what is sent back."""
    *prompt, completion = embedder.count_tokens([*(one.text for one in asked.messages), content])
    total = sum(prompt) + completion
    return wire.Usage(prompt_tokens=sum(prompt), completion_tokens=completion, total_tokens=total)


def chunks(
    asked: wire.ChatRequest,
    frame: Mapping[str, Any],
    pieces: Iterator[str | inner.Answer],
    embedder: Embedder,
    metrics: Metrics,
) -> Generator[str, None, None]:
    """The events of one completion. The headers are out by now, so an error becomes an event."""
    counted = bool(asked.stream_options and asked.stream_options.include_usage)
    frame = {"object": "chat.completion.chunk", **frame, **({"usage": None} if counted else {})}

    def chunk(delta: Mapping[str, Any], finish: str | None = None, **members: Any) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event({**frame, "choices": [choice], **members})

    try:
        yield chunk({"role": "assistant", "content": ""})
        sent = ""
        for piece in pieces:
            if isinstance(piece, str):
                sent += piece
                yield chunk({"content": piece})
                continue
            metrics.count_answer(piece)
            noted = [one.model_dump() for one in annotate(piece)]
            if noted:
                yield chunk({"annotations": noted})
            whole = {"footnote": Answer.of(piece).model_dump()}
            yield chunk({}, "stop", **({} if counted else whole))
            if counted:
                usage = usage_of(asked, sent, embedder).model_dump()
                yield event({**frame, "choices": [], "usage": usage, **whole})
        yield "data: [DONE]\n\n"
    except Exception as error:
        logger.exception("answering failed after the stream had begun")
        yield event(translate_error(error))


@router.post(
    "/v1/chat/completions",
    response_model=wire.ChatCompletion,
    responses={200: STREAM, **documented(400, 403, 404, 413, 415, 503)},
)
def chat_completions(
    asked: Annotated[wire.ChatRequest, Body(openapi_examples=EXAMPLES)],
    assistant: TheAssistant,
    metrics: TheMetrics,
) -> wire.ChatCompletion | Response:
    """Answer the last message from the documents, in the form of OpenAI's Chat Completions. Each
    marker `[n]` in the content is a citation whose quote was checked against the stored text. A
    field that Footnote has no use for is refused by name, except those that may be passed over
    without harm."""
    if asked.stream_options is not None and not asked.stream:
        message = "stream_options: is for streams only; leave it out or set 'stream'"
        raise Refused(400, message, "stream_options", "invalid_request")
    answerer = answerer_for(asked.model, assistant)
    question, history = question_of(asked)
    embedder = assistant.index.embedder
    name, now = f"chatcmpl-{uuid.uuid4().hex}", int(time.time())
    if asked.stream:
        pieces = iter(assistant.stream(question, history=history, answerer=answerer))
        first = next(pieces)  # an invalid question is still an error with its own status
        frame = {"id": name, "created": now, "model": asked.model}
        return EventStream(chunks(asked, frame, chain([first], pieces), embedder, metrics))
    answer = assistant.ask(question, history=history, answerer=answerer)
    metrics.count_answer(answer)
    written = wire.AnswerMessage(content=answer.text, annotations=annotate(answer))
    return wire.ChatCompletion(
        id=name,
        created=now,
        model=asked.model,
        choices=[wire.Choice(message=written)],
        usage=usage_of(asked, answer.text, embedder),
        footnote=Answer.of(answer),
    )
