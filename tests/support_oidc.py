"""A small OpenID Connect provider on 127.0.0.1, which checks what a real one checks."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "footnote", "a secret: of 32 characters, so %"
ADA = {"sub": "u-1815", "preferred_username": "ada", "groups": ["staff", "everyone"]}


def _rsa(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid})


@dataclass
class Oidc:
    """What the provider knows, and how it is to go wrong: a test changes it."""

    issuer: str
    person: dict[str, Any] = field(default_factory=lambda: dict(ADA))
    told: dict[str, Any] = field(default_factory=dict)  # by userinfo
    claims: dict[str, Any] = field(default_factory=dict)  # in the place of the right ones
    metadata: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: _rsa("one"))
    signs_with: RSAKey | OctKey | None = None
    algorithm: str = "RS256"
    gives_token: bool = True
    error: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    async def configuration(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "end_session_endpoint": f"{self.issuer}/end?from=here",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                **self.metadata,
            }
        )

    async def keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        """Whoever comes is `person`, without being asked."""
        asked = dict(request.query_params)
        self.asked.append(asked)
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
        answer = {"state": asked["state"], "iss": self.issuer}
        if self.error:
            answer["error"] = self.error
        else:
            answer["code"] = secrets.token_urlsafe(16)
            self.codes[answer["code"]] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 303)

    async def token(self, request: Request) -> Response:
        """For a code, once, from the client and the attempt that it was given to."""
        form = await request.form()
        sent = request.headers["authorization"].removeprefix("Basic ")
        user, _, password = base64.b64decode(sent).decode().partition(":")
        if (unquote(user), unquote(password)) != (CLIENT, SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self.codes.pop(str(form["code"]), None)
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or asked["redirect_uri"] != form["redirect_uri"]
            or asked["code_challenge"] != challenge
            or form["grant_type"] != "authorization_code"
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        given: dict[str, Any] = {"access_token": "access", "token_type": "Bearer"}
        if self.gives_token:
            given["id_token"] = self.id_token(asked["nonce"])
        return JSONResponse(given)

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        right = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": nonce}
        claims = {
            name: value
            for name, value in {**self.person, **right, **self.claims}.items()
            if value is not None
        }
        if self.algorithm == "none":
            parts = ({"alg": "none"}, claims)
            return ".".join(_bare(part) for part in parts) + "."
        key = self.signs_with or self.key
        return jwt.encode({"alg": self.algorithm, "kid": key.kid}, claims, key, [self.algorithm])

    async def userinfo(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer access"
        return JSONResponse({**self.person, **self.told})

    async def end(self, request: Request) -> Response:
        return PlainTextResponse("Signed out of everything.")


def _bare(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def foreign_key(kid: str) -> RSAKey:
    """One that isn't the provider's, whatever it is called."""
    return _rsa(kid)


def shared_key(oidc: Oidc) -> OctKey:
    """The client's secret as a key, which a client that is careless takes for the provider's."""
    return OctKey.import_key(SECRET, {"kid": oidc.key.kid})


@contextmanager
def providing() -> Iterator[Oidc]:
    """A provider that runs until the block is left."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        oidc = Oidc(f"http://127.0.0.1:{listener.getsockname()[1]}")
        routes = [
            Route("/.well-known/openid-configuration", oidc.configuration),
            Route("/keys", oidc.keys),
            Route("/authorize", oidc.authorize),
            Route("/token", oidc.token, methods=["POST"]),
            Route("/userinfo", oidc.userinfo),
            Route("/end", oidc.end),
        ]
        config = uvicorn.Config(Starlette(routes=routes), log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield oidc
        finally:
            server.should_exit = True
            thread.join()
