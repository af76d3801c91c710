"""What a request leaves behind: an id, an access line, an audit line; and how often one may ask."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.access.audit import AuditLog
from api.access.caller import LOCAL, Caller
from api.access.keys import Keys
from api.access.role import Role
from api.http.rates import Rates
from api.http.trail import REQUEST_ID, Trail
from index.errors import InvalidSetting
from rag.assistant import Assistant
from rag.settings import Settings

get = partial(httpx.get, timeout=120)
post = partial(httpx.post, timeout=120)
delete = partial(httpx.delete, timeout=120)
NOTE = {"uri": "n1", "title": "Lamps", "text": "Ada kept the light."}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def empty(scripted: Callable[..., Assistant]) -> Assistant:
    return scripted(iter(()))


def test_a_request_keeps_its_id_or_gets_one(serve: Callable[..., str], empty: Assistant) -> None:
    address = serve(empty)
    for path in ("/health", "/nowhere", "/static/page.js", "/v1/models/nothing"):
        given = get(address + path, headers={REQUEST_ID: "abc-123"})
        assert given.headers[REQUEST_ID] == "abc-123"
    ids = {get(f"{address}/health").headers[REQUEST_ID] for _ in range(3)}
    assert len(ids) == 3
    for odd in ("", "a b", "x" * 129, "a\tb", "<script>"):
        made = get(f"{address}/health", headers={REQUEST_ID: odd}).headers[REQUEST_ID]
        assert len(made) == 32
    stranger = get(f"{address}/health", headers={"Host": "evil.example"})
    assert len(stranger.headers[REQUEST_ID]) == 32


def test_an_error_that_nobody_foresaw_can_be_found_by_its_id(
    serve: Callable[..., str], empty: Assistant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    audit = tmp_path / "audit.jsonl"
    address = serve(empty, audit_log=audit)

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(empty.index, "stored", broken)
    failed = get(f"{address}/v1/documents/x", headers={REQUEST_ID: "abc"})
    assert (failed.status_code, failed.headers[REQUEST_ID]) == (500, "abc")
    assert [(line["request_id"], line["status"]) for line in lines(audit)] == [("abc", 500)]


def test_the_audit_log_says_who_did_what_and_nothing_of_documents(
    serve: Callable[..., str], empty: Assistant, settings: Settings, tmp_path: Path
) -> None:
    audit = tmp_path / "logs" / "audit.jsonl"
    key, written = Keys(settings.store).create("ada", Role.EDITOR)
    address = serve(empty, audit_log=audit)
    held = {"Authorization": f"Bearer {written}", REQUEST_ID: "r1"}
    (added,) = post(f"{address}/v1/documents", json=NOTE, headers=held).json()["documents"]
    post(f"{address}/v1/feedback", json={"question": "secret words", "rating": "up"}, headers=held)
    delete(f"{address}/v1/documents/{added['id']}", headers=held)
    get(f"{address}/metrics", headers=held)
    get(f"{address}/v1/documents", headers={REQUEST_ID: "r2"})
    get(f"{address}/health", headers=held)  # needs no key
    told = [(one["who"], one["method"], one["path"], one["status"]) for one in lines(audit)]
    assert told == [
        ("ada", "POST", "/v1/documents", 201),
        ("ada", "POST", "/v1/feedback", 201),
        ("ada", "DELETE", f"/v1/documents/{added['id']}", 204),
        ("ada", "GET", "/metrics", 403),
        ("nobody", "GET", "/v1/documents", 401),
    ]
    first = lines(audit)[0]
    assert (first["key"], first["from"], first["request_id"]) == (key.id, "127.0.0.1", "r1")
    assert first["documents"] == [added["id"]]
    assert first["time"].endswith("Z")
    text = audit.read_text("utf-8")
    for kept in ("light", "Lamps", "secret", written, written[-20:]):
        assert kept not in text
    assert audit.stat().st_mode & 0o777 == 0o600


def test_a_log_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    log = AuditLog(path)
    log.note({"who": "ada"})
    path.rename(tmp_path / "old")
    log.note({"who": "bob"})
    log.close()
    assert [one["who"] for one in lines(tmp_path / "old")] == ["ada"]
    assert [one["who"] for one in lines(path)] == ["bob"]


def test_a_log_that_cannot_be_written_is_told_before_anything_is_served(
    serve: Callable[..., str], empty: Assistant, tmp_path: Path
) -> None:
    with pytest.raises(InvalidSetting, match="audit_log"):
        serve(empty, audit_log=tmp_path)


def test_access_lines_are_json(serve: Callable[..., str], empty: Assistant) -> None:
    import asyncio

    out = io.StringIO()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b"tea"})

    async def fetch(path: str) -> int:
        transport = httpx.ASGITransport(Trail(app, access=out))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return (await client.get(path, headers={REQUEST_ID: "r1"})).status_code

    assert asyncio.run(fetch("/a%0Ab?q=secret")) == 418
    (line,) = [json.loads(one) for one in out.getvalue().splitlines()]
    assert (line["request_id"], line["method"], line["path"]) == ("r1", "GET", "/a\nb")
    assert (line["status"], line["bytes"], line["who"]) == (418, 3, "nobody")
    assert line["milliseconds"] >= 0
    assert "secret" not in out.getvalue()


def test_a_key_that_asks_too_often_has_to_wait_and_others_do_not(
    serve: Callable[..., str], empty: Assistant, settings: Settings
) -> None:
    keys = Keys(settings.store)
    ada, bob = (
        {"Authorization": f"Bearer {keys.create(name, Role.READER)[1]}"} for name in ("ada", "bob")
    )
    address = serve(empty, rate_limit="3/hour")
    for _ in range(3):
        assert get(f"{address}/v1/whoami", headers=ada).status_code == 200
    refused = get(f"{address}/v1/whoami", headers=ada)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert "'ada'" in refused.json()["detail"]
    in_openais = get(f"{address}/v1/models", headers=ada)
    assert in_openais.status_code == 429
    assert "'ada'" in in_openais.json()["error"]["message"]
    assert get(f"{address}/v1/whoami", headers=bob).status_code == 200
    assert get(f"{address}/health", headers=ada).status_code == 200


def test_several_limits_hold_together_and_none_is_none() -> None:
    ada = Caller("ada", "k1", Role.READER)
    both = Rates("2/second; 3/hour")
    assert [both.seconds_left(ada) for _ in range(2)] == [0, 0]
    assert both.seconds_left(ada) == 1
    assert [Rates("").seconds_left(ada) for _ in range(5)] == [0] * 5
    assert [Rates("1/hour").seconds_left(LOCAL) for _ in range(3)] == [0] * 3


def test_what_is_no_limit_is_told() -> None:
    with pytest.raises(InvalidSetting, match="1200/minute"):
        Rates("often")
