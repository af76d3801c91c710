"""What LangChain (langchain-openai 1.7.4) and LlamaIndex (llama-index-llms-openai-like 0.8.1,
llama-index-embeddings-openai-like 0.4.0) send, as they were seen to send it, as plain HTTP."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import numpy as np
import pytest

TRAVEL = "Who is planning to travel to Russia?"
USER = {"content": TRAVEL, "role": "user"}
ASKED: dict[str, Any] = {"messages": [USER], "model": "footnote", "stream": False}
PLAIN = {
    "properties": {
        "answer": {"title": "Answer", "type": "string"},
        "confidence": {"title": "Confidence", "type": "number"},
    },
    "required": ["answer", "confidence"],
    "type": "object",
}
STRICT = PLAIN | {"title": "A", "description": "An answer.", "additionalProperties": False}
WEATHER = {
    "type": "function",
    "function": {
        "name": "Get",
        "description": "Get the weather.",
        "parameters": {
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "type": "object",
        },
    },
}
AN_ANSWER = {
    "type": "function",
    "function": {"name": "A", "description": "An answer.", "parameters": PLAIN},
}
STRICT_ANSWER = {
    "type": "function",
    "function": {"name": "A", "description": "An answer.", "parameters": STRICT, "strict": False},
}
TOLD = {
    "type": "json_schema",
    "json_schema": {"schema": STRICT, "name": "A", "strict": True},
}


def posted(client: httpx.Client, path: str, body: dict[str, Any]) -> httpx.Response:
    response = client.post(path, json=body)
    assert response.status_code == 200, response.text
    return response


def message_of(client: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    choices: list[dict[str, Any]] = posted(client, "/v1/chat/completions", body).json()["choices"]
    message: dict[str, Any] = choices[0]["message"]
    return message


@pytest.fixture
def answer(client: httpx.Client, founding: str) -> str:
    """What Footnote itself answers."""
    text: str = posted(client, "/v1/ask", {"question": TRAVEL}).json()["answer"]
    assert text.endswith("[1]")
    return text


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, None),
        ({"stop": ["\n"]}, "stop"),  # llm.invoke(…, stop=["\n"])
        ({"tools": [WEATHER]}, "tools"),  # llm.bind_tools([Get])
        ({"temperature": 0.1}, "temperature"),  # OpenAILike(is_chat_model=True).complete
        (  # OpenAILike(is_function_calling_model=True).chat_with_tools
            {
                "temperature": 0.1,
                "tools": [WEATHER],
                "tool_choice": "auto",
                "parallel_tool_calls": False,
            },
            "temperature, parallel_tool_calls, tools",
        ),
    ],
)
def test_a_chat_gets_the_answer(
    client: httpx.Client, answer: str, changes: dict[str, Any], named: str | None
) -> None:
    response = posted(client, "/v1/chat/completions", ASKED | changes)
    choice = response.json()["choices"][0]
    assert choice["message"]["content"] == answer
    assert choice["message"]["tool_calls"] is None
    assert choice["finish_reason"] == "stop"
    assert response.headers.get("x-footnote-ignored") == named


def test_structured_output_is_the_answer_in_json(client: httpx.Client, answer: str) -> None:
    """llm.with_structured_output(A), and method="json_mode"."""
    told = json.loads(message_of(client, ASKED | {"response_format": TOLD})["content"])
    assert told.keys() == {"answer", "confidence"}
    assert told["answer"] == answer
    own = message_of(client, ASKED | {"response_format": {"type": "json_object"}})
    assert json.loads(own["content"])["answer"] == answer


@pytest.mark.parametrize(
    ("tool", "choice"),
    [
        (AN_ANSWER, {"type": "function", "function": {"name": "A"}}),  # with_structured_output(
        # A, method="function_calling"); bind_tools([A], tool_choice="any"); structured_predict:
        (AN_ANSWER, "required"),
        (STRICT_ANSWER, "required"),
    ],
)
def test_a_function_that_must_be_called_gets_the_answer(
    client: httpx.Client, answer: str, tool: dict[str, Any], choice: Any
) -> None:
    body = ASKED | {"parallel_tool_calls": False, "tools": [tool], "tool_choice": choice}
    response = posted(client, "/v1/chat/completions", body)
    assert response.headers["x-footnote-ignored"] == "parallel_tool_calls"
    completion = response.json()
    whole = completion["choices"][0]
    assert whole["finish_reason"] == "tool_calls"
    assert whole["message"]["content"] is None
    (call,) = whole["message"]["tool_calls"]
    assert call["type"] == "function"
    assert call["id"].startswith("call_")
    assert call["function"]["name"] == "A"
    assert json.loads(call["function"]["arguments"]) == {
        "answer": answer,
        "confidence": completion["footnote"]["confidence"],
    }
    assert whole["message"]["annotations"][0]["footnote"]["number"] == 1


def test_it_is_called_in_a_stream_too(client: httpx.Client, answer: str) -> None:
    body = ASKED | {"tools": [AN_ANSWER], "tool_choice": "required", "stream": True}
    lines = posted(client, "/v1/chat/completions", body).text.split("\n\n")
    events = [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]
    choices = [event["choices"][0] for event in events]
    (call,) = [one for c in choices for one in c["delta"].get("tool_calls", ())]
    assert (call["index"], call["function"]["name"]) == (0, "A")
    assert json.loads(call["function"]["arguments"])["answer"] == answer
    assert not any(choice["delta"].get("content") for choice in choices)
    assert choices[-1]["finish_reason"] == "tool_calls"


@pytest.mark.usefixtures("founding")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tools": [WEATHER], "tool_choice": "required"}, "asks for 'city', which answers don't"),
        ({"tools": [AN_ANSWER, WEATHER], "tool_choice": "required"}, "a single one of `tools`"),
        ({"tool_choice": "required"}, "a single one of `tools`"),  # LlamaIndex without tools
        (
            {"tools": [AN_ANSWER], "tool_choice": {"type": "function", "function": {"name": "B"}}},
            "with_structured_output(method='json_schema')",
        ),
    ],
)
def test_a_function_that_no_answer_fills_is_refused(
    client: httpx.Client, changes: dict[str, Any], words: str
) -> None:
    response = client.post("/v1/chat/completions", json=ASKED | changes)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "tool_choice"
    assert words in response.json()["error"]["message"]


def test_calls_and_results_of_tools_stay_in_the_history(client: httpx.Client, answer: str) -> None:
    called = {"type": "function", "id": "c1", "function": {"name": "Get", "arguments": "{}"}}
    earlier = [
        {"content": "Be brief", "role": "system"},
        {"content": "hi", "role": "user"},
        {"content": None, "role": "assistant", "tool_calls": [called]},
        {"content": "sunny", "role": "tool", "tool_call_id": "c1"},
        {"content": "It is sunny.", "role": "assistant"},
    ]
    assert message_of(client, ASKED | {"messages": [*earlier, USER]})["content"] == answer


def test_the_text_of_a_prompt_is_the_question(client: httpx.Client, answer: str) -> None:
    """OpenAI(…).invoke in LangChain, and OpenAILike as it is made without is_chat_model."""
    langchain = {
        "model": "footnote",
        "prompt": [TRAVEL],
        "frequency_penalty": 0,
        "logprobs": None,
        "max_tokens": 256,
        "n": 1,
        "presence_penalty": 0,
        "seed": None,
        "temperature": 0.7,
        "top_p": 1,
    }
    prompt = f"system: Be brief.\nuser: {TRAVEL}\nassistant: "
    llama = {"model": "footnote", "prompt": prompt, "stream": False, "temperature": 0.1}
    for body in (langchain, llama):
        assert posted(client, "/v1/completions", body).json()["choices"][0]["text"] == answer


def test_a_prompt_of_llamaindex_over_its_own_index(client: httpx.Client, answer: str) -> None:
    """VectorStoreIndex.as_query_engine(llm=OpenAILike(…)).query."""
    prompt = (
        "Context information is below.\n---------------------\nKim plans to travel.\n\n"
        "The boathouse opens at nine.\n---------------------\nGiven the context information and "
        f"not prior knowledge, answer the query.\nQuery: {TRAVEL}\nAnswer: "
    )
    told = message_of(client, ASKED | {"messages": [{"role": "user", "content": prompt}]})
    assert told["content"] == answer


def test_a_response_is_taken_with_tools_and_a_form(client: httpx.Client, answer: str) -> None:
    """ChatOpenAI(use_responses_api=True), with bind_tools and with_structured_output."""
    item = USER | {"type": "message"}
    tool = {"type": "function", **WEATHER["function"]}  # type: ignore[dict-item]
    form = {"format": {"type": "json_schema", "strict": True, "name": "A", "schema": STRICT}}
    body = {"input": [item], "model": "footnote", "stream": False}
    response = posted(client, "/v1/responses", body | {"tools": [tool]})
    assert response.headers["x-footnote-ignored"] == "tools"
    assert response.json()["output"][0]["content"][0]["text"] == answer
    formed = posted(client, "/v1/responses", body | {"text": form}).json()
    assert json.loads(formed["output"][0]["content"][0]["text"])["answer"] == answer


def test_embeddings_of_texts_and_what_is_said_to_tokens(client: httpx.Client) -> None:
    """OpenAIEmbeddings with check_embedding_ctx_length=False, OpenAILikeEmbedding; and
    OpenAIEmbeddings as it is made, which sends tokens."""
    body = {"input": ["hello"], "model": "footnote", "encoding_format": "base64"}
    (row,) = posted(client, "/v1/embeddings", body).json()["data"]
    vector = np.frombuffer(base64.b64decode(row["embedding"]), "<f4")
    assert len(vector) == 384
    assert abs(float(vector @ vector) - 1) < 1e-3
    refused = client.post("/v1/embeddings", json=body | {"input": [[15339]]})
    assert refused.status_code == 400
    words = "OpenAIEmbeddings(check_embedding_ctx_length=False)"
    assert words in refused.json()["error"]["message"]
