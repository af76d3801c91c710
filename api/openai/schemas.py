"""What goes over the wire at the OpenAI-compatible paths.

Every field that OpenAI documents is here: honoured, accepted where passing it over changes nothing
that a client could rely on, or refused by name unless it asks for what Footnote does anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import GroupedMetadata
from pydantic import BaseModel, BeforeValidator, Field, JsonValue, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.schemas import Answer, Citation, Request

MAX_INPUTS = 2048  # OpenAI's own limit


@dataclass(frozen=True)
class Unsupported(GroupedMetadata):
    """Marks a field that takes nothing but null and the `harmless` values, which ask for what
    Footnote does anyway."""

    why: str
    harmless: tuple[JsonValue, ...] = ()

    def __iter__(self) -> Iterator[object]:
        yield BeforeValidator(self.check)
        allowed: list[JsonValue] = [None, *self.harmless]
        yield WithJsonSchema({"enum": allowed, "description": f"not supported: {self.why}"})

    def check(self, value: JsonValue) -> JsonValue:
        same = any(type(value) is type(one) and value == one for one in self.harmless)
        if value is not None and not same:
            raise PydanticCustomError("unsupported", "is not supported: {why}", {"why": self.why})
        return value


NoTools = Annotated[JsonValue, Unsupported("Footnote calls no tools", ([], "none", "auto"))]
NoSampling = Annotated[JsonValue, Unsupported("sentences are chosen, not sampled", (False, 0, {}))]


def as_parts(content: Any) -> Any:
    """The content of a message as a list of parts. A part that is no text is refused here, with
    one error instead of one for each of its members."""
    if content is None:
        return []
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if not isinstance(content, list):
        raise PydanticCustomError("content", "should be a string or a list of text parts")
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        if isinstance(kind, str) and kind != "text":
            words = "has a part of type '{kind}'; Footnote reads text parts only"
            raise PydanticCustomError("content", words, {"kind": kind[:50]})
    return content


def as_texts(texts: Any) -> Any:
    """The input to embed as a list of texts."""
    if isinstance(texts, str):
        return [texts]
    if isinstance(texts, list) and any(isinstance(one, int | list) for one in texts):
        raise PydanticCustomError("tokens", "holds token numbers; send the text itself")
    return texts


class TextPart(Request):
    """A part of a message."""

    type: Literal["text"]
    text: str


class Message(Request):
    """A message of the conversation. The members that only answers have are accepted so that an
    answer can be sent back as it came."""

    role: Literal["developer", "system", "user", "assistant"]
    content: Annotated[
        list[TextPart],
        BeforeValidator(as_parts, json_schema_input_type=str | list[TextPart] | None),
    ] = Field(description="text, or text parts, which are joined by line breaks")
    name: str | None = None
    refusal: str | None = None
    annotations: JsonValue = None
    tool_calls: NoTools = None
    function_call: NoTools = None
    audio: Annotated[JsonValue, Unsupported("Footnote reads text only")] = None

    @property
    def text(self) -> str:
        return "\n".join(part.text for part in self.content)


class StreamOptions(Request):
    """Options for a stream."""

    include_usage: bool | None = Field(None, description="send a last chunk with `usage`")
    include_obfuscation: Annotated[
        JsonValue, Unsupported("nothing is added to chunks", (False,))
    ] = None


_FOR_MODELS = "for language models; has no effect on the extractive reader"
_NO_EFFECT = "accepted for the extractive reader, on which it has no effect; refused for others"
_ACCEPTED = "accepted; Footnote keeps nothing that it would apply to"


class ChatRequest(Request):
    """A conversation whose last message is the question."""

    model: str = Field(description="`footnote` (the default answerer) or one of /v1/models")
    messages: list[Message] = Field(
        min_length=1,
        description="the last one is the user's question, earlier ones of user and assistant are "
        "its history; system and developer messages are wishes for language models, below the "
        "rules of citing; the extractive reader doesn't follow them",
    )
    stream: bool | None = Field(None, description="answer with server-sent events")
    stream_options: StreamOptions | None = Field(None, description="only with `stream`")

    temperature: float | None = Field(
        None, ge=0, le=2, description=f"0 where left out, unlike OpenAI's; {_FOR_MODELS}"
    )
    top_p: float | None = Field(None, ge=0, le=1, description=_FOR_MODELS)
    seed: int | None = Field(None, ge=-(2**63), lt=2**63, description=_FOR_MODELS)
    presence_penalty: float | None = Field(None, ge=-2, le=2, description=_FOR_MODELS)
    frequency_penalty: float | None = Field(None, ge=-2, le=2, description=_FOR_MODELS)
    max_tokens: int | None = Field(None, ge=1, description=_FOR_MODELS)
    max_completion_tokens: int | None = Field(None, ge=1, description=_FOR_MODELS)
    reasoning_effort: str | None = Field(None, description=_NO_EFFECT)
    verbosity: str | None = Field(None, description=_NO_EFFECT)
    user: str | None = Field(None, description=_ACCEPTED)
    safety_identifier: str | None = Field(None, description=_ACCEPTED)
    metadata: dict[str, str] | None = Field(None, description=_ACCEPTED)
    prompt_cache_key: str | None = Field(None, description=_ACCEPTED)
    prompt_cache_options: JsonValue = Field(None, description=_ACCEPTED)
    prompt_cache_retention: str | None = Field(None, description=_ACCEPTED)
    parallel_tool_calls: bool | None = Field(None, description=_ACCEPTED)
    service_tier: str | None = Field(None, description=_ACCEPTED)

    n: Annotated[JsonValue, Unsupported("a question gets one answer", (1,))] = None
    tools: NoTools = None
    tool_choice: NoTools = None
    functions: NoTools = None
    function_call: NoTools = None
    logprobs: NoSampling = None
    top_logprobs: NoSampling = None
    logit_bias: NoSampling = None
    stop: Annotated[
        JsonValue, Unsupported("an answer is never cut short of its footnote", ([],))
    ] = None
    response_format: Annotated[JsonValue, Unsupported("answers are text", ({"type": "text"},))] = (
        None
    )
    modalities: Annotated[JsonValue, Unsupported("answers are text", (["text"],))] = None
    audio: Annotated[JsonValue, Unsupported("answers are text")] = None
    prediction: Annotated[JsonValue, Unsupported("answers come from the documents only")] = None
    web_search_options: Annotated[JsonValue, Unsupported("the documents are searched, no web")] = (
        None
    )
    store: Annotated[JsonValue, Unsupported("Footnote keeps no conversations", (False,))] = None
    moderation: Annotated[JsonValue, Unsupported("Footnote moderates nothing")] = None


class UrlCitation(BaseModel):
    """`footnote.answer[start_index:end_index]` is the marker, in Unicode code points."""

    start_index: int
    end_index: int
    title: str
    url: str = Field(description="the uri of the document, as it was added")


class Annotation(BaseModel):
    """A citation in OpenAI's form, and in Footnote's with its verified quote."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation
    footnote: Citation


