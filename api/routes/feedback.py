"""`/v1/feedback`: what readers say of answers."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body
from fastapi.openapi.models import Example
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field, model_validator

from api.http.context import TheAssistant
from api.http.problems import documented
from api.schemas import Request, Turn
from index.errors import InvalidQuestion
from rag import answer as inner
from rag.evaluate.feedback import Feedback

router = APIRouter(tags=["feedback"])

_MOST_CHARACTERS = 20_000  # of a place


class Place(Request):
    """A stretch of a document's text, in Unicode code points."""

    document_id: str
    start: int = Field(ge=0)
    end: int = Field(ge=1)

    @model_validator(mode="after")
    def _is_a_stretch(self) -> Place:
        if not 0 < self.end - self.start <= _MOST_CHARACTERS:
            raise ValueError(f"end has to be 1 to {_MOST_CHARACTERS} more than start")
        return self


class NewFeedback(Request):
    """What somebody says of an answer."""

    question: str = Field(min_length=1, max_length=20_000, description="as it was asked")
    history: list[Turn] = Field([], max_length=200, description="earlier messages, oldest first")
    rating: Literal["up", "down"]
    places: list[Place] = Field(
        [], max_length=50, description="where the right answer stands: what was cited, or elsewhere"
    )
    answerable: bool | None = Field(
        None, description="false: the documents don't answer it; by default true where places are"
    )

    @model_validator(mode="after")
    def _agrees(self) -> NewFeedback:
        if self.answerable is False and self.places:
            raise ValueError("answerable is false, but places say where the answer stands")
        if self.answerable and not self.places:
            raise ValueError("answerable is true, but no place says where the answer stands")
        return self


class Kept(BaseModel):
    """The feedback is kept."""

    id: str


EXAMPLES: dict[str, Example] = {
    "down": {
        "summary": "The answer was wrong",
        "value": {"question": "Who wrote the Moonlight Sonata?", "rating": "down"},
    }
}


@router.post("/v1/feedback", status_code=201, responses=documented(400, 403, 404, 413, 415, 422))
def keep(
    said: Annotated[NewFeedback, Body(openapi_examples=EXAMPLES)], assistant: TheAssistant
) -> Kept:
    """Keep what somebody says of an answer, as a line that `footnote eval` reads."""
    identifier = _feedback(assistant).keep(
        assistant.index,
        said.question,
        [inner.Turn(turn.role, turn.content) for turn in said.history],
        said.rating,
        [(place.document_id, place.start, place.end) for place in said.places],
        answerable=said.answerable,
    )
    return Kept(id=identifier)


@router.get(
    "/v1/feedback",
    response_class=PlainTextResponse,
    responses={200: {"content": {"application/jsonl": {}}}, **documented(403)},
)
def lines(assistant: TheAssistant) -> PlainTextResponse:
    """All feedback, as the JSON lines that `footnote eval` reads."""
    return PlainTextResponse(_feedback(assistant).lines(), media_type="application/jsonl")


def _feedback(assistant: TheAssistant) -> Feedback:
    folder = assistant.index.store.folder
    if folder is None:
        raise InvalidQuestion("feedback is kept in the folder of the store, and this one has none")
    return Feedback(folder)
