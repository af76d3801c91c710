"""A function that a client insists on calling: its arguments are the answer, as JSON."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from api.openai import schemas as wire
from api.openai.errors import Refused
from api.openai.structured import Form

_FIELD = "tool_choice"
_ANY = "required"
_NO_ARGUMENTS: Mapping[str, Any] = {"type": "object", "properties": {}}


def forced_in(asked: wire.ChatRequest) -> tuple[str, Form] | None:
    """The name of the function that must be called, and how to write its arguments; None where none
    must. Raises `Refused` where it isn't clear which, and where no answer fills its arguments."""
    choice = asked.tool_choice
    if choice in wire.FREE_CHOICES:
        return None
    functions = dict(filter(None, map(_function, asked.tools or ())))
    name = next(iter(functions), None) if choice == _ANY and len(functions) == 1 else _named(choice)
    if name is None or name not in functions:
        message = (
            f"{_FIELD}: is not supported: Footnote calls no tools but a single one of `tools`, "
            "whose arguments are the answer; name that one, or for JSON use response_format "
            "(in LangChain: with_structured_output(method='json_schema'))"
        )
        raise Refused(400, message, _FIELD, "invalid_request")
    return name, Form(functions[name], _FIELD)


def _function(tool: Any) -> tuple[str, Mapping[str, Any]] | None:
    """The name of a function and the schema of its arguments; None of another kind of tool."""
    function = tool.get("function") if isinstance(tool, Mapping) else None
    name = _name(function)
    if name is None or function is None:
        return None
    arguments = function.get("parameters")
    return name, arguments if isinstance(arguments, Mapping) and arguments else _NO_ARGUMENTS


def _named(choice: Any) -> str | None:
    """The function that `choice` names."""
    return _name(choice.get("function")) if isinstance(choice, Mapping) else None


def _name(function: Any) -> str | None:
    name = function.get("name") if isinstance(function, Mapping) else None
    return name if isinstance(name, str) and name else None


def call_of(name: str, arguments: str) -> wire.ToolCall:
    """A call of the function, with an id of its own."""
    called = wire.CalledFunction(name=name, arguments=arguments)
    return wire.ToolCall(id=f"call_{uuid.uuid4().hex[:24]}", function=called)
