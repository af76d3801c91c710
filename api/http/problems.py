"""Every error as RFC 9457 `application/problem+json`: `type`, `title`, `status`, `detail`.

`detail` is one line fit to be shown to a person; nothing of the server's inside leaves it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from index.errors import (
    CollectionExists,
    CollectionFull,
    FootnoteError,
    InvalidCollection,
    InvalidFilter,
    InvalidQuestion,
    InvalidSetting,
    ModelBusy,
    ModelUnavailable,
    NameTaken,
    ServerBusy,
    StoreBusy,
    StoreMismatch,
    StoreUnusable,
    UnknownCollection,
    UnknownDocument,
    UnknownJob,
    UnknownOriginal,
    UnknownPage,
    UnknownUndo,
    UnreadableFile,
    UnsupportedFile,
)
from rag.stop import Stopped

RETRY_SECONDS = 5
REQUEST_ID = "X-Request-Id"
GENERATION = "X-Footnote-Generation"  # of the store

STATUS_OF: dict[type[FootnoteError], HTTPStatus] = {
    UnknownCollection: HTTPStatus.NOT_FOUND,
    CollectionExists: HTTPStatus.CONFLICT,
    CollectionFull: HTTPStatus.INSUFFICIENT_STORAGE,
    InvalidCollection: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownDocument: HTTPStatus.NOT_FOUND,
    UnknownJob: HTTPStatus.NOT_FOUND,
    UnknownOriginal: HTTPStatus.NOT_FOUND,
    UnknownPage: HTTPStatus.NOT_FOUND,
    UnknownUndo: HTTPStatus.NOT_FOUND,
    NameTaken: HTTPStatus.CONFLICT,
    UnsupportedFile: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    UnreadableFile: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidQuestion: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidFilter: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidSetting: HTTPStatus.UNPROCESSABLE_ENTITY,
    StoreBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnusable: HTTPStatus.SERVICE_UNAVAILABLE,
    ModelBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    ServerBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    ModelUnavailable: HTTPStatus.BAD_GATEWAY,
    Stopped: HTTPStatus.REQUEST_TIMEOUT,  # told to nobody, but counted
}

REBUILT = (
    "The store was made anew with another embedder or other chunks while this server runs; start "
    "`footnote serve` again."
)

DETAIL_OF: dict[int, str] = {
    400: "The body could not be read; send what Content-Type says it is.",
    404: "There is nothing at {method} {path}; see /openapi.json for what there is.",
    405: "{path} does not take {method}; the Allow header names what it takes.",
    500: "Something went wrong inside Footnote; its log has the cause.",
}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "which kind of problem, as a URI"},
        "title": {"type": "string", "description": "the kind of problem in words"},
        "status": {"type": "integer", "description": "the HTTP status"},
        "detail": {"type": "string", "description": "what is wrong here and how to mend it"},
    },
}


class Problem(JSONResponse):
    """A JSON response of the media type that RFC 9457 gives to errors. What a client sent may be
    quoted in it, and need not be valid Unicode."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")


def describe(
    status: int, detail: str, kind: str = "", errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """The members of a problem. `kind` is a class name such as `UnknownDocument`; without one the
    problem is the HTTP status and no more. `errors` lists the parts, where there are several."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()
    members: dict[str, Any] = {
        "type": f"urn:footnote:problem:{words.replace(' ', '-')}" if kind else "about:blank",
        "title": words.capitalize() if kind else HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
    }
    return members | ({"errors": errors} if errors else {})


def problem(
    status: int,
    detail: str,
    kind: str = "",
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Problem:
    """The problem that `describe` words, as a response."""
    return Problem(describe(status, detail, kind, errors), status, headers)


def describe_error(error: Exception) -> dict[str, Any]:
    """The members of the problem that an exception amounts to: 500, without its words, unless it
    is one that the caller can mend."""
    if isinstance(error, StoreMismatch):  # its own words name a folder of the server
        return describe(HTTPStatus.SERVICE_UNAVAILABLE, REBUILT, StoreMismatch.__name__)
    status = STATUS_OF.get(type(error)) if isinstance(error, FootnoteError) else None
    if status is None:
        return describe(500, DETAIL_OF[500])
    return describe(status, str(error), type(error).__name__)


def with_common(statuses: Sequence[int]) -> tuple[int, ...]:
    """`statuses` with those that any request may meet: as a stranger, too often, slow, by a fault
    of ours."""
    slow = [408] if 413 in statuses else []
    return tuple(sorted({*statuses, *slow, 401, 403, 429, 500}))


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What `responses=` of a route needs so that OpenAPI tells the truth about its errors."""
    content = {Problem.media_type: {"schema": SCHEMA}}
    statuses = with_common(statuses)
    described: dict[int | str, dict[str, Any]] = {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }
    return {**described, "default": {"description": "Any other problem", "content": content}}


def footnote_error(_: Request, error: Exception) -> Problem:
    """An error that Footnote raised on purpose."""
    members = describe_error(error)
    if members["status"] == 500:
        raise error
    headers = {"Retry-After": str(RETRY_SECONDS)} if members["status"] == 503 else None
    return Problem(members, members["status"], headers)


def http_error(request: Request, error: Exception) -> Problem:
    """An error of the router or of reading the body."""
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    detail = str(error.detail)
    if detail == phrase or error.status_code == 400:
        words = DETAIL_OF.get(error.status_code, detail)
        detail = words.format(method=request.method, path=request.url.path)
    return problem(error.status_code, detail, headers=error.headers)


def invalid_request(_: Request, error: Exception) -> Problem:
    """A body or parameter that is not what the contract says; the value itself is not echoed."""
    assert isinstance(error, RequestValidationError)
    if isinstance(error.body, bytes):
        return problem(415, "The body is read as JSON only; send Content-Type: application/json.")
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        position = faults[0]["loc"][-1]
        return problem(400, f"The body is not JSON: it breaks off at character {position}.")
    errors = [
        {
            "field": ".".join(str(step) for step in fault["loc"][1:]) or "body",
            "detail": fault["msg"],
        }
        for fault in faults
    ]
    detail = "; ".join(f"{one['field']}: {one['detail']}" for one in errors[:3])
    return problem(422, detail, "InvalidRequest", errors)


def install(app: FastAPI, headers: Mapping[str, str]) -> None:
    """Answer every error of `app` with a problem. One that nobody foresaw is logged by the
    server with its traceback; the client learns only that it happened, with `headers` and the id
    of the request."""

    def internal_error(request: Request, _: Exception) -> Problem:
        own = {REQUEST_ID: request.state.request_id}
        return problem(500, DETAIL_OF[500], headers={**headers, **own})

    app.add_exception_handler(FootnoteError, footnote_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, invalid_request)
    app.add_exception_handler(Exception, internal_error)
