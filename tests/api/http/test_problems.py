"""Every error is `application/problem+json`, says what is wrong, and leaks nothing."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from api.http.problems import describe_error
from index.errors import (
    FootnoteError,
    InvalidFilter,
    InvalidQuestion,
    StoreBusy,
    StoreMismatch,
    UnknownDocument,
    UnreadableFile,
    UnsupportedFile,
)
from index.index import Index
from rag.assistant import Assistant


@pytest.mark.parametrize(
    ("method", "path", "status", "word"),
    [
        ("GET", "/nowhere", 404, "/nowhere"),
        ("GET", "/v1/documents/0123456789abcdef", 404, "0123456789abcdef"),
        ("GET", "/v1/documents/0123456789abcdef/text", 404, "0123456789abcdef"),
        ("DELETE", "/v1/documents/0123456789abcdef", 404, "0123456789abcdef"),
        ("PUT", "/v1/ask", 405, "PUT"),
        ("GET", "/v1/documents?limit=0", 422, "limit"),
        ("GET", "/v1/documents?offset=-1", 422, "offset"),
        ("GET", "/static/../app.py", 404, ""),
        ("GET", "/static/missing.js", 404, ""),
    ],
)
def test_a_wrong_address_is_a_problem(
    client: httpx.Client, method: str, path: str, status: int, word: str
) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "detail"} <= set(body)
    assert body["status"] == status
    assert word in body["detail"]
    assert "\n" not in body["detail"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b'{"question": "Who', "application/json", 400),
        (b"", "application/json", 422),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"question=Who", "application/x-www-form-urlencoded", 415),
        (b'{"question": "Who?"}', "text/plain", 415),
    ],
)
def test_a_body_that_is_no_json_is_a_problem(
    client: httpx.Client, content: bytes, kind: str, status: int
) -> None:
    response = client.post("/v1/ask", content=content, headers={"Content-Type": kind})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


def test_each_wrong_field_is_named(client: httpx.Client) -> None:
    sent = {"question": 7, "k": 0, "history": [{"role": "user", "content": None}]}
    body = client.post("/v1/ask", json=sent).json()
    assert body["type"] == "urn:footnote:problem:invalid-request"
    assert [one["field"] for one in body["errors"]] == ["question", "history.0.content", "k"]


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (UnknownDocument("u"), 404, "unknown-document"),
        (UnsupportedFile("u"), 415, "unsupported-file"),
        (UnreadableFile("u"), 422, "unreadable-file"),
        (InvalidQuestion("u"), 422, "invalid-question"),
        (InvalidFilter("u"), 422, "invalid-filter"),
        (StoreBusy("u"), 503, "store-busy"),
    ],
)
def test_an_error_of_ours_keeps_its_words(error: FootnoteError, status: int, kind: str) -> None:
    assert describe_error(error) == {
        "type": f"urn:footnote:problem:{kind}",
        "title": kind.replace("-", " ").capitalize(),
        "status": status,
        "detail": "u",
    }


@pytest.mark.parametrize(
    ("error", "status"), [(StoreMismatch("/srv/secret"), 503), (ValueError("/srv/secret"), 500)]
)
def test_an_error_that_the_client_cannot_mend_keeps_its_words_to_itself(
    error: Exception, status: int
) -> None:
    members = describe_error(error)
    assert members["status"] == status
    assert "secret" not in str(members)


class Failing(Assistant):
    """An assistant whose search raises."""

    def __init__(self, index: Index, error: Exception) -> None:
        self.index = index
        self.error = error

    def search(self, query: str, **options: object) -> list[object]:  # type: ignore[override]
        raise self.error


def test_a_busy_store_asks_to_try_again(serve: Callable[..., str], index: Index) -> None:
    address = serve(Failing(index, StoreBusy("another process is writing")))
    response = httpx.post(f"{address}/v1/search", json={"query": "lamp"})
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert response.json()["detail"] == "another process is writing"


def test_a_store_made_anew_meanwhile_asks_for_a_restart(
    serve: Callable[..., str], index: Index
) -> None:
    address = serve(Failing(index, StoreMismatch("/srv/secret")))
    response = httpx.post(f"{address}/v1/search", json={"query": "lamp"})
    assert response.status_code == 503
    assert response.json()["type"] == "urn:footnote:problem:store-mismatch"
    assert "start `footnote serve` again" in response.json()["detail"]
    assert "secret" not in response.text


def test_an_unforeseen_error_tells_nothing_of_the_inside(
    serve: Callable[..., str], index: Index
) -> None:
    address = serve(Failing(index, ValueError("/srv/secret")))
    response = httpx.post(f"{address}/v1/search", json={"query": "lamp"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert httpx.get(f"{address}/health").status_code == 200
