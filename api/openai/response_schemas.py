"""What goes over the wire at `/v1/responses`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, JsonValue

from api.openai import schemas as wire
from api.openai.fields import Lenient, PassedOver, Unsupported
from api.openai.messages import Message
from api.openai.structured import ResponseFormat
from api.schemas import Answer, Citation


def as_messages(given: Any) -> Any:
    """The input as messages; what else a conversation holds, such as calls of tools, what they
    returned, and thoughts, is passed over."""
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    if not isinstance(given, list):
        return given
    return [
        one
        for one in given
        if not isinstance(one, dict) or "role" in one or one.get("type") in (None, "message")
    ]


class TextOptions(Lenient):
    """The form of the text."""

    format: ResponseFormat | None = None


class ResponseRequest(wire.Sampled):
    """A question, or a conversation whose last message is one."""

    input: Annotated[
        list[Message],
        BeforeValidator(as_messages, json_schema_input_type=str | list[Message]),
        Field(min_length=1, description="the question, or messages, of which the last one is it"),
    ]
    instructions: str | None = Field(None, description="as a system message")
    text: TextOptions | None = None
    max_output_tokens: wire.Most = Field(None, ge=1, description="for language models")
    tools: Annotated[JsonValue, PassedOver(([],))] = None
    tool_choice: wire.NoTools = None
    parallel_tool_calls: wire.Ignored = None
    reasoning: wire.Ignored = None
    include: Annotated[JsonValue, PassedOver(([],))] = None
    truncation: wire.Ignored = None
    previous_response_id: Annotated[
        JsonValue, Unsupported("Footnote keeps no conversations; send the messages in input")
    ] = None
    conversation: Annotated[
        JsonValue, Unsupported("Footnote keeps no conversations; send the messages in input")
    ] = None
    prompt: Annotated[JsonValue, Unsupported("Footnote keeps no prompts")] = None
    background: Annotated[JsonValue, Unsupported("answers are given at once", (False,))] = None

    def ignored(self, *, by_reader: bool) -> list[str]:
        names = super().ignored(by_reader=by_reader)
        for message in self.input:
            inside = message.ignored(by_reader=by_reader)
            names += [f"input[].{name}" for name in inside if name not in ("type", "id", "status")]
        return names


class Annotation(BaseModel):
    """A citation in OpenAI's form, and in Footnote's with its verified quote.
    `footnote.answer[start_index:end_index]` is the marker, in Unicode code points."""

    type: Literal["url_citation"] = "url_citation"
    start_index: int
    end_index: int
    title: str
    url: str
    footnote: Citation


class OutputText(BaseModel):
    """The answer: text with a marker `[n]` for each citation."""

    type: Literal["output_text"] = "output_text"
    text: str = ""
    annotations: list[Annotation] = []
    logprobs: list[None] = []


Status = Literal["in_progress", "completed", "incomplete"]


class OutputMessage(BaseModel):
    """The message that holds the answer."""

    id: str
    type: Literal["message"] = "message"
    role: Literal["assistant"] = "assistant"
    status: Status
    content: list[OutputText]


class InputDetails(BaseModel):
    """Of the tokens that were read."""

    cached_tokens: Literal[0] = 0
    cache_write_tokens: Literal[0] = 0


class OutputDetails(BaseModel):
    """Of the tokens that were written."""

    reasoning_tokens: Literal[0] = 0


class ResponseUsage(BaseModel):
    """Tokens, counted as those of completions are."""

    input_tokens: int
    input_tokens_details: InputDetails = InputDetails()
    output_tokens: int
    output_tokens_details: OutputDetails = OutputDetails()
    total_tokens: int


class Incomplete(BaseModel):
    """Why the text ends too early."""

    reason: Literal["max_output_tokens"] = "max_output_tokens"


class ResponseObject(BaseModel):
    """An answer, with the whole Answer of /v1/ask under `footnote` once there is one."""

    id: str
    object: Literal["response"] = "response"
    created_at: int = Field(description="Unix time in seconds")
    status: Status
    model: str = Field(description="the `model` of the request; who wrote: `footnote.model`")
    output: list[OutputMessage] = []
    usage: ResponseUsage | None = None
    incomplete_details: Incomplete | None = None
    error: None = None
    instructions: str | None = None
    metadata: dict[str, str] = {}
    parallel_tool_calls: bool = False
    previous_response_id: None = None
    store: Literal[False] = False
    temperature: float | None = None
    text: dict[str, JsonValue] = {"format": {"type": "text"}}
    tool_choice: Literal["none"] = "none"
    tools: list[None] = []
    top_p: float | None = None
    footnote: Answer | None = None
