"""`POST /v1/completions`, for clients of OpenAI's older API: a prompt in, text out."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Generator, Iterator, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response
from pydantic import BaseModel, BeforeValidator, Field, JsonValue

from api.http.context import TheAssistant, TheMetrics
from api.http.metrics import Metrics
from api.http.streaming import EventStream, waiting
from api.openai import schemas as wire
from api.openai.asking import Asking, answerer_for, finish_of, ignored_by, usage_of, wishes_of
from api.openai.chat import event
from api.openai.errors import Refused, documented, translate_error
from api.openai.fields import Unsupported
from api.schemas import Answer
from rag import answer as inner
from rag.assistant import Assistant
from rag.stop import Stopped

router = APIRouter(tags=["openai"])
logger = logging.getLogger(__name__)

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
    wishes = wishes_of(asked, [], asked.max_tokens)
    return [
        Asking(assistant, answerer, prompt, (), wishes, None, [prompt]) for prompt in asked.prompt
    ]


def chunks(
    asking: Asking,
    counted: bool,
    frame: Mapping[str, Any],
    pieces: Iterator[str | inner.Answer],
    metrics: Metrics,
) -> Generator[str, None, None]:
    """The events of one completion. The headers are out by now, so an error becomes an event."""

    def chunk(text: str, finish: str | None = None, **members: Any) -> str:
        choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": finish, **members}
        return event({**frame, "choices": [choice]})

    try:
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
    except Stopped:
        return
    except Exception as error:
        logger.exception("answering failed after the stream had begun")
        yield event(translate_error(error))


@router.post(
    "/v1/completions",
    response_model=Completion,
    responses=documented(400, 403, 404, 413, 415, 503),
)
async def completions(
    asked: Annotated[CompletionRequest, Body()],
    request: Request,
    response: Response,
    assistant: TheAssistant,
    metrics: TheMetrics,
) -> Completion | Response:
    """Answer each prompt from the documents, in the form of OpenAI's Completions."""
    askings = askings_of(asked, assistant)
    headers = ignored_by(asked, assistant)
    stop = askings[0].wishes.stop
    name, now = f"cmpl-{uuid.uuid4().hex}", int(time.time())
    if asked.stream:
        if len(askings) > 1:
            message = "prompt: has several questions; a stream answers one"
            raise Refused(400, message, "prompt", "invalid_request")
        pieces = await askings[0].begun(request)
        frame = {"id": name, "object": "text_completion", "created": now, "model": asked.model}
        counted = bool(asked.stream_options and asked.stream_options.include_usage)
        return EventStream(chunks(askings[0], counted, frame, pieces, metrics), stop, headers)
    answered = await waiting(request, stop, lambda: [asking.ask() for asking in askings])
    choices = []
    read = wrote = 0
    for index, (asking, (content, answer)) in enumerate(zip(askings, answered, strict=True)):
        metrics.count_answer(answer)
        usage = usage_of(asking, content, answer)
        read, wrote = read + usage.prompt_tokens, wrote + usage.completion_tokens
        whole = Answer.of(answer)
        choices.append(
            Choice(index=index, text=content, finish_reason=finish_of(answer), footnote=whole)
        )
    response.headers.update(headers)
    return Completion(
        id=name,
        created=now,
        model=asked.model,
        choices=choices,
        usage=wire.Usage(prompt_tokens=read, completion_tokens=wrote, total_tokens=read + wrote),
    )
