"""People who sign in here: the cookies that they are known by afterwards.

A session is in its cookie, signed, so that any server with the same settings knows it and nothing
is kept. It holds who somebody is and their groups; what these may do is looked up at each request.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.types import Scope

from api.access.caller import Caller
from api.access.grants import Grants
from api.access.key import stamp
from api.access.person import Attempt, Person, SignInRefused
from api.access.provider import Provider
from api.access.seal import Seal
from rag.settings import Settings

DONE = "/sign-in/done"
_ATTEMPT_SECONDS = 600


class SignIn:
    """At the provider that `settings` name, who says in which groups people are. Raises
    `NotInstalled` and `InvalidSetting`."""

    def __init__(self, settings: Settings, grants: Grants) -> None:
        self.provider = Provider(settings)
        self._base = settings.oidc_redirect_base
        self._grants = grants
        secret = settings.oidc_client_secret
        assert secret is not None
        self._sessions = Seal(secret.get_secret_value(), "session", settings.session_hours * 3600)
        self._attempts = Seal(secret.get_secret_value(), "attempt", _ATTEMPT_SECONDS)

    def base(self, request: Request) -> str:
        """The address that browsers reach this server by."""
        return self._base or f"{request.url.scheme}://{request.url.netloc}"

    def cookie(self, request: Request, name: str) -> str:
        """What the cookie `name` is called; over HTTPS no other host can set it."""
        prefix = "__Host-" if self.base(request).startswith("https://") else ""
        return f"{prefix}footnote_{name}"

    def begun(self, attempt: Attempt) -> tuple[str, int]:
        """An attempt as a cookie keeps it, and for how long, in seconds."""
        return self._attempts.close(asdict(attempt)), self._attempts.seconds

    def attempt(self, request: Request) -> Attempt:
        """The one that this browser has begun. Raises `SignInRefused`."""
        written = request.cookies.get(self.cookie(request, "attempt"), "")
        claims = self._attempts.open(written)
        if claims is None:
            raise SignInRefused("stale", "no attempt to sign in was begun by that browser of late")
        return Attempt(claims["state"], claims["nonce"], claims["verifier"])

    def admitted(self, person: Person) -> tuple[str, int]:
        """The session of `person` as a cookie keeps it, and for how long, in seconds. Raises
        `SignInRefused` where they may do nothing here."""
        if self._grants.of(person.groups)[0] is None:
            raise SignInRefused("no_group", f"{person.name!r} is in no group of group_roles")
        session = {
            "sub": person.subject,
            "name": person.name,
            "groups": self._grants.known(person.groups),
            "csrf": secrets.token_urlsafe(24),
        }
        return self._sessions.close(session), self._sessions.seconds

    def caller(self, scope: Scope) -> Caller | None:
        """Whose session a request brings; None where it brings none that holds, or one of somebody
        who may do nothing by now."""
        request = Request(scope)
        claims = self._sessions.open(request.cookies.get(self.cookie(request, "session"), ""))
        if claims is None:
            return None
        role, collections = self._grants.of(claims["groups"])
        if role is None:
            return None
        return Caller(
            claims["name"],
            role=role,
            collections=collections,
            expires_at=stamp(datetime.fromtimestamp(claims["exp"], UTC)),
            via="session",
            subject=claims["sub"],
            csrf_token=claims["csrf"],
        )
