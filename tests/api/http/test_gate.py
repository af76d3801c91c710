"""Who may do what: a table, each cell of which is a request to a real server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from support import WordEmbedder, make_document

from api.access.keys import Keys
from api.access.role import Role
from api.access.roles import NEEDED
from rag.assistant import Assistant
from rag.open_index import open_index
from rag.read.evidence_reader import EvidenceReader
from rag.settings import Settings
from rag.write.answerer import ExtractiveAnswerer

get = partial(httpx.get, timeout=120)
QUESTION = {"question": "Who kept the light?"}
CHAT = {"model": "footnote", "messages": [{"role": "user", "content": "Who kept the light?"}]}
WHO = ("nobody", "reader", "editor", "admin")

# method, path, body, and the status for nobody, a reader, an editor and an admin
ROWS: list[tuple[str, str, Any, tuple[int, int, int, int]]] = [
    ("GET", "/", None, (200, 200, 200, 200)),
    ("GET", "/static/page.js", None, (200, 200, 200, 200)),
    ("GET", "/openapi.json", None, (200, 200, 200, 200)),
    ("GET", "/health", None, (200, 200, 200, 200)),
    ("GET", "/ready", None, (200, 200, 200, 200)),
    ("GET", "/sign-in", None, (404, 404, 404, 404)),
    ("GET", "/sign-in/done", None, (404, 404, 404, 404)),
    ("POST", "/v1/sign-out", None, (404, 404, 404, 404)),
    ("GET", "/metrics", None, (401, 403, 403, 200)),
    ("GET", "/v1/whoami", None, (401, 200, 200, 200)),
    ("GET", "/v1/documents", None, (401, 200, 200, 200)),
    ("POST", "/v1/documents", {"uri": "new", "text": "Ants."}, (401, 403, 201, 201)),
    ("GET", "/v1/documents/ID", None, (401, 200, 200, 200)),
    ("GET", "/v1/documents/ID/text", None, (401, 200, 200, 200)),
    ("GET", "/v1/documents/ID/original", None, (401, 404, 404, 404)),
    ("GET", "/v1/documents/ID/pages/1.png", None, (401, 404, 404, 404)),
    ("GET", "/v1/documents/ID/rectangles?start=0&end=3", None, (401, 404, 404, 404)),
    ("DELETE", "/v1/documents/nothing", None, (401, 403, 404, 404)),
    ("GET", "/v1/collections", None, (401, 200, 200, 200)),
    ("GET", "/v1/collections/nothing", None, (401, 404, 404, 404)),
    ("POST", "/v1/collections/nothing", {"add": []}, (401, 403, 404, 404)),
    ("POST", "/v1/collections", {"name": "?"}, (401, 403, 422, 422)),
    ("DELETE", "/v1/collections/nothing", None, (401, 403, 404, 404)),
    ("GET", "/v1/quotas", None, (401, 403, 403, 200)),
    ("POST", "/v1/quotas", {"collection": "none", "documents": 9}, (401, 403, 403, 200)),
    ("GET", "/v1/tree", None, (401, 200, 200, 200)),
    ("POST", "/v1/documents/remove", {"documents": ["0"]}, (401, 403, 404, 404)),
    ("POST", "/v1/documents/reread", {"documents": ["0"]}, (401, 403, 404, 404)),
    ("POST", "/v1/undo/nothing", None, (401, 403, 404, 404)),
    ("GET", "/v1/settings", None, (401, 403, 403, 200)),
    ("POST", "/v1/settings", {}, (401, 403, 403, 200)),
    ("POST", "/v1/settings/servers", None, (401, 403, 403, 200)),
    (
        "POST",
        "/v1/settings/try",
        {"url": "http://192.0.2.7/v1", "model": "m"},
        (401, 403, 403, 422),
    ),
    ("GET", "/v1/places?query=a", None, (401, 200, 200, 200)),
    ("GET", "/v1/folders", None, (401, 403, 200, 200)),
    ("GET", "/v1/jobs", None, (401, 403, 200, 200)),
    ("GET", "/v1/jobs/nothing", None, (401, 403, 404, 404)),
    ("DELETE", "/v1/jobs/nothing", None, (401, 403, 404, 404)),
    ("POST", "/v1/search", {"query": "light"}, (401, 200, 200, 200)),
    ("POST", "/v1/ask", QUESTION, (401, 200, 200, 200)),
    ("POST", "/v1/ask", {**QUESTION, "stream": True}, (401, 200, 200, 200)),
    ("POST", "/v1/chat/completions", CHAT, (401, 200, 200, 200)),
    ("POST", "/v1/completions", {"model": "footnote", "prompt": "Who?"}, (401, 200, 200, 200)),
    ("POST", "/v1/responses", {"model": "footnote", "input": "Who?"}, (401, 200, 200, 200)),
    ("POST", "/v1/embeddings", {"model": "footnote", "input": "a"}, (401, 200, 200, 200)),
    ("POST", "/v1/feedback", {"question": "Who?", "rating": "up"}, (401, 201, 201, 201)),
    ("GET", "/v1/feedback", None, (401, 403, 403, 200)),
    ("GET", "/v1/models", None, (401, 200, 200, 200)),
    ("GET", "/v1/models/footnote", None, (401, 200, 200, 200)),
    ("GET", "/nowhere", None, (401, 404, 404, 404)),
    ("PUT", "/v1/documents", {}, (401, 404, 404, 405)),
]


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory,
    reader: EvidenceReader,
    server: Callable[[Assistant, Settings], AbstractContextManager[str]],
) -> Iterator[dict[str, str]]:
    """A server with keys: its address, the id of its document, a key of each role."""
    settings = Settings(store=tmp_path_factory.mktemp("gate") / "store")
    index = open_index(settings)
    index.embedder = WordEmbedder(dim=index.embedder.dim)
    text = "Ada Brandt kept the light."
    (added,) = index.add([make_document("keeper.txt", text, "The keeper")])
    assistant = Assistant(index, reader, [ExtractiveAnswerer()], settings)
    keys = Keys(settings.store)
    held = {role.value: keys.create(role.value, role)[1] for role in Role}
    with server(assistant, settings) as address:
        yield {"address": address, "id": added.document_id, "nobody": "", **held}
    index.close()


def send(place: dict[str, str], who: str, method: str, path: str, body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {place[who]}"} if place[who] else {}
    url = place["address"] + path.replace("ID", place["id"])
    return httpx.request(method, url, json=body, headers=headers, timeout=120)


CELLS = [
    pytest.param(who, method, path, body, status, id=f"{who} {method} {path} {number}")
    for number, (method, path, body, statuses) in enumerate(ROWS)
    for who, status in zip(WHO, statuses, strict=True)
]


@pytest.mark.parametrize(("who", "method", "path", "body", "status"), CELLS)
def test_who_may_do_what(
    place: dict[str, str], who: str, method: str, path: str, body: Any, status: int
) -> None:
    response = send(place, who, method, path, body)
    assert response.status_code == status
    if status in (401, 403):
        said = response.json()
        detail = said["error"]["message"] if "error" in said else said["detail"]
        assert "key" in detail
        assert ("www-authenticate" in response.headers) is (status == 401)


def test_every_route_has_its_rows(place: dict[str, str]) -> None:
    described = send(place, "nobody", "GET", "/openapi.json", None).json()["paths"]
    served = {(path, method.upper()) for path, methods in described.items() for method in methods}
    shown = {
        ("/sign-in", "GET"),
        ("/sign-in/done", "GET"),
        ("/", "GET"),
        ("/static/{path:path}", "GET"),
        ("/openapi.json", "GET"),
    }
    named = {
        (path.replace(":path", "") if path.startswith("/v1") else path, method)
        for path, methods in NEEDED.items()
        for method in methods
    }
    assert named == served | shown
    tried = {
        path.partition("?")[0]
        .replace("ID", "{document_id}")
        .replace("documents/nothing", "documents/{document_id}")
        .replace("pages/1", "pages/{page}")
        for _, path, _, _ in ROWS
    }
    for path, _ in served:
        one = path.replace("{job_id}", "nothing").replace("{model}", "footnote")
        one = one.replace("{name}", "nothing").replace("{undo}", "nothing")
        assert one in tried


@pytest.mark.parametrize(
    "sent",
    [
        "Bearer",
        "Bearer x",
        "Bearer fnk_000000000000_" + "x" * 43,
        "Basic YWRhOmJyYW5kdA==",
        "Bearer \N{LATIN SMALL LETTER U WITH DIAERESIS}",
    ],
)
def test_what_is_no_key_is_refused_in_one_way(place: dict[str, str], sent: str) -> None:
    headers = {"Authorization": sent.encode()}
    response = get(f"{place['address']}/v1/documents", headers=headers)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert "footnote" in response.headers["www-authenticate"]


def test_it_is_asked_before_the_body_is_read(place: dict[str, str]) -> None:
    host, port = place["address"].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 60) as sender:
        head = f"POST /v1/documents HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000000\r\n\r\n"
        sender.sendall(head.encode())
        assert sender.recv(100).startswith(b"HTTP/1.1 401 ")


def test_how_much_there_is_is_told_to_whom_it_is_open(place: dict[str, str]) -> None:
    told = send(place, "reader", "GET", "/health", None).json()
    assert told["documents"] >= 1
    kept = send(place, "nobody", "GET", "/health", None).json()
    assert kept == {"status": "ok", "documents": None, "chunks": None}


def test_a_holder_is_told_what_the_key_opens(place: dict[str, str]) -> None:
    assert send(place, "editor", "GET", "/v1/whoami", None).json() == {
        "name": "editor",
        "role": "editor",
        "collections": None,
        "expires_at": None,
        "needs_key": True,
        "via": "key",
        "csrf_token": None,
    }


def test_openais_client_sends_the_key_as_its_own(place: dict[str, str]) -> None:
    client = openai.OpenAI(base_url=f"{place['address']}/v1", api_key=place["reader"])
    done = client.chat.completions.create(**CHAT)  # type: ignore[call-overload]
    assert done.choices[0].message.content
    stranger = openai.OpenAI(base_url=f"{place['address']}/v1", api_key="x", max_retries=0)
    with pytest.raises(openai.AuthenticationError, match="expired"):
        stranger.models.list()


def test_a_server_heeds_keys_that_are_made_and_revoked_meanwhile(
    serve: Callable[..., str], scripted: Callable[..., Assistant], settings: Settings
) -> None:
    address, keys = serve(scripted(iter(()))), Keys(settings.store)

    def status(written: str = "") -> int:
        headers = {"Authorization": f"Bearer {written}"} if written else {}
        return get(f"{address}/v1/documents", headers=headers).status_code

    assert get(f"{address}/v1/whoami").json()["needs_key"] is False
    assert status() == 200
    _, first = keys.create("ada", Role.READER)
    assert (status(), status(first)) == (401, 200)
    _, second = keys.rotate("ada")
    assert (status(first), status(second)) == (401, 200)
    keys.revoke("ada")
    assert (status(), status(second)) == (401, 401)


def test_a_server_with_a_key_may_be_reached_by_others(
    serve: Callable[..., str], scripted: Callable[..., Assistant], settings: Settings
) -> None:
    Keys(settings.store).create("ada", Role.READER)
    address = serve(scripted(iter(())), host="0.0.0.0")
    assert get(f"{address}/v1/documents").status_code == 401


def test_damaged_keys_let_nobody_in(
    serve: Callable[..., str], scripted: Callable[..., Assistant], settings: Settings
) -> None:
    keys = Keys(settings.store)
    _, written = keys.create("ada", Role.ADMIN)
    address = serve(scripted(iter(())))
    (Path(settings.store) / "keys.sqlite3").write_bytes(b"damaged" * 100)
    headers = {"Authorization": f"Bearer {written}"}
    response = get(f"{address}/v1/documents", headers=headers)
    assert response.status_code == 503
    assert response.json()["type"] == "urn:footnote:problem:store-unusable"
    assert get(f"{address}/health").status_code == 200


def test_mcp_over_http_asks_for_a_key_too(
    assistant: Assistant, settings: Settings, tmp_path: Path
) -> None:
    from api.mcp.server import create_mcp, http_app

    _, written = Keys(settings.store).create("ada", Role.READER)
    app = http_app(create_mcp(assistant), settings)
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}

    async def statuses() -> list[int]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        base = "http://localhost"
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            refused = await client.post("/mcp", json=ping)
            elsewhere = await client.get(
                "/elsewhere", headers={"Authorization": f"Bearer {written}"}
            )
            return [refused.status_code, elsewhere.status_code]

    assert asyncio.run(statuses()) == [401, 404]
