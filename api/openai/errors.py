"""Errors at the OpenAI-compatible paths, in OpenAI's form.

There, and only there, an error is `{"error": {"message", "type", "param", "code"}}`, because that
is what the clients of those paths read. Problems are translated where they leave the server, so
that what the guard, the router and the handlers refuse all come out alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.guard import SECURITY_HEADERS
from api.http.problems import REQUEST_ID, Problem, describe_error, with_common

DEFAULT = "footnote"  # the model that everyone can name: the default answerer, the embedder
PATHS = re.compile(r"/v1/((chat/)?completions|embeddings|(models|responses)(/.*)?)")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string", "description": "what is wrong and how to mend it"},
                "type": {"type": "string", "enum": ["invalid_request_error", "server_error"]},
                "param": {"type": ["string", "null"], "description": "the field that is at fault"},
                "code": {"type": ["string", "null"], "description": "the kind of error, for code"},
            },
        }
    },
}


class Refused(Exception):
    """A request that is not served, with its HTTP status and the field that is at fault."""

    def __init__(self, status: int, message: str, param: str, code: str) -> None:
        super().__init__(message)
        self.status = status
        self.param = param
        self.code = code


def unknown_model(name: str, known: Iterable[str]) -> Refused:
    """The error for a model that cannot do what is asked."""
    names = ", ".join(f"'{one}'" for one in known)
    message = f"model '{name[:100]}' is not one of those there are: {names}"
    return Refused(404, message, "model", "model_not_found")


def describe(
    status: int, message: str, param: str | None = None, code: str | None = None
) -> dict[str, Any]:
    """OpenAI's error object."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def translate(problem: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """The status and the error object that say what `problem` says. What is 422 elsewhere is 400
    here, as clients expect. Of several faults the first is told."""
    status = HTTPStatus.BAD_REQUEST if problem["status"] == 422 else problem["status"]
    code = problem["type"].removeprefix("urn:footnote:problem:").replace("-", "_")
    message, param = problem["detail"], None
    for fault in problem.get("errors", [])[:1]:
        message = f"{fault['field']}: {fault['detail']}"
        if fault["field"] != "body":
            param = re.sub(r"\.(\d+)", r"[\1]", fault["field"])
            message = f"{param}: {fault['detail']}"
    return status, describe(status, message, param, None if code == "about:blank" else code)


def translate_error(error: Exception) -> dict[str, Any]:
    """The error object that an exception amounts to."""
    return translate(describe_error(error))[1]


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What `responses=` of a route needs so that OpenAPI tells the truth about its errors."""
    content = {"application/json": {"schema": SCHEMA}}
    statuses = with_common(statuses)
    described: dict[int | str, dict[str, Any]] = {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }
    return {**described, "default": {"description": "Any other error", "content": content}}


class ErrorResponse(Problem):
    """The error object as a response."""

    media_type = "application/json"


def refused(_: Request, error: Exception) -> ErrorResponse:
    """A `Refused` as a response."""
    assert isinstance(error, Refused)
    return ErrorResponse(describe(error.status, str(error), error.param, error.code), error.status)


class Translator:
    """ASGI middleware that turns the problems that leave the OpenAI-compatible paths, and the
    exceptions that nobody foresaw, into OpenAI's errors."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not PATHS.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        started = False
        problem: Headers | None = None
        body = b""

        async def send_translated(message: Message) -> None:
            nonlocal started, problem, body
            if message["type"] == "http.response.start":
                started = True
                headers = Headers(raw=message["headers"])
                if headers.get("content-type") == Problem.media_type:
                    problem = headers
                    return
            if problem is None:
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                status, error = translate(json.loads(body))
                own = {"content-type", "content-length"}
                kept = {name: value for name, value in problem.items() if name not in own}
                await ErrorResponse(error, status, kept)(scope, receive, send)

        try:
            await self.app(scope, receive, send_translated)
        except Exception as error:
            if not started:
                content = translate_error(error)
                headers = {**SECURITY_HEADERS, REQUEST_ID: scope["state"]["request_id"]}
                await ErrorResponse(content, 500, headers)(scope, receive, send)
            raise  # the server logs it


def install(app: FastAPI) -> None:
    """Answer the errors of the OpenAI-compatible paths of `app` in OpenAI's form."""
    app.add_exception_handler(Refused, refused)
    app.add_middleware(Translator)
