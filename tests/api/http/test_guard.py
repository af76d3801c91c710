"""Who may ask, how much may be sent, and what a browser may do with the page."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from api.access.keys import Keys
from api.http.hosts import is_loopback, require_consent
from index.errors import InvalidSetting
from rag.assistant import Assistant
from rag.settings import Settings, read_settings

NOTE = {"uri": "n1", "text": "Ada kept the light."}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "::1", "[::1]"])
def test_loopback_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "192.168.0.7", "localhost.evil.example", "::"])
def test_names_of_other_machines(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", ""])
def test_another_origin_cannot_change_anything(client: httpx.Client, origin: str) -> None:
    response = client.post("/v1/documents", json=NOTE, headers={"Origin": origin})
    assert response.status_code == 403
    assert response.headers["content-type"] == "application/problem+json"
    assert client.delete("/v1/documents/x", headers={"Origin": origin}).status_code == 403
    assert client.get("/health", headers={"Origin": origin}).json()["documents"] == 0


def test_the_page_itself_may(client: httpx.Client) -> None:
    origin = str(client.base_url).rstrip("/")
    response = client.post("/v1/documents", json=NOTE, headers={"Origin": origin})
    assert response.status_code == 201


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "localhost.evil.example"])
def test_a_foreign_name_for_this_machine_is_refused(client: httpx.Client, host: str) -> None:
    response = client.get("/v1/documents", headers={"Host": host})
    assert response.status_code == 403
    assert host in response.json()["detail"]


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_this_machine_may_be_named_in_any_way(client: httpx.Client, host: str) -> None:
    assert client.get("/health", headers={"Host": host}).status_code == 200


OPEN = {"host": "0.0.0.0", "allow_anonymous": True}


def test_a_server_open_to_the_network_answers_to_its_own_names(
    serve: Callable[..., str], assistant: Assistant
) -> None:
    address = serve(assistant, **OPEN, allowed_hosts=("footnote.example",))
    for host in ("footnote.example", "FOOTNOTE.example:8000", "192.168.0.7:8000", "localhost"):
        assert httpx.get(f"{address}/health", headers={"Host": host}).status_code == 200
    for host in ("evil.example", "x.footnote.example", "192.168.0.7.evil.example", "[::7", ""):
        refused = httpx.get(f"{address}/health", headers={"Host": host})
        assert refused.status_code == 403
        assert "FOOTNOTE_ALLOWED_HOSTS" in refused.json()["detail"]
    headers = {"Host": "footnote.example", "Origin": "http://evil.example"}
    response = httpx.post(f"{address}/v1/documents", json=NOTE, headers=headers)
    assert response.status_code == 403
    headers = {"Host": "footnote.example", "Origin": "https://footnote.example"}
    response = httpx.post(f"{address}/v1/documents", json=NOTE, headers=headers)
    assert response.status_code == 201


def test_a_name_that_a_proxy_passes_on_is_answered_to(
    serve: Callable[..., str], assistant: Assistant
) -> None:
    address = serve(assistant, allow_anonymous=True, allowed_hosts=("footnote.example",))
    status = {
        host: httpx.get(f"{address}/health", headers={"Host": host}).status_code
        for host in ("footnote.example", "localhost:1", "192.168.0.7", "evil.example")
    }
    assert [*status.values()] == [200, 200, 403, 403]


@pytest.mark.parametrize(
    "reached",
    [
        {"host": "0.0.0.0"},
        {"host": "::"},
        {"host": "192.168.0.7"},
        {"host": "footnote.example"},
        {"allowed_hosts": ("footnote.example",)},
    ],
    ids=str,
)
def test_nobody_is_let_in_unasked_from_another_machine(
    serve: Callable[..., str],
    assistant: Assistant,
    reached: dict[str, object],
    tmp_path: Path,
) -> None:
    with pytest.raises(InvalidSetting, match="--allow-anonymous"):
        serve(assistant, **reached)
    require_consent(Settings(allow_anonymous=True, **reached), Keys(tmp_path))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_needs_no_consent(host: str, tmp_path: Path) -> None:
    require_consent(Settings(host=host, allowed_hosts=("localhost",)), Keys(tmp_path))


@pytest.mark.parametrize("name", ["http://a.example", "a.example:80", "*.example", "a b"])
def test_a_host_is_a_name_without_a_port(name: str) -> None:
    with pytest.raises(InvalidSetting, match="no host name"):
        read_settings({"allowed_hosts": [name]})
    named = read_settings({"allowed_hosts": "A.example,[::7] b_c"})
    assert named.allowed_hosts == ("a.example", "[::7]", "b_c")


@pytest.mark.parametrize(
    ("site", "status"),
    [("cross-site", 403), ("same-site", 403), ("same-origin", 201), ("none", 201)],
)
def test_a_browser_that_names_no_origin_still_says_whose_page_asks(
    client: httpx.Client, site: str, status: int
) -> None:
    headers = {"Sec-Fetch-Site": site}
    assert client.post("/v1/documents", json=NOTE, headers=headers).status_code == status
    assert client.get("/v1/documents", headers=headers).status_code == 200
    own = headers | {"Origin": str(client.base_url).rstrip("/")}
    assert client.post("/v1/documents", json=NOTE, headers=own).status_code == 201


def test_an_upload_over_the_limit_is_refused(client: httpx.Client) -> None:
    response = client.post("/v1/documents", files={"file": ("big.txt", b"x" * 2_000_001)})
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    assert "2 MB" in response.json()["detail"]


def test_an_upload_of_undeclared_length_is_refused_too(client: httpx.Client) -> None:
    chunks = (b'"' + b"x" * 100_000 for _ in range(30))
    headers = {"Content-Type": "application/json"}
    response = client.post("/v1/documents", content=chunks, headers=headers)
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


def test_a_body_is_refused_by_its_declared_length_before_it_is_sent(client: httpx.Client) -> None:
    address = urlsplit(str(client.base_url))
    with socket.create_connection((str(address.hostname), int(address.port or 0)), 30) as sender:
        head = f"POST /v1/documents HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 9000000"
        sender.sendall(f"{head}\r\nContent-Type: application/json\r\n\r\n".encode())
        assert sender.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_question_has_a_smaller_limit(client: httpx.Client) -> None:
    response = client.post("/v1/ask", json={"question": "x" * 1_000_001})
    assert response.status_code == 413
    assert "1 MB" in response.json()["detail"]


@pytest.mark.parametrize("path", ["/", "/static/page.js", "/health", "/nowhere"])
def test_every_response_binds_the_browser(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


OBSIDIAN, LOCAL = "app://obsidian.md", "http://localhost:3000"
ASKS = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


def test_pages_of_an_allowed_origin_may_ask(
    serve: Callable[..., str], assistant: Assistant
) -> None:
    address = serve(assistant, allowed_origins=(LOCAL, OBSIDIAN))
    for origin in (LOCAL, OBSIDIAN):
        asked = httpx.options(f"{address}/v1/documents", headers={"Origin": origin, **ASKS})
        assert asked.status_code == 200
        assert asked.headers["access-control-allow-origin"] == origin
        assert "POST" in asked.headers["access-control-allow-methods"]
        assert "authorization" in asked.headers["access-control-allow-headers"].lower()
        done = httpx.post(f"{address}/v1/documents", json=NOTE, headers={"Origin": origin})
        assert done.status_code == 201
        assert done.headers["access-control-allow-origin"] == origin
        wrong = httpx.post(f"{address}/v1/embeddings", json={}, headers={"Origin": origin})
        assert wrong.status_code == 400
        assert wrong.headers["access-control-allow-origin"] == origin
    for origin in ("http://localhost:3001", "http://evil.example", "null"):
        asked = httpx.options(f"{address}/v1/documents", headers={"Origin": origin, **ASKS})
        assert "access-control-allow-origin" not in asked.headers
        done = httpx.post(f"{address}/v1/documents", json=NOTE, headers={"Origin": origin})
        assert done.status_code == 403
        assert "access-control-allow-origin" not in done.headers


def test_no_origin_is_allowed_by_default(client: httpx.Client) -> None:
    for headers in ({"Origin": LOCAL}, {"Origin": LOCAL, **ASKS}):
        asked = client.options("/v1/chat/completions", headers=headers)
        assert asked.status_code == 405
        assert not [name for name in asked.headers if name.startswith("access-control")]
    assert (
        "FOOTNOTE_ALLOWED_ORIGINS"
        in client.post("/v1/documents", json=NOTE, headers={"Origin": LOCAL}).json()["detail"]
    )