class AnswerMessage(BaseModel):
    """The answer: text with a marker `[n]` for each citation."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[Annotation]


Finish = Literal["stop", "length"]


class Choice(BaseModel):
    """The one answer."""

    index: Literal[0] = 0
    message: AnswerMessage
    logprobs: None = None
    finish_reason: Finish = Field(description="`length`: a language model was cut off")


class EmbeddingUsage(BaseModel):
    """Tokens by the embedder's tokenizer, without special tokens."""

    prompt_tokens: int
    total_tokens: int


class Usage(EmbeddingUsage):
    """The tokens that a language model read, passages and all, and wrote, by its own count. Of
    the extractive reader, and where the model's server doesn't say, those of the messages and of
    the content, by the embedder's tokenizer."""

    completion_tokens: int


class ChatCompletion(BaseModel):
    """An answer, with the whole Answer of /v1/ask under `footnote`."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int = Field(description="Unix time in seconds")
    model: str = Field(description="the `model` of the request; who wrote: `footnote.model`")
    choices: list[Choice]
    usage: Usage
    footnote: Answer


class Model(BaseModel):
    """Something that can be named as `model`."""

    id: str
    object: Literal["model"] = "model"
    created: int = Field(description="Unix time in seconds at which this server started")
    owned_by: Literal["footnote"] = "footnote"


class Models(BaseModel):
    """What can be named as `model`: `footnote`, the answerers, and the embedder."""

    object: Literal["list"] = "list"
    data: list[Model]


class EmbeddingRequest(Request):
    """Texts to embed."""

    model: str = Field(description="`footnote` or the embedder's name, see /v1/models")
    input: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        BeforeValidator(as_texts, json_schema_input_type=str | list[str]),
        Field(min_length=1, max_length=MAX_INPUTS, description="a text, or texts"),
    ]
    encoding_format: Literal["float", "base64"] | None = Field(
        None, description="`base64` is of little-endian float32 numbers"
    )
    dimensions: int | None = Field(None, description="refused unless it is what the embedder has")
    user: str | None = Field(None, description=_ACCEPTED)


class Embedding(BaseModel):
    """The unit vector of one text."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class Embeddings(BaseModel):
    """The vectors, in the order of the input."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage
