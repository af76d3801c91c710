"""People who sign in at an OpenID Connect provider, which runs here, and those who only say so."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import SecretStr
from support_oidc import CLIENT, SECRET, Oidc, foreign_key, providing, shared_key

from api.access.keys import Keys
from api.access.role import Role
from api.access.seal import Seal
from api.http.languages import languages
from index.errors import InvalidSetting, NotInstalled
from rag.assistant import Assistant
from rag.settings import Settings, read_settings

ROLES = "admins=admin; staff=editor; hr=reader:pay"
NOTE = {"uri": "n1", "text": "Ada kept the light."}
Change = Callable[[Oidc], None]


@pytest.fixture
def oidc() -> Iterator[Oidc]:
    with providing() as oidc:
        yield oidc


def signing_in(oidc: Oidc, **others: Any) -> dict[str, Any]:
    """The settings of a server whose people sign in there."""
    return {
        "oidc_issuer": oidc.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SecretStr(SECRET),
        "group_roles": ROLES,
        **others,
    }


@pytest.fixture
def browser(
    serve: Callable[..., str], scripted: Callable[..., Assistant], oidc: Oidc
) -> Iterator[httpx.Client]:
    """Nobody's yet, at a server where people sign in."""
    address = serve(scripted(iter(())), **signing_in(oidc))
    with httpx.Client(base_url=address, timeout=120) as browser:
        yield browser


def go(browser: httpx.Client, address: str = "/sign-in") -> httpx.Response:
    """Where all redirects lead."""
    return browser.get(address, follow_redirects=True)


def way_back(browser: httpx.Client) -> str:
    """To the provider, and to the address that it sends the browser back to."""
    return browser.get(browser.get("/sign-in").headers["location"]).headers["location"]


def whoami(browser: httpx.Client) -> httpx.Response:
    return browser.get("/v1/whoami")


