"""The OpenAI-compatible door, through OpenAI's own client."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx
import numpy as np
import openai
import pytest
from openai import OpenAI

from index.embed.embedder import Embedder
from index.errors import StoreBusy
from index.index import Index
from rag.answer import Passage, Turn
from rag.assistant import Assistant
from rag.read.reader import Reading
from rag.read.sentence_reader import SentenceReader
from rag.settings import Settings
from rag.write.answerer import ExtractiveAnswerer, Wishes

TRAVEL = "Who is planning to travel to Russia?"
CAPITAL = "What is the capital of Australia?"
CHAT = "/v1/chat/completions"
ASKED = {"model": "footnote", "messages": [{"role": "user", "content": TRAVEL}]}


def connect(address: str) -> OpenAI:
    return OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0, timeout=60)


def user(content: Any) -> Any:
    return {"role": "user", "content": content}


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    """A whole answer without what differs from one run to the next."""
    assert answer["timings_ms"]["total"] > 0
    return {key: value for key, value in answer.items() if key != "timings_ms"}


def asked_natively(client: httpx.Client, question: str, **options: object) -> dict[str, Any]:
    response = client.post("/v1/ask", json={"question": question, **options})
    assert response.status_code == 200
    return timeless(response.json())


def ask(door: OpenAI, *messages: Any, **options: Any) -> Any:
    return door.chat.completions.create(model="footnote", messages=messages, **options)


def test_a_completion_is_the_answer_with_its_citations(
    client: httpx.Client, door: OpenAI, founding: str
) -> None:
    completion = ask(door, user(TRAVEL))
    native = asked_natively(client, TRAVEL)
    assert completion.id.startswith("chatcmpl-")
    assert completion.object == "chat.completion"
    assert completion.model == "footnote"
    (choice,) = completion.choices
    assert (choice.index, choice.finish_reason, choice.logprobs) == (0, "stop", None)
    content = choice.message.content
    assert content == native["answer"]
    assert "Kim Jong-un" in content
    assert (choice.message.role, choice.message.refusal) == ("assistant", None)
    assert timeless(completion.footnote) == native
    assert native["citations"]
    text = client.get(f"/v1/documents/{founding}/text").text
    noted = zip(choice.message.annotations, native["citations"], strict=True)
    for number, (annotation, citation) in enumerate(noted, start=1):
        assert annotation.type == "url_citation"
        place = annotation.url_citation
        assert content[place.start_index : place.end_index] == f"[{number}]"
        assert (place.title, place.url) == (citation["title"], citation["uri"])
        assert annotation.footnote == citation
        assert text[citation["start"] : citation["end"]] == annotation.footnote["quote"]


def test_usage_counts_the_messages_and_the_content(
    door: OpenAI, founding: str, minilm: Embedder
) -> None:
    system = {"role": "system", "content": "Be kind."}  # three tokens
    completion = ask(door, system, user(CAPITAL))  # seven tokens
    # "The documents don't answer this."
    assert minilm.count_tokens([completion.choices[0].message.content]) == [8]
    usage = completion.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (10, 8, 18)


def test_what_the_documents_do_not_say_is_not_answered(
    client: httpx.Client, door: OpenAI, founding: str
) -> None:
    completion = ask(door, user(CAPITAL))
    assert completion.choices[0].message.annotations == []
    assert completion.choices[0].finish_reason == "stop"
    assert timeless(completion.footnote) == asked_natively(client, CAPITAL)
    assert not completion.footnote["answered"]


def test_a_stream_says_the_same(client: httpx.Client, door: OpenAI, founding: str) -> None:
    whole = ask(door, user(TRAVEL))
    first, *middle, noted, last = list(ask(door, user(TRAVEL), stream=True))
    assert (first.choices[0].delta.role, first.choices[0].delta.content) == ("assistant", "")
    content = "".join(chunk.choices[0].delta.content for chunk in middle)
    assert content == whole.choices[0].message.content
    assert noted.choices[0].delta.annotations == [
        annotation.model_dump() for annotation in whole.choices[0].message.annotations
    ]
    assert [one.choices[0].finish_reason for one in (first, *middle, noted)] == [None] * (
        len(middle) + 2
    )
    assert last.choices[0].finish_reason == "stop"
    assert last.usage is None
    assert timeless(last.footnote) == timeless(whole.footnote) == asked_natively(client, TRAVEL)
    chunks = [first, *middle, noted, last]
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert {chunk.id for chunk in chunks} == {first.id}
    assert first.id != whole.id


def test_a_stream_ends_with_done(client: httpx.Client, founding: str) -> None:
    response = client.post(CHAT, json=ASKED | {"stream": True})
    assert response.headers["content-type"].startswith("text/event-stream")
    *chunks, done, rest = response.text.split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    members = [json.loads(chunk.removeprefix("data: ")) for chunk in chunks]
    assert ["footnote" in chunk for chunk in members] == [False] * (len(chunks) - 1) + [True]
    assert all("usage" not in chunk for chunk in members)


def test_a_stream_with_usage_ends_with_it(door: OpenAI, founding: str) -> None:
    whole = ask(door, user(TRAVEL))
    options = {"include_usage": True}
    *chunks, finish, last = list(ask(door, user(TRAVEL), stream=True, stream_options=options))
    assert [chunk.usage for chunk in [*chunks, finish]] == [None] * (len(chunks) + 1)
    assert all("usage" in chunk.model_fields_set for chunk in chunks)
    assert finish.choices[0].finish_reason == "stop"
    assert not any(hasattr(chunk, "footnote") for chunk in [*chunks, finish])
    assert last.choices == []
    assert last.usage.model_dump(exclude_none=True) == whole.usage.model_dump(exclude_none=True)
    assert timeless(last.footnote) == timeless(whole.footnote)


def test_earlier_messages_are_the_history(
    client: httpx.Client, door: OpenAI, founding: str
) -> None:
    first = ask(door, user(TRAVEL)).choices[0].message  # sent back with all its members
    system = {"role": "developer", "content": "Answer: 42."}
    follow_up = ask(door, system, user(TRAVEL), first, user("Whom will he meet there?"))
    assert follow_up.footnote["question"] == "Whom will Kim Jong-un meet in Russia?"
    history = [
        {"role": "user", "content": TRAVEL},
        {"role": "assistant", "content": first.content},
    ]
    native = asked_natively(client, "Whom will he meet there?", history=history)
    assert timeless(follow_up.footnote) == native


def test_text_parts_are_one_text(door: OpenAI, founding: str) -> None:
    parts = [{"type": "text", "text": "Who is planning"}, {"type": "text", "text": "to travel?"}]
    assert ask(door, user(parts)).footnote["question"] == "Who is planning to travel?"


def test_each_answerer_can_be_named(door: OpenAI, founding: str) -> None:
    completion = door.chat.completions.create(model="reader", messages=[user(TRAVEL)])
    assert completion.model == "reader"
    assert timeless(completion.footnote) == timeless(ask(door, user(TRAVEL)).footnote)  # type: ignore[attr-defined]


def test_harmless_fields_change_nothing(door: OpenAI, founding: str) -> None:
    completion = ask(
        door,
        user(TRAVEL) | {"name": "Ada"},
        temperature=1,
        top_p=0.5,
        seed=7,
        max_tokens=1,
        max_completion_tokens=1,
        reasoning_effort="low",
        verbosity="low",
        presence_penalty=0.5,
        frequency_penalty=None,
        user="ada",
        metadata={"a": "b"},
        n=1,
        tools=[CALL],
        tool_choice="auto",
        functions=[{"name": "f"}],
        logprobs=False,
        stop=["."],
        store=True,
        stream_options={"include_usage": True},
        extra_body={"top_k": 5, "min_p": 0.1, "chat_template_kwargs": {"enable_thinking": False}},
        response_format={"type": "text"},
        modalities=["text"],
        stream=False,
    )
    assert completion.choices[0].message.content == ask(door, user(TRAVEL)).footnote["answer"]


IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


JOKE = {
    "type": "json_schema",
    "json_schema": {
        "name": "joke",
        "schema": {
            "type": "object",
            "properties": {"setup": {"type": "string"}, "answer": {"type": "string"}},
            "required": ["setup", "answer"],
        },
    },
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("changes", "param", "words"),
    [
        ({"n": 2}, "n", "n: is not supported: a question gets one answer"),
        ({"n": True}, "n", "not supported"),
        ({"tool_choice": "required"}, "tool_choice", "calls no tools"),
        ({"tool_choice": {"type": "function"}}, "tool_choice", "for JSON use response_format"),
        ({"function_call": {"name": "f"}}, "function_call", "calls no tools"),
        ({"logprobs": True}, "logprobs", "not supported"),
        ({"top_logprobs": 2}, "top_logprobs", "not supported"),
        ({"logit_bias": {"5": 1}}, "logit_bias", "not supported"),
        ({"guided_json": {}}, "guided_json", "use response_format"),
        ({"response_format": {"type": "xml"}}, "response_format.type", "'json_object'"),
        ({"response_format": JOKE}, "response_format", "'setup', which answers don't have"),
        ({"modalities": ["text", "audio"]}, "modalities", "answers are text"),
        ({"web_search_options": {}}, "web_search_options", "not supported"),
        ({"temperature": "hot"}, "temperature", "valid number"),
        ({"max_tokens": 0}, "max_tokens", "greater than or equal to 1"),
        ({"temperature": 2.1}, "temperature", "less than or equal to 2"),
        ({"model": None}, "model", "valid string"),
        ({"messages": []}, "messages", "at least 1 item"),
        ({"messages": [{"role": "system", "content": "Hi"}]}, "messages", "the last message"),
        ({"messages": [user("Hi"), {"role": "assistant", "content": "Ho"}]}, "messages", "last"),
        ({"messages": [user(7)]}, "messages[0].content", "a string or a list of text parts"),
        ({"messages": [user("Hi"), user([IMAGE])]}, "messages[1].content", "'image_url'"),
        ({"messages": [user([{"type": "text"}])]}, "messages[0].content[0].text", "required"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages", "the last message"),
        ({"messages": [{"role": "judge", "content": "x"}]}, "messages[0].role", "'user'"),
    ],
)
def test_a_field_that_cannot_be_honoured_is_refused_by_name(
    client: httpx.Client, changes: dict[str, Any], param: str, words: str, stream: bool
) -> None:
    response = client.post(CHAT, json=ASKED | {"stream": stream} | changes)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["code"]) == ("invalid_request_error", "invalid_request")
    assert error["param"] == param
    assert error["message"].startswith(f"{param}: ")
    assert words in error["message"]


@pytest.mark.usefixtures("founding")
@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, None),
        ({"tool_choice": "auto", "tools": [], "n": 1, "stop": None, "store": False}, None),
        ({"stop": ".", "temperature": 0, "max_tokens": -1}, "temperature, stop"),
        ({"tools": [CALL], "tool_choice": "none"}, "tools"),
        ({"top_k": 5, "min_p": 0.1, "user": {"id": 7}}, "user, top_k, min_p"),
        ({"temprature": 1, "a\nb: é": 1}, "temprature, a?b???"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        (
            {"stream": True, "stream_options": {"include_obfuscation": True}},
            "stream_options.include_obfuscation",
        ),
    ],
)
def test_a_field_without_effect_is_named(
    client: httpx.Client, changes: dict[str, Any], named: str | None
) -> None:
    response = client.post(CHAT, json=ASKED | changes)
    assert response.status_code == 200
    assert response.headers.get("x-footnote-ignored") == named


def test_what_other_models_did_before_does_not_break_a_later_turn(
    client: httpx.Client, door: OpenAI, founding: str
) -> None:
    picture = IMAGE | {"image_url": {"url": "data:image/png;base64," + "A" * 1_200_000}}
    earlier = [
        user([{"type": "text", "text": "What is this?"}, picture]),
        {"role": "assistant", "content": None, "tool_calls": [CALL], "reasoning_content": "hm"},
        {"role": "tool", "tool_call_id": "1", "content": "a cat"},
        {"role": "assistant", "content": "A cat.", "id": "m1", "cache_control": {"type": "x"}},
    ]
    sent = {"model": "footnote", "messages": [*earlier, user(TRAVEL)]}
    response = client.post(CHAT, json=sent)
    assert response.status_code == 200, response.text
    assert response.headers["x-footnote-ignored"] == (
        "messages[].content.image_url, messages[].tool_calls, messages[].reasoning_content, "
        "messages[].id, messages[].cache_control"
    )
    history = [
        {"role": "user", "content": "What is this?"},
        {"role": "assistant", "content": "A cat."},
    ]
    native = asked_natively(client, TRAVEL, history=history)
    assert timeless(response.json()["footnote"]) == native


@pytest.mark.parametrize("stream", [False, True])
def test_errors_reach_the_client_as_its_own(door: OpenAI, founding: str, stream: bool) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        door.chat.completions.create(model="gpt-5", messages=[user("Hi")], stream=stream)
    assert (missing.value.code, missing.value.param) == ("model_not_found", "model")
    assert "there are: 'footnote', 'reader'" in missing.value.message
    with pytest.raises(openai.BadRequestError) as empty:
        ask(door, user(" "), stream=stream)
    assert (empty.value.code, empty.value.type) == ("invalid_question", "invalid_request_error")
    assert "the question is empty" in empty.value.message


@pytest.mark.parametrize("path", [CHAT, "/v1/embeddings"])
@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b'{"model": "foot', {}, 400),
        (b"", {}, 400),
        (b"[]", {}, 400),
        (b"\xff\xfe", {}, 400),
        (b"model=footnote", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {"Origin": "http://evil.example"}, 403),
        (b"{}", {"Host": "evil.example"}, 403),
        (b"x" * 2_000_001, {}, 413),
    ],
)
def test_what_is_refused_on_the_way_in_has_the_same_form(
    client: httpx.Client, path: str, content: bytes, headers: dict[str, str], status: int
) -> None:
    kind = {"Content-Type": "application/json"}
    response = client.post(path, content=content, headers=kind | headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"
    assert error["message"]


def test_a_wrong_method_has_the_same_form(client: httpx.Client) -> None:
    response = client.get(CHAT)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert response.json()["error"]["param"] is None
    for path in ("/v1/completions", "/v1/responses"):
        assert client.get(path).json()["error"]["param"] is None
    assert client.get("/v1/nothing").headers["content-type"] == "application/problem+json"


def test_embeddings_may_be_larger_than_questions(client: httpx.Client) -> None:
    content = b'{"model": "footnote", "input": 7, "user": "' + b"x" * 1_500_000 + b'"}'
    headers = {"Content-Type": "application/json"}
    assert client.post("/v1/search", content=content, headers=headers).status_code == 413
    assert client.post("/v1/embeddings", content=content, headers=headers).status_code == 400


class Scripted:
    """An answerer that writes what it is given; a failure in the script is raised. Notes when it
    is closed."""

    name = "scripted"

    def __init__(self, script: Iterator[str | Exception]) -> None:
        self.script = script
        self.closed = threading.Event()

    def with_wishes(self, wishes: Wishes) -> Scripted:
        return self

    def stream(
        self, question: str, passages: Sequence[Passage], history: Sequence[Turn], reading: Reading
    ) -> Iterator[str]:
        try:
            for piece in self.script:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.closed.set()


@pytest.fixture
def written_by(
    index: Index, settings: Settings, founding: str, serve: Callable[..., str]
) -> Callable[[Scripted], str]:
    """Serves an assistant that has the answerer as its second one; the address."""

    def serving(writer: Scripted) -> str:
        answerers = [ExtractiveAnswerer(), writer]
        return serve(Assistant(index, SentenceReader(index.embedder), answerers, settings))

    return serving


SCRIPTED: Any = {"model": "scripted", "messages": [user(TRAVEL)]}


@pytest.mark.parametrize("stream", [False, True])
def test_a_busy_store_asks_to_try_again(
    written_by: Callable[[Scripted], str], stream: bool
) -> None:
    address = written_by(Scripted(iter([StoreBusy("another process is writing")])))
    with connect(address) as door, pytest.raises(openai.InternalServerError) as busy:
        door.chat.completions.create(**SCRIPTED, stream=stream)
    assert busy.value.status_code == 503
    assert int(busy.value.response.headers["retry-after"]) > 0
    assert (busy.value.code, busy.value.type) == ("store_busy", "server_error")
    assert "another process is writing" in busy.value.message


@pytest.mark.parametrize("stream", [False, True])
def test_an_unforeseen_error_tells_nothing_of_the_inside(
    written_by: Callable[[Scripted], str], stream: bool
) -> None:
    address = written_by(Scripted(iter([ValueError("/srv/secret")])))
    response = httpx.post(f"{address}{CHAT}", json=SCRIPTED | {"stream": stream}, timeout=60)
    assert response.status_code == 500
    assert "default-src 'none'" in response.headers["content-security-policy"]
    error = response.json()["error"]
    assert (error["type"], error["param"], error["code"]) == ("server_error", None, None)
    assert "secret" not in response.text
    assert "Traceback" not in response.text


def test_a_failure_after_the_first_chunk_is_raised_by_the_client(
    written_by: Callable[[Scripted], str],
) -> None:
    address = written_by(Scripted(iter(["Half of it", ValueError("/srv/secret")])))
    with connect(address) as door:
        chunks = door.chat.completions.create(**SCRIPTED, stream=True)
        assert next(chunks).choices[0].delta.role == "assistant"
        assert next(chunks).choices[0].delta.content == "Half of it"
        with pytest.raises(openai.APIError) as failed:
            next(chunks)
    assert failed.value.type == "server_error"
    assert "secret" not in str(failed.value)


def test_a_cancelled_stream_ends_the_answering(written_by: Callable[[Scripted], str]) -> None:
    def endless() -> Iterator[str | Exception]:
        while True:
            yield "word " * 1000

    writer = Scripted(endless())
    with connect(written_by(writer)) as door:
        chunks = door.chat.completions.create(**SCRIPTED, stream=True)
        next(chunks)
        assert next(chunks).choices[0].delta.content.startswith("word word")
        assert not writer.closed.is_set()
        chunks.close()
        assert writer.closed.wait(30)


def test_the_models_are_what_can_be_named(door: OpenAI, minilm: Embedder) -> None:
    models = door.models.list().data
    assert [model.id for model in models] == ["footnote", "reader"]
    assert {(model.object, model.owned_by) for model in models} == {("model", "footnote")}
    for model in models:
        assert door.models.retrieve(model.id) == model
    assert door.models.retrieve(minilm.name).id == minilm.name
    with pytest.raises(openai.NotFoundError) as missing:
        door.models.retrieve("meta/llama")
    assert missing.value.code == "model_not_found"


TEXTS = ["Ada kept the light.", "Who is planning to travel to Russia?"]


def test_embeddings_are_those_of_documents(
    client: httpx.Client, door: OpenAI, minilm: Embedder
) -> None:
    expected = minilm.passages(TEXTS)
    found = door.embeddings.create(model="footnote", input=TEXTS, dimensions=384)
    assert (found.object, found.model) == ("list", minilm.name)
    assert [one.index for one in found.data] == [0, 1]
    # the client asks for base64 and decodes it
    assert np.array_equal(np.array([one.embedding for one in found.data], np.float32), expected)
    # ada kept the light . + who is planning to travel to russia ?
    assert (found.usage.prompt_tokens, found.usage.total_tokens) == (13, 13)
    sent = {"model": minilm.name, "input": TEXTS, "encoding_format": "float"}
    floats = client.post("/v1/embeddings", json=sent).json()
    numbers = np.array([one["embedding"] for one in floats["data"]], np.float32)
    assert np.array_equal(numbers, expected)


def test_one_text_needs_no_list(door: OpenAI, minilm: Embedder) -> None:
    (one,) = door.embeddings.create(model=minilm.name, input=TEXTS[0], encoding_format="float").data
    assert one.embedding == minilm.passages(TEXTS[:1])[0].tolist()


@pytest.mark.parametrize(
    ("changes", "status", "param", "words"),
    [
        ({"input": []}, 400, "input", "at least 1 item"),
        ({"input": ""}, 400, "input[0]", "at least 1 character"),
        ({"input": ["a"] * 2049}, 400, "input", "at most 2048 items"),
        ({"input": [1, 2]}, 400, "input", "token numbers of a tokenizer"),
        ({"input": [[1, 2], [3]]}, 400, "input", "check_embedding_ctx_length=False"),
        ({"input": {"text": "a"}}, 400, "input", "valid list"),
        ({"input": ["a", "a " * 255]}, 400, "input[1]", "has 255 tokens, the most is 254"),
        ({"dimensions": 256}, 400, "dimensions", "has 384"),
        ({"encoding_format": "int8"}, 400, "encoding_format", "'float' or 'base64'"),
        ({"input_type": "query"}, 400, "input_type", "embedded as documents are"),
        ({"model": "reader"}, 404, "model", "'reader' is not one of those there are: 'footnote'"),
    ],
)
def test_what_cannot_be_embedded_is_refused_by_name(
    client: httpx.Client, changes: dict[str, Any], status: int, param: str, words: str
) -> None:
    sent = {"model": "footnote", "input": "a"} | changes
    response = client.post("/v1/embeddings", json=sent)
    assert response.status_code == status
    error = response.json()["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert words in error["message"]


def test_the_longest_text_is_embedded_whole(door: OpenAI, minilm: Embedder) -> None:
    text = "a " * 253
    whole, shorter = door.embeddings.create(model="footnote", input=[text + "lamp", text]).data
    assert whole.embedding != shorter.embedding
    assert minilm.max_tokens == 256


def test_a_collection_is_a_model(
    index: Index, assistant: Assistant, serve: Callable[..., str]
) -> None:
    from support import make_document

    leave = (
        make_document(f"{f}/leave", f"Staff have {n} days of leave a year.", "Leave")
        for f, n in (("hr", 28), ("hrx", 30))
    )
    list(index.add(leave))
    index.collections.create("people team", documents=["hr/leave"])
    index.collections.create("later")
    client = connect(serve(assistant))
    models = ["footnote", "reader", "footnote/later", "footnote/people team"]
    assert [one.id for one in client.models.list()] == models
    assert client.models.retrieve("footnote/people team").id == "footnote/people team"
    asked: Any = [user("How many days of leave are there a year?")]
    for stream in (False, True):
        answer = client.chat.completions.create(
            model="footnote/people team", messages=asked, stream=stream
        )
        last = [*answer][-1] if stream else answer
        whole: Any = last.footnote  # type: ignore[union-attr]
        assert [one["uri"] for one in whole["citations"]] == ["hr/leave"]
    response = client.responses.create(model="footnote/later", input="How many days?")
    assert "collection 'later': it is empty" in response.output_text
    with pytest.raises(openai.NotFoundError) as refused:
        client.chat.completions.create(model="footnote/none", messages=asked)
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="footnote/later", input="x")
