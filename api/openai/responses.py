"""`POST /v1/responses`: answers for clients of OpenAI's Responses API, which keeps nothing here."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response
from pydantic import BaseModel

from api.http.context import TheAssistant, TheLines, TheMetrics
from api.http.metrics import Metrics
from api.http.streaming import EventStream, waiting
from api.openai import response_schemas as wire
from api.openai.asking import (
    Asking,
    annotate,
    answerer_for,
    filter_for,
    finish_of,
    ignored_by,
    tokens_of,
    wishes_of,
)
from api.openai.errors import documented, translate_error
from api.openai.fields import valid
from api.openai.messages import instructions_in, question_of
from api.schemas import Answer
from rag import answer as inner
from rag.assistant import Assistant

router = APIRouter(tags=["openai"])


def asking_of(asked: wire.ResponseRequest, assistant: Assistant) -> Asking:
    """The question. Raises `Refused`."""
    question, history = question_of(asked.input, "input")
    instructions = [*filter(None, [asked.instructions]), *instructions_in(asked.input)]
    form = asked.text.format.form("text.format") if asked.text and asked.text.format else None
    return Asking(
        assistant=assistant,
        answerer=answerer_for(asked.model, assistant),
        filter=filter_for(asked.model, assistant),
        question=question,
        history=history,
        wishes=wishes_of(asked, instructions, asked.max_output_tokens),
        form=form,
        texts=[*filter(None, [asked.instructions]), *(message.text for message in asked.input)],
    )


def notes_of(answer: inner.Answer) -> list[wire.Annotation]:
    """One for each citation, at its marker in the text."""
    return [
        wire.Annotation(**one.url_citation.model_dump(), footnote=one.footnote)
        for one in annotate(answer)
    ]


def begun(asked: wire.ResponseRequest) -> wire.ResponseObject:
    """The response before there is an answer."""
    return wire.ResponseObject(
        id=f"resp_{uuid.uuid4().hex}",
        created_at=int(time.time()),
        status="in_progress",
        model=asked.model,
        instructions=asked.instructions and valid(asked.instructions),
        temperature=asked.temperature,
        top_p=asked.top_p,
    )


def ended(
    response: wire.ResponseObject, asking: Asking, content: str, answer: inner.Answer
) -> wire.ResponseObject:
    """The response with its answer."""
    read, wrote = tokens_of(asking.texts, content, answer, asking.assistant.index.embedder)
    cut = finish_of(answer) == "length"
    status: wire.Status = "incomplete" if cut else "completed"
    text = wire.OutputText(text=content, annotations=notes_of(answer))
    message = wire.OutputMessage(
        id=response.id.replace("resp_", "msg_"), status=status, content=[text]
    )
    return response.model_copy(
        update={
            "status": status,
            "output": [message],
            "usage": wire.ResponseUsage(
                input_tokens=read, output_tokens=wrote, total_tokens=read + wrote
            ),
            "incomplete_details": wire.Incomplete() if cut else None,
            "footnote": Answer.of(answer),
        }
    )


class Events:
    """Server-sent events with a name and a number each."""

    def __init__(self) -> None:
        self._numbers = count()

    def event(self, kind: str, **members: Any) -> str:
        """One event; models among its members become JSON."""
        plain = {
            name: value.model_dump() if isinstance(value, BaseModel) else value
            for name, value in members.items()
        }
        data = {"type": kind, "sequence_number": next(self._numbers), **plain}
        return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"

    def failed(self, error: Exception) -> str:
        """The event of an error: the headers are out by then."""
        told = translate_error(error)["error"]
        return self.event("error", **{name: told[name] for name in ("code", "message", "param")})


def events(
    pieces: Iterator[str | inner.Answer],
    asked: wire.ResponseRequest,
    asking: Asking,
    event: Callable[..., str],
    metrics: Metrics,
) -> Iterator[str]:
    """The events of one response, each worded by `event`."""
    response = begun(asked)
    item = wire.OutputMessage(
        id=response.id.replace("resp_", "msg_"), status="in_progress", content=[]
    )
    place = {"item_id": item.id, "output_index": 0, "content_index": 0}
    yield event("response.created", response=response)
    yield event("response.in_progress", response=response)
    yield event("response.output_item.added", output_index=0, item=item)
    yield event("response.content_part.added", **place, part=wire.OutputText())
    sent = ""
    for piece in pieces:
        if isinstance(piece, str):
            sent += piece
            if piece:
                yield event("response.output_text.delta", **place, delta=piece, logprobs=[])
            continue
        metrics.count_answer(piece)
        response = ended(response, asking, sent, piece)
        (item,) = response.output
        (text,) = item.content
        for number, note in enumerate(text.annotations):
            yield event(
                "response.output_text.annotation.added",
                **place,
                annotation_index=number,
                annotation=note,
            )
        yield event("response.output_text.done", **place, text=sent, logprobs=[])
        yield event("response.content_part.done", **place, part=text)
        yield event("response.output_item.done", output_index=0, item=item)
        yield event(f"response.{response.status}", response=response)


@router.post(
    "/v1/responses",
    response_model=wire.ResponseObject,
    responses=documented(400, 403, 404, 413, 415, 502, 503),
)
async def responses(
    asked: Annotated[wire.ResponseRequest, Body()],
    request: Request,
    response: Response,
    assistant: TheAssistant,
    metrics: TheMetrics,
    lines: TheLines,
) -> wire.ResponseObject | Response:
    """Answer a question from the documents, in the form of OpenAI's Responses. Nothing is kept, so
    earlier messages are sent with each question."""
    asking = asking_of(asked, assistant)
    headers = ignored_by(asked, assistant)
    line, stop = lines.questions, asking.wishes.stop
    if asked.stream:
        own = Events()
        told = partial(events, asked=asked, asking=asking, event=own.event, metrics=metrics)
        pieces = asking.stream()
        return await EventStream.begun(request, line, stop, pieces, told, own.failed, headers)

    def completed() -> wire.ResponseObject:
        content, answer = asking.ask()
        metrics.count_answer(answer)
        return ended(begun(asked), asking, content, answer)

    completion = await waiting(request, line, stop, completed)
    response.headers.update(headers)
    return completion