def post(browser: httpx.Client, path: str = "/v1/documents", **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return browser.post(path, json=NOTE, headers=sent)


def test_who_signs_in_is_known_with_the_role_of_their_groups(browser: httpx.Client) -> None:
    assert whoami(browser).status_code == 401
    assert "/sign-in" in whoami(browser).json()["detail"]
    arrived = go(browser)
    assert (arrived.status_code, arrived.url.path) == (200, "/")
    known = whoami(browser).json()
    assert (known["name"], known["role"], known["collections"]) == ("ada", "editor", None)
    assert (known["via"], known["needs_key"]) == ("session", True)
    assert known["expires_at"].endswith("Z")
    assert len(known["csrf_token"]) >= 32
    assert browser.get("/v1/documents").status_code == 200
    assert browser.get("/metrics").status_code == 403


def test_the_cookies_are_for_this_server_and_no_script(browser: httpx.Client, oidc: Oidc) -> None:
    begun = browser.get("/sign-in")
    attempt = SimpleCookie(begun.headers["set-cookie"])["footnote_attempt"]
    assert (attempt["httponly"], attempt["samesite"], attempt["path"]) == (True, "lax", "/")
    assert int(attempt["max-age"]) == 600
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["redirect_uri"] == [f"{str(browser.base_url).rstrip('/')}/sign-in/done"]
    back = browser.get(browser.get(begun.headers["location"]).headers["location"])
    session, ended = (SimpleCookie(one) for one in back.headers.get_list("set-cookie"))
    kept = session["footnote_session"]
    assert (kept["httponly"], kept["samesite"], kept["path"]) == (True, "strict", "/")
    assert (int(kept["max-age"]), kept["domain"], kept["secure"]) == (8 * 3600, "", "")
    assert ended["footnote_attempt"]["max-age"] == "0"
    assert back.headers["location"] == "/"


def test_over_https_no_other_host_can_set_the_cookies(
    serve: Callable[..., str], scripted: Callable[..., Assistant], oidc: Oidc
) -> None:
    base = "https://docs.example.org"
    changes = signing_in(oidc, oidc_redirect_base=base, allowed_hosts=("docs.example.org",))
    address = serve(scripted(iter(())), **changes)
    elsewhere = httpx.get(f"{address}/sign-in", timeout=120)
    assert elsewhere.headers["location"] == f"{base}/sign-in"
    assert "set-cookie" not in elsewhere.headers
    named = {"Host": "docs.example.org"}
    begun = httpx.get(f"{address}/sign-in", headers=named, timeout=120)
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["redirect_uri"] == [f"{base}/sign-in/done"]
    attempt = SimpleCookie(begun.headers["set-cookie"])["__Host-footnote_attempt"]
    assert attempt["secure"] is True
    held = {"__Host-footnote_attempt": attempt.value}
    location = httpx.get(begun.headers["location"]).headers["location"]
    back = location.replace(base, address)
    done = httpx.get(back, headers=named, cookies=held, timeout=120)
    kept_cookie, _ = done.headers.get_list("set-cookie")
    session = SimpleCookie(kept_cookie)["__Host-footnote_session"]
    assert session["secure"] is True
    kept = {"__Host-footnote_session": session.value}
    assert httpx.get(f"{address}/v1/whoami", headers=named, cookies=kept).status_code == 200
    bare = {"footnote_session": session.value}
    assert httpx.get(f"{address}/v1/whoami", headers=named, cookies=bare).status_code == 401


def test_what_is_written_by_the_cookie_needs_the_token(browser: httpx.Client) -> None:
    go(browser)
    token = whoami(browser).json()["csrf_token"]
    for refused in (post(browser), post(browser, X_CSRF_Token="x" * len(token))):
        assert refused.status_code == 403
        assert "X-CSRF-Token" in refused.json()["detail"]
    assert browser.delete("/v1/documents/nothing").status_code == 403
    search = {"query": "light"}
    assert browser.post("/v1/search", json=search).status_code == 403
    foreign = {"X-CSRF-Token": token, "Origin": "https://evil.example"}
    assert browser.post("/v1/documents", json=NOTE, headers=foreign).status_code == 403
    assert browser.get("/v1/documents").json()["documents"] == []
    assert post(browser, X_CSRF_Token=token).status_code == 201


def test_another_session_has_another_token(browser: httpx.Client) -> None:
    go(browser)
    first = whoami(browser).json()["csrf_token"]
    go(browser)
    assert post(browser, X_CSRF_Token=first).status_code == 403


def test_who_signs_out_is_nobody_here_and_can_be_so_at_the_provider(
    browser: httpx.Client, oidc: Oidc
) -> None:
    go(browser)
    out = browser.post("/v1/sign-out", json={})
    base = str(browser.base_url).rstrip("/")
    back = urlencode({"client_id": CLIENT, "post_logout_redirect_uri": f"{base}/"})
    assert out.json() == {"url": f"{oidc.issuer}/end?from=here&{back}"}
    assert "footnote_session" not in browser.cookies
    assert whoami(browser).status_code == 401


def _as(**changes: Any) -> Change:
    def change(oidc: Oidc) -> None:
        for name, value in changes.items():
            setattr(oidc, name, value)

    return change


def _with(**claims: Any) -> Change:
    return _as(claims=claims)


def _signed_by(kid: str) -> Change:
    return lambda oidc: setattr(oidc, "signs_with", foreign_key(kid))


def _signed_with_the_secret(oidc: Oidc) -> None:
    oidc.signs_with, oidc.algorithm = shared_key(oidc), "HS256"


@pytest.mark.parametrize(
    ("change", "status", "why"),
    [
        (_with(nonce="another"), 401, "nonce"),
        (_with(nonce=None), 401, "nonce"),
        (_with(aud="another"), 401, "aud"),
        (_with(aud=["another", "third"], azp=CLIENT), 401, "aud"),
        (_with(aud=[CLIENT, "another"], azp="another"), 401, "azp"),
        (_with(aud=None), 401, "aud"),
        (_with(iss="https://evil.example"), 401, "iss"),
        (_with(exp=int(time.time()) - 300), 401, "expired"),
        (_with(exp=None), 401, "exp"),
        (_with(iat=int(time.time()) + 7200), 401, "future"),
        (_with(sub=None), 401, "sub"),
        (_with(sub=""), 401, "sub"),
        (_with(at_hash="another"), 401, "at_hash"),
        (_signed_by("one"), 401, "signature"),
        (_signed_by("two"), 401, "does not hold"),
        (_as(algorithm="none"), 401, "not allowed"),
        (_signed_with_the_secret, 401, "not allowed"),
        (_as(gives_token=False), 401, "no ID token"),
        (_as(error="access_denied"), 401, "access_denied"),
        (_as(person={"sub": "u-1"}, told={"sub": "u-2", "groups": ["admins"]}), 401, "else"),
        (_with(groups=["others"]), 403, "in no group"),
        (_with(groups=[]), 403, "in no group"),
        (_with(groups={"staff": True}), 403, "in no group"),
        (_with(groups="staffers"), 403, "in no group"),
    ],
)
def test_what_the_provider_says_must_hold(
    browser: httpx.Client,
    oidc: Oidc,
    caplog: pytest.LogCaptureFixture,
    change: Change,
    status: int,
    why: str,
) -> None:
    change(oidc)
    refused = go(browser)
    assert refused.status_code == status
    assert "You are not signed in" in refused.text
    assert why in caplog.text
    assert "footnote_session" not in browser.cookies
    assert whoami(browser).status_code == 401


def test_an_answer_to_another_attempt_signs_nobody_in(browser: httpx.Client) -> None:
    before = way_back(browser)
    now = way_back(browser)
    assert go(browser, before).status_code == 401  # the state is not the last one
    assert whoami(browser).status_code == 401
    now = way_back(browser)
    assert go(browser, now.replace("state=", "state=x")).status_code == 401
    now = way_back(browser)
    code = parse_qs(urlsplit(before).query)["code"][0]
    swapped = urlsplit(now)._replace(
        query=urlencode(
            {"code": code, "state": parse_qs(urlsplit(now).query)["state"][0]},
        )
    )
    assert go(browser, swapped.geturl()).status_code == 401  # its verifier is another


def test_another_browser_cannot_be_made_to_end_an_attempt(
    browser: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    back = way_back(browser)
    held = browser.cookies["footnote_attempt"]
    for cookies in ({}, {"footnote_attempt": held[:-2] + "xx"}, {"footnote_attempt": "x"}):
        refused = httpx.get(back, cookies=cookies, timeout=120)
        assert refused.status_code == 401
        assert "begun in another browser" in refused.text
    assert go(browser, back).status_code == 200
    assert go(browser, back).status_code == 401  # and it is over


def test_a_code_is_worth_something_once(browser: httpx.Client) -> None:
    back, held = way_back(browser), dict(browser.cookies)
    assert httpx.get(back, cookies=held, timeout=120).status_code == 303
    assert httpx.get(back, cookies=held, timeout=120).status_code == 401


def test_an_answer_that_names_another_provider_is_refused(browser: httpx.Client) -> None:
    parts = urlsplit(way_back(browser))
    answer = {name: value for name, (value,) in parse_qs(parts.query).items()}
    mixed = parts._replace(query=urlencode({**answer, "iss": "https://evil.example"}))
    assert go(browser, mixed.geturl()).status_code == 401


def _session(secret: str = SECRET, purpose: str = "session", **changes: Any) -> str:
    claims = {"sub": "u-1", "name": "eve", "groups": ["admins"], "csrf": "x" * 32}
    return Seal(secret, purpose, 3600).close({**claims, **changes})


def _unsigned() -> str:
    head, payload, _ = _session().split(".")
    return f"{head}.{payload}."


@pytest.mark.parametrize(
    "written",
    [
        "",
        "x",
        "a.b.c",
        _session("another secret, as long as that"),
        _session(purpose="attempt"),
        _session()[:-3] + "AAA",
        _unsigned(),
        jwt.encode({"alg": "HS256"}, {"groups": ["admins"]}, OctKey.import_key(SECRET)),
        _session(groups=["others"]),
    ],
)
def test_a_session_that_was_not_signed_here_is_nobodys(browser: httpx.Client, written: str) -> None:
    address = browser.base_url.join("/v1/whoami")
    for held, status in ((written, 401), (_session(), 200)):
        cookies = {"footnote_session": held}
        assert httpx.get(address, cookies=cookies, timeout=120).status_code == status


def test_a_session_ends(
    serve: Callable[..., str], scripted: Callable[..., Assistant], oidc: Oidc
) -> None:
    address = serve(scripted(iter(())), **signing_in(oidc, session_hours=2 / 3600))
    with httpx.Client(base_url=address, timeout=120) as browser:
        session, _ = browser.get(way_back(browser)).headers.get_list("set-cookie")
        held = {"footnote_session": SimpleCookie(session)["footnote_session"].value}
        time.sleep(3)
        assert httpx.get(f"{address}/v1/whoami", cookies=held).status_code == 401


def test_a_key_counts_before_a_session(browser: httpx.Client, settings: Settings) -> None:
    _, written = Keys(settings.store).create("reports", Role.READER)
    go(browser)
    key = {"Authorization": f"Bearer {written}"}
    assert browser.get("/v1/whoami", headers=key).json()["name"] == "reports"
    assert browser.post("/v1/documents", json=NOTE, headers=key).status_code == 403
    wrong = {"Authorization": f"Bearer {written}x"}
    assert browser.get("/v1/whoami", headers=wrong).status_code == 401


def test_what_groups_may_do_is_looked_up_at_each_request(
    serve: Callable[..., str], scripted: Callable[..., Assistant], oidc: Oidc
) -> None:
    first = serve(scripted(iter(())), **signing_in(oidc))
    with httpx.Client(base_url=first, timeout=120) as browser:
        go(browser)
        held = {"footnote_session": browser.cookies["footnote_session"]}
    for roles, status in (("staff=reader:pay", 200), ("admins=admin", 401)):
        other = serve(scripted(iter(())), **signing_in(oidc, group_roles=roles))
        known = httpx.get(f"{other}/v1/whoami", cookies=held, timeout=120)
        assert known.status_code == status
        if status == 200:
            assert (known.json()["role"], known.json()["collections"]) == ("reader", ["pay"])


def test_a_reader_sees_the_collections_of_the_groups_alone(
    serve: Callable[..., str], assistant: Assistant, oidc: Oidc
) -> None:
    address = serve(assistant, **signing_in(oidc))
    with httpx.Client(base_url=address, timeout=120) as browser:
        go(browser)
        token = {"X-CSRF-Token": whoami(browser).json()["csrf_token"]}
        for uri, collection in (("pay.txt", "pay"), ("secret.txt", "board")):
            note = {"uri": uri, "text": f"What stands in {uri}.", "collection": collection}
            assert browser.post("/v1/documents", json=note, headers=token).is_success
        oidc.person = {"sub": "u-2", "preferred_username": "bob", "groups": ["hr"]}
        go(browser)
        listed = browser.get("/v1/documents").json()["documents"]
        assert [each["uri"] for each in listed] == ["pay.txt"]
        token = {"X-CSRF-Token": whoami(browser).json()["csrf_token"]}
        asked = {"query": "What stands in secret.txt?", "k": 10}
        found = browser.post("/v1/search", json=asked, headers=token).json()["passages"]
        assert [each["uri"] for each in found] == ["pay.txt"]


@pytest.mark.parametrize(
    ("person", "told", "changes", "name"),
    [
        ({"sub": "u-1"}, {"groups": ["staff"], "preferred_username": "ada"}, {}, "ada"),
        ({"sub": "u-1", "groups": "staff"}, {}, {}, "u-1"),
        ({"sub": "u-1", "groups": ["staff"], "preferred_username": "a\nb"}, {}, {}, "u-1"),
        (
            {"sub": "u-1", "realm_access": {"roles": ["staff"]}, "email": "ada@example.org"},
            {},
            {"oidc_groups_claim": "realm_access.roles", "oidc_user_claim": "email"},
            "ada@example.org",
        ),
        (
            {"sub": "u-1", "https://example.org/groups": ["staff"]},
            {},
            {"oidc_groups_claim": "https://example.org/groups"},
            "u-1",
        ),
    ],
)
def test_groups_and_names_are_where_providers_have_them(
    serve: Callable[..., str],
    scripted: Callable[..., Assistant],
    oidc: Oidc,
    person: dict[str, Any],
    told: dict[str, Any],
    changes: dict[str, Any],
    name: str,
) -> None:
    oidc.person, oidc.told = person, told
    address = serve(scripted(iter(())), **signing_in(oidc, **changes))
    with httpx.Client(base_url=address, timeout=120) as browser:
        assert go(browser).status_code == 200
        known = whoami(browser).json()
    assert (known["name"], known["role"]) == (name, "editor")


def test_a_provider_that_has_a_new_key_is_asked_for_it(
    browser: httpx.Client, oidc: Oidc, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert go(browser).status_code == 200
    oidc.key = foreign_key("two")
    assert go(browser).status_code == 401  # it was asked a moment ago
    monkeypatch.setattr("api.access.discovery._AGAIN_SECONDS", 0.0)
    assert go(browser).status_code == 200


@pytest.mark.parametrize(
    "metadata",
    [{"issuer": "https://evil.example"}, {"token_endpoint": 7}, {"jwks_uri": "file:///etc/passwd"}],
)
def test_a_provider_that_is_not_as_it_should_be_is_told_of(
    browser: httpx.Client, oidc: Oidc, metadata: dict[str, Any]
) -> None:
    oidc.metadata = metadata
    refused = go(browser)
    assert refused.status_code == 503
    assert "cannot be reached" in refused.text


def test_without_its_provider_the_server_goes_on(
    serve: Callable[..., str], scripted: Callable[..., Assistant], settings: Settings
) -> None:
    with providing() as oidc:
        address = serve(scripted(iter(())), **signing_in(oidc))
    _, written = Keys(settings.store).create("reports", Role.READER)
    with httpx.Client(base_url=address, timeout=120) as browser:
        assert go(browser).status_code == 503
        assert browser.post("/v1/sign-out", json={}).json() == {"url": None}
        assert browser.get("/ready").status_code == 200
        key = {"Authorization": f"Bearer {written}"}
        assert browser.get("/v1/documents", headers=key).status_code == 200


def test_it_is_written_down_who_signed_in_and_who_was_refused(
    serve: Callable[..., str], scripted: Callable[..., Assistant], oidc: Oidc, tmp_path: Path
) -> None:
    audit = tmp_path / "audit.jsonl"
    address = serve(scripted(iter(())), **signing_in(oidc, audit_log=audit))
    with httpx.Client(base_url=address, timeout=120) as browser:
        go(browser)
        whoami(browser)
        browser.post("/v1/sign-out", json={})
        oidc.claims = {"nonce": "another"}
        go(browser)
    lines = [json.loads(line) for line in audit.read_text("utf-8").splitlines()]
    told = [(one["who"], one.get("subject"), one["path"], one["status"]) for one in lines]
    assert told == [
        ("ada", "u-1815", "/sign-in/done", 303),
        ("ada", "u-1815", "/v1/whoami", 200),
        ("ada", "u-1815", "/v1/sign-out", 200),
        ("nobody", None, "/sign-in/done", 401),
    ]
    assert SECRET not in audit.read_text("utf-8")


@pytest.mark.parametrize("code", sorted(languages()))
def test_who_was_refused_is_told_in_their_language(
    browser: httpx.Client, oidc: Oidc, code: str
) -> None:
    oidc.claims = {"groups": []}
    refused = browser.get("/sign-in", headers={"Accept-Language": code}, follow_redirects=True)
    assert refused.headers["content-language"] == code
    assert str(languages()[code]["sign_in.no_group"]) in refused.text


def test_where_nobody_signs_in_there_is_nothing_to_sign_in_at(
    serve: Callable[..., str], scripted: Callable[..., Assistant]
) -> None:
    address = serve(scripted(iter(())))
    for path in ("/sign-in", "/sign-in/done"):
        assert httpx.get(f"{address}{path}").status_code == 404
    assert httpx.post(f"{address}/v1/sign-out").status_code == 404


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"oidc_client_secret": None}, "FOOTNOTE_OIDC_CLIENT_SECRET"),
        ({"oidc_client_secret": SecretStr("short")}, "at least 16"),
        ({"oidc_client_id": ""}, "oidc_client_id"),
        ({"oidc_scopes": "profile"}, "add openid"),
        ({"group_roles": ""}, "group_roles is empty"),
        ({"allowed_hosts": ("docs.example.org",)}, "oidc_redirect_base is empty"),
    ],
)
def test_what_would_let_nobody_in_is_told_before_anything_is_served(
    serve: Callable[..., str],
    scripted: Callable[..., Assistant],
    changes: dict[str, Any],
    why: str,
) -> None:
    oidc = Oidc("https://id.example.org")
    with pytest.raises(InvalidSetting, match=why):
        serve(scripted(iter(())), **signing_in(oidc, **changes))


