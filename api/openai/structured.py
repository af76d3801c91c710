"""Answers as JSON, in a form of ours or in the one that a client's JSON schema asks for.

An answer is not written to a schema: what it has is put where the schema has a name for it. A
schema that asks for anything else is refused before the question is answered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import product
from typing import Any, Literal

from pydantic import Field

from api.openai.errors import Refused
from api.openai.fields import Lenient
from api.schemas import Answer, Citation
from rag import answer as inner

_OWN = ("answer", "short_answer", "verdict", "answered", "confidence", "citations", "question")
_ALSO = {  # further names under which a schema may ask for them
    "answer": ("response", "text", "content", "result", "output", "reply", "message"),
    "citations": ("sources", "references", "footnotes", "evidence", "quotes"),
    "uri": ("url", "source", "file", "filename", "document"),
    "quote": ("text", "content", "passage", "excerpt"),
    "number": ("id", "index"),
}
_AS_QUOTES = ("evidence", "quotes")
_UNCHECKED = (
    "allOf not if then else pattern patternProperties propertyNames prefixItems contains "
    "dependentRequired dependentSchemas minLength maxLength minItems maxItems uniqueItems "
    "minProperties maxProperties multipleOf"
).split()
_DEEPEST = 30


class JsonSchema(Lenient):
    """A schema with a name."""

    name: str = ""
    schema_: dict[str, Any] = Field(default={}, alias="schema")


class ResponseFormat(Lenient):
    """The form of an answer: text; JSON in Footnote's own form; JSON after a schema, which is
    given in one of three places."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None
    schema_: dict[str, Any] | None = Field(None, alias="schema")

    def form(self, field: str) -> Form | None:
        """How to write an answer; None for text. Raises `Refused`, by the name of `field`."""
        if self.type == "text":
            return None
        schema = self.json_schema.schema_ if self.json_schema else self.schema_
        return Form(schema or {}, field)


class _Unfit(Exception):
    """A place in a schema that an answer cannot fill, and why."""


class Form:
    """Writes answers by `schema`, an empty one meaning Footnote's own form.

    Raises `Refused` for a schema that not every answer can fill.
    """

    def __init__(self, schema: Mapping[str, Any], field: str) -> None:
        self._schema = schema
        self._field = field
        for sample in _samples():
            self._filled(sample)

    def write(self, answer: inner.Answer) -> str:
        """The answer as JSON."""
        whole = Answer.of(answer).model_dump()
        return json.dumps(self._filled({name: whole[name] for name in _OWN}), ensure_ascii=False)

    def _filled(self, value: Mapping[str, Any]) -> Any:
        if not self._schema:
            return value
        try:
            return _fit(self._schema, value, self._schema, "", 0)
        except _Unfit as unfit:
            message = (
                f"{self._field}: {unfit}. Footnote writes no JSON freely; a schema may ask for "
                f"{', '.join(_OWN)}"
            )
            raise Refused(400, message, self._field, "invalid_request") from None


def _samples() -> list[dict[str, Any]]:
    """Answers that differ in all that a schema could mind."""
    given: dict[str, Any] = {"number": 1, "page": None, "also_in": [], "column_heads": None}
    citation = {**dict.fromkeys(Citation.model_fields, ""), **given}
    cited = [citation | {"start": 0, "end": 1, "support": support} for support in (0.0, 1.0)]
    return [
        {
            "answer": "",
            "short_answer": short,
            "verdict": verdict,
            "answered": verdict == "answered",
            "confidence": confidence,
            "citations": citations,
            "question": "",
        }
        for verdict, (short, confidence, citations) in product(
            ("answered", "unsure", "unanswered"), ((None, 0.0, []), ("", 1.0, cited))
        )
    ]


