"""Odd values that a client could send: none is a fault of the server."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

ODD = "\ud800"  # half of a pair, which JSON can name and UTF-8 cannot hold
MESSAGES = [{"role": "user", "content": "Who kept the light?"}]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", {"model": ODD, "messages": MESSAGES}),
        ("/v1/chat/completions", {"model": "", "messages": MESSAGES}),
        ("/v1/chat/completions", {"model": "a\0b\n", "messages": MESSAGES}),
        ("/v1/chat/completions", {"model": ["footnote"], "messages": MESSAGES}),
        ("/v1/chat/completions", {"model": "footnote", "messages": MESSAGES, ODD: 1}),
        ("/v1/chat/completions", {"model": "footnote", "messages": MESSAGES, "stop": [ODD]}),
        ("/v1/chat/completions", {"model": "footnote", "messages": [{"role": ODD}]}),
        (
            "/v1/chat/completions",
            {"model": "footnote", "messages": [{"role": "user", "content": ODD}]},
        ),
        ("/v1/completions", {"model": "footnote", "prompt": ODD}),
        ("/v1/responses", {"model": "footnote", "input": ODD, "instructions": ODD}),
        ("/v1/responses", {"model": "footnote", "input": "Who?", "instructions": ODD}),
        ("/v1/embeddings", {"model": "footnote", "input": ODD}),
        ("/v1/embeddings", {"model": ODD, "input": "Ada"}),
        ("/v1/ask", {"question": ODD}),
        ("/v1/ask", {"question": "Who?", "answerer": ODD}),
        ("/v1/ask", {"question": "Who?", "filter": {ODD: ODD}}),
        ("/v1/ask", {"question": "Who?", "filter": {"a": {ODD: 1}}}),
        ("/v1/ask", {"question": "Who?", "filter": {"a": 10**30, "b": 1e400}}),
        ("/v1/ask", {"question": "Who?", "history": [{"role": "user", "content": ODD}]}),
        ("/v1/search", {"query": ODD}),
        ("/v1/search", {"query": "light", "filter": {"document_id": [ODD]}}),
        ("/v1/search", {"query": "\0"}),
        ("/v1/documents", {"uri": ODD, "text": "Ada."}),
        ("/v1/documents", {"uri": "n2", "text": ODD, "title": ODD, "metadata": {ODD: ODD}}),
        ("/v1/documents", {"uri": "n3", "text": "Ada.", "metadata": {"n": 10**30}}),
        ("/v1/documents", {"uri": "n\0", "text": "A\0da."}),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_odd_values_are_answered_too(
    client: httpx.Client, path: str, body: dict[str, Any], stream: bool
) -> None:
    sent = {**body, "stream": True} if stream else body
    headers = {"Content-Type": "application/json"}
    response = client.post(path, content=json.dumps(sent), headers=headers)
    assert response.status_code < 500, response.text
    assert "event: error" not in response.text
    assert "server_error" not in response.text


@pytest.mark.parametrize("path", ["/v1/documents/%00", "/v1/documents/%ED%A0%80", "/v1/jobs/%FF"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_odd_paths_are_answered_too(client: httpx.Client, path: str, method: str) -> None:
    assert client.request(method, path).status_code in (404, 405)


def test_a_form_that_breaks_off_is_a_problem(client: httpx.Client) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        response = client.post(
            "/v1/documents", content=b"--x\r\nno form", headers={"Content-Type": kind}
        )
        assert response.status_code in (400, 422), response.text
        assert response.headers["content-type"] == "application/problem+json"
