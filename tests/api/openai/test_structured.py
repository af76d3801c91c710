"""Answers as JSON: what a schema may ask for, and what it gets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai import OpenAI
from pydantic import BaseModel, Field

from api.openai.errors import Refused
from api.openai.structured import Form, ResponseFormat
from rag.answer import Answer, Citation

CITED = Citation(1, "d", "a.md", "Ants", None, 0, 17, "Ants dig tunnels.", 1.0)
ANSWER = Answer("Ants. [1]", None, "unsure", 0.25, (CITED,), (), "Who digs?", "reader", {})


def written(schema: dict[str, Any]) -> Any:
    return json.loads(Form(schema, "response_format").write(ANSWER))


def asking_for(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def test_without_a_schema_it_is_footnotes_own_form() -> None:
    whole = written({})
    assert list(whole) == [
        "answer",
        "short_answer",
        "verdict",
        "answered",
        "confidence",
        "citations",
        "question",
    ]
    assert (whole["answer"], whole["verdict"], whole["confidence"]) == ("Ants. [1]", "unsure", 0.25)
    assert whole["citations"][0]["quote"] == "Ants dig tunnels."


@pytest.mark.parametrize(
    ("wanted", "filled"),
    [
        ({"answer": {"type": "string"}}, {"answer": "Ants. [1]"}),
        ({"response": {}}, {"response": "Ants. [1]"}),
        ({"short_answer": {"type": ["string", "null"]}}, {"short_answer": None}),
        ({"confidence": {"type": "number", "minimum": 0, "maximum": 1}}, {"confidence": 0.25}),
        (
            {"sources": {"type": "array", "items": {"type": "string"}}},
            {"sources": ["a.md"]},
        ),
        (
            {"quotes": {"type": "array", "items": {"type": "string"}}},
            {"quotes": ["Ants dig tunnels."]},
        ),
        ({"citations": {"type": "array", "items": {"type": "integer"}}}, {"citations": [1]}),
        (
            {"citations": {"items": asking_for(title={"type": "string"}, url={"type": "string"})}},
            {"citations": [{"title": "Ants", "url": "a.md"}]},
        ),
        ({"author": {"type": ["string", "null"]}}, {"author": None}),
        ({"language": {"type": "string", "default": "en"}}, {"language": "en"}),
        (
            {"verdict": {"enum": ["answered", "unsure", "unanswered", "other"]}},
            {"verdict": "unsure"},
        ),
    ],
)
def test_what_a_schema_has_a_name_for_is_put_there(
    wanted: dict[str, Any], filled: dict[str, Any]
) -> None:
    assert written(asking_for(**wanted)) == filled


def test_what_is_optional_and_unknown_is_left_out() -> None:
    schema = asking_for(answer={"type": "string"})
    schema["properties"] |= {"joke": {"type": "string"}, "confidence": {"type": "string"}}
    assert written(schema) == {"answer": "Ants. [1]"}


def test_references_are_followed() -> None:
    schema = {
        "$ref": "#/$defs/A",
        "$defs": {
            "A": asking_for(citations={"type": "array", "items": {"$ref": "#/$defs/C"}}),
            "C": asking_for(
                quote={"type": "string"}, page={"anyOf": [{"type": "integer"}, {"type": "null"}]}
            ),
        },
    }
    assert written(schema) == {"citations": [{"quote": "Ants dig tunnels.", "page": None}]}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (asking_for(price={"type": "number"}), "asks for 'price', which answers don't have"),
        (asking_for(short_answer={"type": "string"}), "'short_answer' may be null"),
        (asking_for(answer={"type": "integer"}), "'answer' is no integer"),
        (asking_for(answer={"type": "string", "maxLength": 9}), "'maxLength' at 'answer'"),
        (asking_for(verdict={"enum": ["answered"]}), "'verdict' may be 'unsure' too"),
        (asking_for(confidence={"type": "number", "maximum": 0.5}), "may be 1.0 too"),
        (asking_for(answered={"const": True}), "'answered' may be 'False' too"),
        ({"type": "array", "items": {"type": "string"}}, "'the answer' is no array"),
        ({"$ref": "#"}, "too deep"),
        ({"$ref": "#/$defs/Gone"}, "has no '#/$defs/Gone'"),
        ({"type": "object", "required": ["joke"], "properties": {}}, "asks for 'joke'"),
    ],
)
def test_what_not_every_answer_can_fill_is_refused_before_it_is_answered(
    schema: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused) as refused:
        Form(schema, "response_format")
    assert words in str(refused.value)
    assert (refused.value.status, refused.value.param) == (400, "response_format")


def test_a_schema_is_found_where_servers_take_it() -> None:
    schema = asking_for(answer={"type": "string"})
    for given in (
        {"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": schema}},
        {"type": "json_schema", "name": "a", "schema": schema},
        {"type": "json_object", "schema": schema},
    ):
        form = ResponseFormat.model_validate(given).form("f")
        assert form
        assert json.loads(form.write(ANSWER)) == {"answer": "Ants. [1]"}
    assert ResponseFormat.model_validate({"type": "text"}).form("f") is None


class Cited(BaseModel):
    title: str
    quote: str
    page: int | None


class Told(BaseModel):
    answer: str
    confidence: float = Field(ge=0, le=1)
    citations: list[Cited]


def test_openais_client_parses_it(door: OpenAI, founding: str) -> None:
    asked: Any = [{"role": "user", "content": "Who is planning to travel to Russia?"}]
    completion: Any = door.chat.completions.parse(
        model="footnote", messages=asked, response_format=Told
    )
    told = completion.choices[0].message.parsed
    assert told.answer == completion.footnote["answer"]
    assert [one.quote for one in told.citations] == [
        one["quote"] for one in completion.footnote["citations"]
    ]
    streamed: Any = door.chat.completions.create(
        model="footnote", messages=asked, response_format={"type": "json_object"}, stream=True
    )
    *chunks, last = streamed
    (content,) = [c.choices[0].delta.content for c in chunks if c.choices[0].delta.content]
    assert json.loads(content)["answer"] == last.footnote["answer"]
