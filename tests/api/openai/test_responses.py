"""`/v1/responses` and `/v1/completions`, through OpenAI's own client."""

from __future__ import annotations

from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

TRAVEL = "Who is planning to travel to Russia?"


class Told(BaseModel):
    answer: str


def asked_natively(client: httpx.Client, question: str, **options: object) -> Any:
    return client.post("/v1/ask", json={"question": question, **options}).json()


def test_a_response_is_the_answer_with_its_citations(
    client: httpx.Client, door: OpenAI, founding: str
) -> None:
    native = asked_natively(client, TRAVEL)
    response: Any = door.responses.create(model="footnote", input=TRAVEL, max_output_tokens=5)
    assert (response.object, response.status, response.store) == ("response", "completed", False)
    assert response.output_text == native["answer"] == response.footnote["answer"]
    (message,) = response.output
    (part,) = message.content
    (note,) = part.annotations
    assert (message.role, part.type, note.type) == ("assistant", "output_text", "url_citation")
    assert part.text[note.start_index : note.end_index] == "[1]"
    assert note.footnote == native["citations"][0]
    usage = response.usage
    # who is planning to travel to russia ?
    assert usage.input_tokens == 8
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens
    parsed = door.responses.parse(model="footnote", input=TRAVEL, text_format=Told)
    assert parsed.output_parsed == Told(answer=native["answer"])


def test_a_streamed_response_says_the_same(door: OpenAI, founding: str) -> None:
    whole = door.responses.create(model="footnote", input=TRAVEL)
    with door.responses.stream(model="footnote", input=TRAVEL) as stream:
        events = list(stream)
        final: Any = stream.get_final_response()
    assert final.output_text == whole.output_text
    assert final.output[0].content[0].annotations == whole.output[0].content[0].annotations
    assert final.footnote["answered"]
    kinds = [event.type for event in events]
    assert [kind for kind in kinds if kind != "response.output_text.delta"] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.annotation.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))


def test_a_conversation_as_items(client: httpx.Client, door: OpenAI, founding: str) -> None:
    first: Any = door.responses.create(model="footnote", input=TRAVEL)
    response: Any = door.responses.create(
        model="footnote",
        instructions="Be kind.",
        input=[
            {"role": "user", "content": TRAVEL},
            *[item.model_dump() for item in first.output],
            {"type": "reasoning", "id": "r", "summary": []},
            {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "1", "output": "x"},
            {
                "role": "user",
                "content": [{"type": "input_text", "text": "Whom will he meet there?"}],
            },
        ],  # type: ignore[list-item]
        tools=[{"type": "web_search"}],
        store=True,
    )
    history = [
        {"role": "user", "content": TRAVEL},
        {"role": "assistant", "content": first.output_text},
    ]
    native = asked_natively(client, "Whom will he meet there?", history=history)
    assert response.footnote["question"] == native["question"]
    assert response.output_text == native["answer"]


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"background": True}, "background"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"input": []}, "input"),
        ({"input": [{"type": "reasoning"}]}, "input"),
        ({"input": [{"role": "assistant", "content": "Hi"}]}, "input"),
        ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "input[0].content"),
        ({"text": {"format": {"type": "json_schema", "schema": {"type": "array"}}}}, "text.format"),
        ({"model": "gpt-5"}, "model"),
    ],
)
def test_what_would_change_the_meaning_is_refused_by_name(
    client: httpx.Client, changes: dict[str, Any], param: str
) -> None:
    sent = {"model": "footnote", "input": TRAVEL} | changes
    response = client.post("/v1/responses", json=sent)
    assert response.status_code == (404 if param == "model" else 400)
    assert response.json()["error"]["param"] == param


def test_fields_without_effect_are_named(client: httpx.Client, founding: str) -> None:
    sent = {"model": "footnote", "input": TRAVEL, "store": True, "reasoning": {"effort": "low"}}
    response = client.post("/v1/responses", json=sent | {"include": [], "frobs": 1})
    assert response.headers["x-footnote-ignored"] == "store, reasoning, frobs"


def test_a_completion_of_a_prompt_is_the_answer(
    client: httpx.Client, door: OpenAI, founding: str
) -> None:
    native = asked_natively(client, TRAVEL)
    whole: Any = door.completions.create(model="footnote", prompt=TRAVEL, max_tokens=16)
    (choice,) = whole.choices
    assert (whole.object, choice.text) == ("text_completion", native["answer"])
    assert choice.footnote["citations"] == native["citations"]
    assert whole.usage.prompt_tokens == 8
    options = {"include_usage": True}
    *chunks, last, counted = list(
        door.completions.create(
            model="footnote", prompt=TRAVEL, stream=True, stream_options=options
        )  # type: ignore[call-overload]
    )
    assert "".join(chunk.choices[0].text for chunk in chunks) == native["answer"]
    assert last.choices[0].finish_reason == "stop"
    assert counted.usage.model_dump(exclude_none=True) == whole.usage.model_dump(exclude_none=True)


def test_each_prompt_of_several_gets_its_answer(door: OpenAI, founding: str) -> None:
    prompts = [TRAVEL, "What is the capital of Australia?"]
    whole: Any = door.completions.create(model="footnote", prompt=prompts)
    assert [choice.index for choice in whole.choices] == [0, 1]
    assert [choice.footnote["answered"] for choice in whole.choices] == [True, False]
    with pytest.raises(openai.BadRequestError, match="a stream answers one"):
        door.completions.create(model="footnote", prompt=prompts, stream=True)
    with pytest.raises(openai.BadRequestError, match="echo: is not supported"):
        door.completions.create(model="footnote", prompt=TRAVEL, echo=True)
    with pytest.raises(openai.BadRequestError, match="token numbers"):
        door.completions.create(model="footnote", prompt=[1, 2])