def test_who_lacks_the_extra_is_told_the_command(
    serve: Callable[..., str], scripted: Callable[..., Assistant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.extras.find_spec", lambda name: None if name == "joserfc" else name)
    with pytest.raises(NotInstalled, match=r"joserfc.*pip install 'footnote\[oidc\]'"):
        serve(scripted(iter(())), **signing_in(Oidc("https://id.example.org")))


@pytest.mark.parametrize(
    ("setting", "written"),
    [
        ("oidc_issuer", "http://id.example.org"),
        ("oidc_issuer", "https://id.example.org?a=b"),
        ("oidc_issuer", "https://eve@id.example.org"),
        ("oidc_issuer", "id.example.org"),
        ("oidc_redirect_base", "http://docs.example.org"),
        ("oidc_redirect_base", "https://docs.example.org/path"),
        ("oidc_redirect_base", "https://*.example.org"),
        ("session_hours", "0"),
    ],
)
def test_an_address_that_others_could_answer_for_is_refused(setting: str, written: str) -> None:
    with pytest.raises(InvalidSetting, match=setting):
        read_settings({setting: written})


def test_addresses_are_read_as_browsers_send_them() -> None:
    read = read_settings(
        {"oidc_issuer": "https://id.example.org/r/a/", "oidc_redirect_base": "HTTP://localhost:80/"}
    )
    assert read.oidc_issuer == "https://id.example.org/r/a/"
    assert read.oidc_redirect_base == "http://localhost:80"
