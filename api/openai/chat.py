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

from fastapi import APIRouter, Body, Request
from fastapi.openapi.models import Example
from fastapi.responses import Response

from api.http.context import TheAssistant, TheMetrics
from api.http.metrics import Metrics
from api.http.streaming import EventStream, waiting
from api.openai import schemas as wire
from api.openai.errors import DEFAULT, Refused, documented, translate_error, unknown_model
from api.schemas import Answer, Citation
from index.embed.embedder import Embedder
from rag import answer as inner
from rag.assistant import Assistant
from rag.chat.chat_model import Sampling
from rag.stop import Stopped
from rag.write.answerer import ExtractiveAnswerer, Wishes

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


def wishes_of(asked: wire.ChatRequest, answerer: str) -> Wishes:
    """What the request wants of a language model; the reader heeds none of it. What `answerer`
    could neither heed nor pass over without harm is refused."""
    if answerer != ExtractiveAnswerer.name:
        for field in ("reasoning_effort", "verbosity"):
            if getattr(asked, field) is not None:
                message = f"{field}: is not supported: it can't be told to every language model"
                raise Refused(400, message, field, "invalid_request")
    limits = [most for most in (asked.max_tokens, asked.max_completion_tokens) if most is not None]
    return Wishes(
        instructions="\n".join(
            message.text for message in asked.messages if message.role in ("system", "developer")
        ),
        sampling=Sampling(
            max_tokens=min(limits, default=None),
            temperature=asked.temperature,
            top_p=asked.top_p,
            seed=asked.seed,
            presence_penalty=asked.presence_penalty,
            frequency_penalty=asked.frequency_penalty,
        ),
    )


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


def usage_of(
    asked: wire.ChatRequest, content: str, answer: inner.Answer, embedder: Embedder
) -> wire.Usage:
    """What a language model read and wrote; without one, and where its server doesn't say, the
    tokens of the messages and of what is sent back, by the embedder's count."""
    read, wrote = None, None
    if answer.written:
        read, wrote = answer.written.prompt_tokens, answer.written.completion_tokens
    if read is None or wrote is None:
        *sent, wrote = embedder.count_tokens([*(one.text for one in asked.messages), content])
        read = sum(sent)
    return wire.Usage(prompt_tokens=read, completion_tokens=wrote, total_tokens=read + wrote)


def finish_of(answer: inner.Answer) -> wire.Finish:
    """Why the text ends: "length" where the most tokens cut off what a language model wrote."""
    return "length" if answer.answered and answer.written and answer.written.cut else "stop"


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
            yield chunk({}, finish_of(piece), **({} if counted else whole))
            if counted:
                usage = usage_of(asked, sent, piece, embedder).model_dump()
                yield event({**frame, "choices": [], "usage": usage, **whole})
        yield "data: [DONE]\n\n"
    except Stopped:
        return
    except Exception as error:
        logger.exception("answering failed after the stream had begun")
        yield event(translate_error(error))


@router.post(
    "/v1/chat/completions",
    response_model=wire.ChatCompletion,
    responses={200: STREAM, **documented(400, 403, 404, 413, 415, 503)},
)
async def chat_completions(
    asked: Annotated[wire.ChatRequest, Body(openapi_examples=EXAMPLES)],
    request: Request,
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
    wishes = wishes_of(asked, answerer or assistant.answerers[0])
    options: dict[str, Any] = {"history": history, "answerer": answerer, "wishes": wishes}
    embedder = assistant.index.embedder
    name, now = f"chatcmpl-{uuid.uuid4().hex}", int(time.time())
    if asked.stream:
        pieces = iter(assistant.stream(question, **options))
        # an invalid question is still an error with its own status
        first = await waiting(request, wishes.stop, lambda: next(pieces))
        frame = {"id": name, "created": now, "model": asked.model}
        events = chunks(asked, frame, chain([first], pieces), embedder, metrics)
        return EventStream(events, wishes.stop)
    answer = await waiting(request, wishes.stop, lambda: assistant.ask(question, **options))
    metrics.count_answer(answer)
    written = wire.AnswerMessage(content=answer.text, annotations=annotate(answer))
    return wire.ChatCompletion(
        id=name,
        created=now,
        model=asked.model,
        choices=[wire.Choice(message=written, finish_reason=finish_of(answer))],
        usage=usage_of(asked, answer.text, answer, embedder),
        footnote=Answer.of(answer),
    )
