"""The messages of a conversation in OpenAI's forms, and the question in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BeforeValidator,
    Field,
    JsonValue,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)
from pydantic_core import PydanticCustomError

from api.openai.errors import Refused
from api.openai.fields import Lenient, PassedOver
from api.openai.sources import without_sources
from rag.answer import Turn

TextKind = Literal["text", "input_text", "output_text"]
TEXTS = get_args(TextKind)


class TextPart(Lenient):
    """A part of a message."""

    type: TextKind
    text: str


def as_list(content: Any) -> Any:
    """The content of a message where it is a list, with one error where it is none."""
    if not isinstance(content, list):
        raise PydanticCustomError("content", "should be a string or a list of text parts")
    return content


def as_parts(content: Any) -> tuple[Any, list[str]]:
    """The content of a message as text parts, and the types of its parts that are no text."""
    if content is None:
        return [], []
    if not isinstance(content, list):
        return [{"type": "text", "text": content}] if isinstance(content, str) else content, []
    parts = [{"type": "text", "text": one} if isinstance(one, str) else one for one in content]
    others = [
        part["type"]
        for part in parts
        if isinstance(part, dict)
        and isinstance(part.get("type"), str)
        and part["type"] not in TEXTS
    ]
    texts = [part for part in parts if not (isinstance(part, dict) and part.get("type") in others)]
    return texts, others


class Message(Lenient):
    """A message of the conversation. Of earlier ones the text counts: images, tool calls, what
    tools returned and thoughts are passed over."""

    role: Literal["developer", "system", "user", "assistant", "tool", "function"]
    content: Annotated[
        list[TextPart],
        BeforeValidator(as_list, json_schema_input_type=str | list[TextPart] | None),
    ] = Field(default=[], description="text, or parts, whose texts are joined by line breaks")
    name: str | None = None
    refusal: JsonValue = None
    annotations: JsonValue = None
    tool_call_id: JsonValue = None
    tool_calls: Annotated[JsonValue, PassedOver(([],))] = None
    function_call: Annotated[JsonValue, PassedOver()] = None
    audio: Annotated[JsonValue, PassedOver()] = None
    _others: list[str] = PrivateAttr(default=[])

    @model_validator(mode="wrap")
    @classmethod
    def _parted(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(data, dict):
            return handler(data)
        texts, others = as_parts(data.get("content"))
        message = handler({**data, "content": texts})
        message._others = others
        return message

    @property
    def text(self) -> str:
        """Its text parts."""
        return "\n".join(part.text for part in self.content)

    @property
    def others(self) -> Sequence[str]:
        """The types of its parts that are no text."""
        return self._others

    def ignored(self, *, by_reader: bool) -> list[str]:
        names = super().ignored(by_reader=by_reader)
        return [*names, *(f"content.{kind}" for kind in self._others)]


def question_of(messages: Sequence[Message], field: str) -> tuple[str, list[Turn]]:
    """The question, and what user and assistant said before it. `field` is where the messages
    are in the request.

    Raises `Refused` where the last message is not the user's, or holds more than text.
    """
    spoken = [one for one in messages if one.role not in ("system", "developer")]
    if not spoken or spoken[-1].role != "user":
        message = f"{field}: the last message must be the user's, it is the question"
        raise Refused(400, message, field, "invalid_request")
    asked = spoken[-1]
    if asked.others:
        place = f"{field}[{messages.index(asked)}].content"
        kind = asked.others[0][:50]
        message = f"{place}: has a part of type '{kind}'; Footnote reads text parts only"
        raise Refused(400, message, place, "invalid_request")
    said = [
        Turn(one.role, without_sources(one.text) if one.role == "assistant" else one.text)
        for one in spoken[:-1]
        if one.role in ("user", "assistant")
    ]
    return asked.text, [turn for turn in said if turn.content.strip()]


def instructions_in(messages: Sequence[Message]) -> list[str]:
    """What system and developer say."""
    return [one.text for one in messages if one.role in ("system", "developer")]
