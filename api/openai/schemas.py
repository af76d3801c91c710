"""What goes over the wire at the OpenAI-compatible paths.

Every field that OpenAI documents is here: honoured, passed over where that changes nothing that a
client could rely on, or refused by name unless it asks for what Footnote does anyway.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, JsonValue
from pydantic_core import PydanticCustomError

from api.openai.fields import Lenient, PassedOver, Unsupported, unlimited
from api.openai.messages import Message
from api.openai.structured import ResponseFormat
from api.schemas import Answer, Citation

MAX_INPUTS = 2048  # OpenAI's own limit


FREE_CHOICES = (None, "none", "auto")  # of a tool, that leave it to us to call none
NoTools = Annotated[
    JsonValue,
    Unsupported("Footnote calls no tools; for JSON use response_format", ("none", "auto")),
]
NoSampling = Annotated[JsonValue, Unsupported("sentences are chosen, not sampled", (False, 0, {}))]
Ignored = Annotated[JsonValue, PassedOver()]
Most = Annotated[int | None, BeforeValidator(unlimited), PassedOver(by_reader_only=True)]
Number = Annotated[float | None, PassedOver(by_reader_only=True)]


def as_texts(texts: Any) -> Any:
    """The input to embed as a list of texts."""
    if isinstance(texts, str):
        return [texts]
    if isinstance(texts, list) and any(isinstance(one, int | list) for one in texts):
        words = (
            "holds token numbers of a tokenizer that Footnote doesn't have; send the text itself "
            "(in LangChain: OpenAIEmbeddings(check_embedding_ctx_length=False))"
        )
        raise PydanticCustomError("tokens", words)
    return texts


class StreamOptions(Lenient):
    """Options for a stream."""

    include_usage: bool | None = Field(None, description="send a last chunk with `usage`")
    include_obfuscation: Annotated[JsonValue, PassedOver((False,))] = None


_FOR_MODELS = "for language models; has no effect on the extractive reader"
_TOOLS = "passed over: Footnote calls no tools"
_KEPT = "passed over: Footnote keeps nothing that it would apply to"


class Sampled(Lenient):
    """What every request for text may say of how to write it."""

    model: str = Field(description="`footnote` (the default answerer) or one of /v1/models")
    stream: bool | None = Field(None, description="answer with server-sent events")
    temperature: Number = Field(
        None, ge=0, le=2, description=f"0 where left out, unlike OpenAI's; {_FOR_MODELS}"
    )
    top_p: Number = Field(None, ge=0, le=1, description=_FOR_MODELS)
    seed: Annotated[int | None, PassedOver(by_reader_only=True)] = Field(
        None, ge=-(2**63), lt=2**63, description=_FOR_MODELS
    )
    presence_penalty: Number = Field(None, ge=-2, le=2, description=_FOR_MODELS)
    frequency_penalty: Number = Field(None, ge=-2, le=2, description=_FOR_MODELS)
    stop: Annotated[str | list[str] | None, PassedOver(([],), by_reader_only=True)] = Field(
        None, description=f"texts before which to end; {_FOR_MODELS}"
    )
    user: Ignored = Field(None, description=_KEPT)
    metadata: Ignored = Field(None, description=_KEPT)
    store: Annotated[JsonValue, PassedOver((False,))] = Field(None, description=_KEPT)
    n: Annotated[JsonValue, Unsupported("a question gets one answer", (1,))] = None
    logprobs: NoSampling = None
    logit_bias: NoSampling = None
    guided_json: Annotated[JsonValue, Unsupported("use response_format")] = None
    guided_regex: Annotated[JsonValue, Unsupported("answers have no form but JSON")] = None
    guided_choice: Annotated[JsonValue, Unsupported("answers have no form but JSON")] = None
    guided_grammar: Annotated[JsonValue, Unsupported("answers have no form but JSON")] = None
    grammar: Annotated[JsonValue, Unsupported("answers have no form but JSON")] = None
    structured_outputs: Annotated[JsonValue, Unsupported("use response_format")] = None

    @property
    def stops(self) -> tuple[str, ...]:
        """The texts before which a language model ends."""
        given = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return tuple(text for text in given if text)


class ChatRequest(Sampled):
    """A conversation whose last message is the question. Fields that are not named here are passed
    over, and named in the response's header `X-Footnote-Ignored`."""

    messages: list[Message] = Field(
        min_length=1,
        description="the last one is the user's question, earlier ones of user and assistant are "
        "its history; system and developer messages are wishes for language models, below the "
        "rules of citing; the extractive reader doesn't follow them",
    )
    stream_options: StreamOptions | None = Field(None, description="only with `stream`")
    max_tokens: Most = Field(None, ge=1, description=_FOR_MODELS)
    max_completion_tokens: Most = Field(None, ge=1, description=_FOR_MODELS)
    response_format: ResponseFormat | None = Field(
        None, description="JSON in Footnote's own form, or after a schema that asks for no more"
    )
    reasoning_effort: Ignored = None
    verbosity: Ignored = None
    safety_identifier: Ignored = Field(None, description=_KEPT)
    prompt_cache_key: Ignored = Field(None, description=_KEPT)
    prompt_cache_options: Ignored = Field(None, description=_KEPT)
    prompt_cache_retention: Ignored = Field(None, description=_KEPT)
    parallel_tool_calls: Ignored = Field(None, description=_TOOLS)
    service_tier: Ignored = Field(None, description=_KEPT)
    prediction: Ignored = Field(None, description="passed over: it would only save time")

    tools: Annotated[list[JsonValue] | None, PassedOver(([],))] = Field(
        None, description="passed over, but for a function that `tool_choice` insists on"
    )
    tool_choice: JsonValue = Field(
        None,
        description="`none`, `auto`, or a function of `tools`, whose arguments are then the answer "
        "as JSON, where it asks for no more than an answer has; `required` where there is one only",
    )
    functions: Annotated[JsonValue, PassedOver(([],))] = Field(None, description=_TOOLS)
    function_call: NoTools = None
    top_logprobs: NoSampling = None
    modalities: Annotated[JsonValue, Unsupported("answers are text", (["text"],))] = None
    audio: Annotated[JsonValue, Unsupported("answers are text")] = None
    web_search_options: Annotated[JsonValue, Unsupported("the documents are searched, no web")] = (
        None
    )
    moderation: Annotated[JsonValue, Unsupported("Footnote moderates nothing")] = None

    def ignored(self, *, by_reader: bool) -> list[str]:
        names = super().ignored(by_reader=by_reader)
        if self.tool_choice not in FREE_CHOICES:
            names = [name for name in names if name != "tools"]
        if self.stream_options is not None:
            inside = self.stream_options.ignored(by_reader=by_reader)
            names += [f"stream_options.{name}" for name in inside]
            names += [] if self.stream else ["stream_options"]
        for message in self.messages:
            names += [f"messages[].{name}" for name in message.ignored(by_reader=by_reader)]
        return names


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


class CalledFunction(BaseModel):
    """A function, and its arguments as JSON."""

    name: str
    arguments: str


class ToolCall(BaseModel):
    """The call of a function that the client insisted on."""

    id: str
    type: Literal["function"] = "function"
    function: CalledFunction


class AnswerMessage(BaseModel):
    """The answer: text with a marker `[n]` for each citation, or the arguments of a function."""

    role: Literal["assistant"] = "assistant"
    content: str | None
    refusal: None = None
    annotations: list[Annotation]
    tool_calls: list[ToolCall] | None = None


Finish = Literal["stop", "length", "tool_calls"]


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
    """What a chat may name as `model`: `footnote` and the answerers."""

    object: Literal["list"] = "list"
    data: list[Model]


class EmbeddingRequest(Lenient):
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
    user: Ignored = Field(None, description=_KEPT)
    input_type: Annotated[JsonValue, Unsupported("texts are embedded as documents are")] = None


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
