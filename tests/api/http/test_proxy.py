"""People whom a reverse proxy signed in, and those who only say so."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.access.keys import Keys
from api.access.role import Role
from index.errors import InvalidSetting
from rag.assistant import Assistant
from rag.settings import Settings, read_settings

get = partial(httpx.get, timeout=120)
post = partial(httpx.post, timeout=120)
ROLES = "admins=admin; staff=editor; hr=reader:pay; *=reader:handbook"
PROXIED: dict[str, Any] = {"proxy_networks": ("127.0.0.1",), "group_roles": ROLES}
ELSEWHERE: dict[str, Any] = {"proxy_networks": ("10.0.0.0/8", "::1"), "group_roles": ROLES}
NOTE = {"uri": "n1", "text": "Ada kept the light."}
Sent = Sequence[tuple[str, str]]


@pytest.fixture
def empty(scripted: Callable[..., Assistant]) -> Assistant:
    return scripted(iter(()))


def signed(user: str, groups: str = "") -> Sent:
    return [("X-Forwarded-User", user), ("X-Forwarded-Groups", groups)]


@pytest.mark.parametrize(
    ("groups", "role", "collections", "adding"),
    [
        ("admins", "admin", None, 201),
        ("others, staff", "editor", None, 201),
        ("hr", "reader", ["handbook", "pay"], 403),
        ("", "reader", ["handbook"], 403),
    ],
)
def test_the_headers_of_the_proxy_say_who_asks_and_what_they_may(
    serve: Callable[..., str],
    empty: Assistant,
    groups: str,
    role: str,
    collections: list[str] | None,
    adding: int,
) -> None:
    address = serve(empty, **PROXIED)
    assert get(f"{address}/v1/whoami", headers=signed("ada", groups)).json() == {
        "name": "ada",
        "role": role,
        "collections": collections,
        "expires_at": None,
        "needs_key": True,
        "via": "proxy",
        "csrf_token": None,
    }
    added = post(f"{address}/v1/documents", json=NOTE, headers=signed("ada", groups))
    assert added.status_code == adding
    metrics = get(f"{address}/metrics", headers=signed("ada", groups))
    assert metrics.status_code == (200 if role == "admin" else 403)


@pytest.mark.parametrize(
    ("settings_of", "sent", "why"),
    [
        (ELSEWHERE, signed("ada", "admins"), "proxy_networks does not name"),
        (
            ELSEWHERE,
            [*signed("ada", "admins"), ("X-Forwarded-For", "10.0.0.1")],
            "proxy_networks does not name",
        ),
        (ELSEWHERE, [*signed("ada", "admins"), ("X-Real-IP", "10.0.0.1")], "does not name"),
        (PROXIED, [*signed("eve", "admins"), ("X-Forwarded-User", "ada")], "once"),
        (PROXIED, [*signed("eve", "staff"), ("x-forwarded-groups", "admins")], "once"),
        (PROXIED, signed("eve, ada", "admins"), "not one name"),
        (PROXIED, signed("", "admins"), "not one name"),
        (PROXIED, signed("x" * 201, "admins"), "not one name"),
        (PROXIED, [("X-Forwarded-Groups", "admins")], "once"),
    ],
)
def test_what_cannot_be_believed_opens_nothing_and_is_told_in_the_log(
    serve: Callable[..., str],
    empty: Assistant,
    caplog: pytest.LogCaptureFixture,
    settings_of: dict[str, Any],
    sent: Sent,
    why: str,
) -> None:
    address = serve(empty, **settings_of)
    with caplog.at_level(logging.WARNING, "api.access.proxy"):
        assert get(f"{address}/v1/documents", headers=sent).status_code == 401
        assert get(f"{address}/health", headers=sent).json()["documents"] is None
    told = [one.getMessage() for one in caplog.records]
    assert len(told) == 2
    assert "127.0.0.1 were not believed" in told[0]
    assert why in told[0]


@pytest.mark.parametrize(
    "sent",
    [
        [],
        [("X_Forwarded_User", "ada"), ("X_Forwarded_Groups", "admins")],
        [("X-Auth-Request-User", "ada"), ("Remote-User", "ada"), ("Remote-Groups", "admins")],
        [("Authorization", "Basic YWRhOmJyYW5kdA==")],
        [("Cookie", "X-Forwarded-User=ada; footnote-session=ada")],
    ],
)
def test_other_headers_are_nobodys(serve: Callable[..., str], empty: Assistant, sent: Sent) -> None:
    assert get(f"{serve(empty, **PROXIED)}/v1/documents", headers=sent).status_code == 401


def test_a_name_that_is_no_utf8_is_not_believed(
    serve: Callable[..., str], empty: Assistant
) -> None:
    address = serve(empty, **PROXIED)
    for name, status in (("Zoë".encode(), 200), ("Zoë".encode("latin-1"), 401)):
        headers = [(b"X-Forwarded-User", name), (b"X-Forwarded-Groups", b"admins")]
        assert get(f"{address}/v1/whoami", headers=headers).status_code == status


def test_a_key_counts_before_the_headers(
    serve: Callable[..., str], empty: Assistant, settings: Settings
) -> None:
    keys = Keys(settings.store)
    _, written = keys.create("reports", Role.READER)
    address = serve(empty, **PROXIED)
    both = [("Authorization", f"Bearer {written}"), *signed("ada", "admins")]
    assert get(f"{address}/v1/whoami", headers=both).json()["name"] == "reports"
    assert get(f"{address}/metrics", headers=both).status_code == 403
    assert get(f"{address}/v1/whoami", headers=signed("ada")).json()["name"] == "ada"
    keys.revoke("reports")
    assert get(f"{address}/v1/whoami", headers=both).status_code == 401


def test_headers_open_nothing_where_no_proxy_is_named(
    serve: Callable[..., str], empty: Assistant, settings: Settings
) -> None:
    Keys(settings.store).create("reports", Role.READER)
    address = serve(empty, group_roles=ROLES)
    assert get(f"{address}/v1/documents", headers=signed("ada", "admins")).status_code == 401


def test_nobody_is_local_where_a_proxy_signs_in(
    serve: Callable[..., str], empty: Assistant
) -> None:
    address = serve(empty, **PROXIED)
    assert get(f"{address}/v1/documents").status_code == 401
    assert get(f"{address}/v1/documents", headers=signed("ada", "staff")).status_code == 200


def test_who_is_in_no_group_is_told_so(serve: Callable[..., str], empty: Assistant) -> None:
    address = serve(empty, proxy_networks=("127.0.0.0/8",), group_roles="admins=admin")
    refused = get(f"{address}/v1/documents", headers=signed("eve", "guests"))
    assert refused.status_code == 403
    assert "User 'eve' is signed in, but in no group" in refused.json()["detail"]


def test_a_reader_sees_the_collections_of_the_groups_alone(
    serve: Callable[..., str], assistant: Assistant
) -> None:
    address = serve(assistant, **PROXIED)
    for uri, collection in (("pay.txt", "pay"), ("rules.txt", "handbook"), ("secret.txt", "board")):
        note = {"uri": uri, "text": f"What stands in {uri}.", "collection": collection}
        assert post(f"{address}/v1/documents", json=note, headers=signed("x", "staff")).is_success
    for groups, uris in (("hr", {"pay.txt", "rules.txt"}), ("", {"rules.txt"})):
        listed = get(f"{address}/v1/documents", headers=signed("ada", groups)).json()["documents"]
        assert {each["uri"] for each in listed} == uris
        asked = {"query": "What stands in secret.txt?", "k": 10}
        found = post(f"{address}/v1/search", json=asked, headers=signed("ada", groups)).json()
        assert {each["uri"] for each in found["passages"]} == uris


def test_a_page_elsewhere_cannot_write_for_who_is_signed_in(
    serve: Callable[..., str], empty: Assistant
) -> None:
    address = serve(empty, **PROXIED)
    for foreign in (("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")):
        sent = [*signed("ada", "admins"), foreign]
        assert post(f"{address}/v1/documents", json=NOTE, headers=sent).status_code == 403


def test_people_are_limited_and_written_down_as_keys_are(
    serve: Callable[..., str], empty: Assistant, tmp_path: Path
) -> None:
    audit = tmp_path / "audit.jsonl"
    address = serve(empty, audit_log=audit, rate_limit="2/minute", **PROXIED)
    sent = [*signed("ada", "admins"), ("X-Forwarded-For", "192.0.2.7")]
    statuses = [get(f"{address}/v1/documents", headers=sent).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert get(f"{address}/v1/documents", headers=signed("bob", "staff")).status_code == 200
    lines = [json.loads(line) for line in audit.read_text("utf-8").splitlines()]
    told = [(one["who"], one["via"], one["key"], one["from"], one["status"]) for one in lines]
    assert told[0] == ("ada", "proxy", None, "192.0.2.7", 200)
    assert [one[-1] for one in told] == [200, 200, 429, 200]


def test_a_server_that_others_reach_may_start_with_it(
    serve: Callable[..., str], empty: Assistant
) -> None:
    address = serve(empty, host="0.0.0.0", allowed_hosts=("docs.example.org",), **PROXIED)
    assert get(f"{address}/v1/documents").status_code == 401


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"group_roles": ""}, "group_roles is empty"),
        ({"proxy_groups_header": "x-forwarded-user"}, "name two headers"),
    ],
)
def test_what_would_let_nobody_in_is_told_before_anything_is_served(
    serve: Callable[..., str], empty: Assistant, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(InvalidSetting, match=why):
        serve(empty, **{**PROXIED, **changes})


@pytest.mark.parametrize("written", ["0.0.0.0/0", "::/0", "10.0.0.1/8", "proxy.example.org", "*"])
def test_a_network_is_named_and_is_not_everyone(written: str) -> None:
    with pytest.raises(InvalidSetting, match="proxy_networks"):
        read_settings({"proxy_networks": written})


def test_networks_are_read_from_one_line() -> None:
    read = read_settings({"proxy_networks": "127.0.0.1, 10.0.0.0/24 fd00::/8"})
    assert read.proxy_networks == ("127.0.0.1", "10.0.0.0/24", "fd00::/8")
