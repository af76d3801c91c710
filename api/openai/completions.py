"""`POST /v1/completions`, for clients of OpenAI's older API: a prompt in, text out."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response
from pydantic import BaseModel, BeforeValidator, Field, JsonValue

from api.http.context import TheAssistant, TheLines, TheMetrics
from api.http.metrics import Metrics
from api.http.streaming import EventStream, waiting
from api.openai import schemas as wire
from api.openai.asking import (
    Asking,
    answerer_for,
    filter_for,
    finish_of,
    ignored_by,
    usage_of,
    wishes_of,
)
from api.openai.chat import event, failed
from api.openai.errors import Refused, documented
from api.openai.fields import Unsupported
from api.schemas import Answer
from rag import answer as inner
from rag.assistant import Assistant

router = APIRouter(tags=["openai"])

MOST_PROMPTS = 20  # LangChain's batches


class CompletionRequest(wire.Sampled):
    """Prompts, each of which is a question."""

    prompt: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        BeforeValidator(wire.as_texts, json_schema_input_type=str | list[str]),
        Field(min_length=1, max_length=MOST_PROMPTS, description="a question, or questions"),
    ]
    max_tokens: wire.Most = Field(None, ge=1, description="for language models")
    stream_options: wire.StreamOptions | None = Field(None, description="only with `stream`")
    best_of: Annotated[JsonValue, Unsupported("a question gets one answer", (1,))] = None
    echo: Annotated[JsonValue, Unsupported("the prompt is not repeated", (False,))] = None
    suffix: Annotated[JsonValue, Unsupported("text is not filled in", ("",))] = None


class Choice(BaseModel):
    """The answer to one prompt, with the whole Answer of /v1/ask under `footnote`."""

    index: int
    text: str
    logprobs: None = None
    finish_reason: wire.Finish
    footnote: Answer


class Completion(BaseModel):
    """The answers, in the order of the prompts."""

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int = Field(description="Unix time in seconds")
    model: str = Field(description="the `model` of the request")
    choices: list[Choice]
    usage: wire.Usage


def askings_of(asked: CompletionRequest, assistant: Assistant) -> list[Asking]:
    """The questions. Raises `Refused`."""
    answerer = answerer_for(asked.model, assistant)
    scope = filter_for(asked.model, assistant)
    wishes = wishes_of(asked, [], asked.max_tokens)
    return [
        Asking(assistant, answerer, prompt, (), wishes, None, [prompt], scope)
        for prompt in asked.prompt
    ]


def chunks(
    pieces: Iterator[str | inner.Answer],
    asking: Asking,
    counted: bool,
    frame: Mapping[str, Any],
    metrics: Metrics,
) -> Iterator[str]:
    """The events of one completion."""

    def chunk(text: str, finish: str | None = None, **members: Any) -> str:
        choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": finish, **members}
        return event({**frame, "choices": [choice]})

    sent = ""
    for piece in pieces:
        if isinstance(piece, str):
            sent += piece
            if piece:
                yield chunk(piece)
            continue
        metrics.count_answer(piece)
        yield chunk("", finish_of(piece), footnote=Answer.of(piece).model_dump())
        if counted:
            usage = usage_of(asking, sent, piece).model_dump()
            yield event({**frame, "choices": [], "usage": usage})
    yield "data: [DONE]\n\n"


@router.post(
    "/v1/completions",
    response_model=Completion,
    responses=documented(400, 403, 404, 413, 415, 502, 503),
)
async def completions(
    asked: Annotated[CompletionRequest, Body()],
    request: Request,
    response: Response,
    assistant: TheAssistant,
    metrics: TheMetrics,
    lines: TheLines,
) -> Completion | Response:
    """Answer each prompt from the documents, in the form of OpenAI's Completions."""
    askings = askings_of(asked, assistant)
    headers = ignored_by(asked, assistant)
    line, stop = lines.questions, askings[0].wishes.stop
    name, now = f"cmpl-{uuid.uuid4().hex}", int(time.time())
    if asked.stream:
        if len(askings) > 1:
            message = "prompt: has several questions; a stream answers one"
            raise Refused(400, message, "prompt", "invalid_request")
        (asking,) = askings
        frame = {"id": name, "object": "text_completion", "created": now, "model": asked.model}
        counted = bool(asked.stream_options and asked.stream_options.include_usage)
        told = partial(chunks, asking=asking, counted=counted, frame=frame, metrics=metrics)
        pieces = asking.stream()
        return await EventStream.begun(request, line, stop, pieces, told, failed, headers)

    def completed() -> Completion:
        choices = []
        read = wrote = 0
        for index, asking in enumerate(askings):
            content, answer = asking.ask()
            metrics.count_answer(answer)
            usage = usage_of(asking, content, answer)
            read, wrote = read + usage.prompt_tokens, wrote + usage.completion_tokens
            whole = Answer.of(answer)
            choices.append(
                Choice(index=index, text=content, finish_reason=finish_of(answer), footnote=whole)
            )
        tokens = wire.Usage(prompt_tokens=read, completion_tokens=wrote, total_tokens=read + wrote)
        return Completion(id=name, created=now, model=asked.model, choices=choices, usage=tokens)

    completion = await waiting(request, line, stop, completed)
    response.headers.update(headers)
    return completion