def _fit(schema: Any, value: Any, root: Mapping[str, Any], name: str, depth: int) -> Any:
    """`value` in the form of `schema`. Raises `_Unfit`."""
    if depth > _DEEPEST:
        raise _Unfit("the schema is too deep")
    if not isinstance(schema, Mapping):
        return value
    if "$ref" in schema:
        return _fit(_referred(str(schema["$ref"]), root), value, root, name, depth + 1)
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return _first_fit(schema[choice], value, root, name, depth)
    unchecked = [word for word in _UNCHECKED if word in schema]
    if unchecked:
        raise _Unfit(f"'{unchecked[0]}' at '{name}' can't be promised")
    kinds = _kinds(schema)
    if isinstance(value, Mapping) and "object" not in kinds and name:
        value = value.get(
            "number" if "integer" in kinds else "quote" if name in _AS_QUOTES else "uri"
        )
    if kinds and not any(_is(value, kind) for kind in kinds):
        may = "may be null" if value is None else f"is no {' or '.join(kinds)}"
        raise _Unfit(f"'{name or 'the answer'}' {may}")
    if "enum" in schema and value not in schema["enum"]:
        raise _Unfit(f"'{name}' may be '{value}' too")
    if "const" in schema and value != schema["const"]:
        raise _Unfit(f"'{name}' may be '{value}' too")
    if isinstance(value, list):
        return [_fit(schema.get("items"), one, root, name, depth + 1) for one in value]
    if isinstance(value, Mapping):
        return _object(schema, value, root, depth)
    if isinstance(value, int | float) and not isinstance(value, bool):
        _check_range(schema, value, name)
    return value


def _object(
    schema: Mapping[str, Any], value: Mapping[str, Any], root: Mapping[str, Any], depth: int
) -> dict[str, Any]:
    """The members of `value` that `schema` asks for; of the optional ones those that fit."""
    if "properties" not in schema:
        return dict(value)
    known = {**{also: value[n] for n in value for also in _ALSO.get(n, ())}, **value}
    required = schema.get("required") or []
    filled = {}
    for name, inside in {**dict.fromkeys(required), **schema["properties"]}.items():
        try:
            if name in known:
                filled[name] = _fit(inside, known[name], root, name, depth + 1)
            elif name in required:
                filled[name] = _nothing(inside, root, name, depth)
        except _Unfit:
            if name in required:
                raise
    return filled


def _nothing(schema: Any, root: Mapping[str, Any], name: str, depth: int) -> Any:
    """What stands for a member that answers don't have: its default, or null."""
    if isinstance(schema, Mapping) and "default" in schema:
        return schema["default"]
    if schema:
        with suppress(_Unfit):
            return _fit(schema, None, root, name, depth + 1)
    raise _Unfit(f"the schema asks for '{name[:50]}', which answers don't have")


def _first_fit(
    schemas: Sequence[Any], value: Any, root: Mapping[str, Any], name: str, depth: int
) -> Any:
    failure = _Unfit(f"'{name}' has no form")
    for schema in schemas:
        try:
            return _fit(schema, value, root, name, depth + 1)
        except _Unfit as unfit:
            failure = unfit
    raise failure


def _referred(reference: str, root: Mapping[str, Any]) -> Any:
    """The part of the schema that `#/a/b` names."""
    found: Any = root
    for step in reference.removeprefix("#").split("/")[1:]:
        found = found.get(step) if isinstance(found, Mapping) else None
    if found is None:
        raise _Unfit(f"the schema has no '{reference[:50]}'")
    return found


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    kinds = schema.get("type")
    if kinds is None:
        return ["object"] if "properties" in schema else ["array"] if "items" in schema else []
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    types: dict[str, Any] = {
        "object": Mapping,
        "array": list,
        "string": str,
        "integer": int,
        "number": int | float,
        "null": type(None),
    }
    return kind in types and isinstance(value, types[kind])


def _check_range(schema: Mapping[str, Any], value: float, name: str) -> None:
    over = value > schema.get("maximum", value) or value >= schema.get(
        "exclusiveMaximum", value + 1
    )
    if over or value < schema.get("minimum", value):
        raise _Unfit(f"'{name}' may be {value} too")
    if value <= schema.get("exclusiveMinimum", value - 1):
        raise _Unfit(f"'{name}' may be {value} too")
