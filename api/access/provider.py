"""The OpenID Connect provider that people sign in at: the authorization code flow with PKCE.

What comes back through the browser is believed for nothing but the code in it. Who it is for is
what the provider itself says, in a token that its key signed, that is for this client, and that
answers this attempt.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from typing import Any

from api.access.discovery import Discovery
from api.access.person import Attempt, Person, SignInRefused
from index.errors import InvalidSetting
from index.extras import require
from rag.settings import Settings

_LEEWAY_SECONDS = 60  # of its clock against ours
_LONGEST = 200
_LONGEST_SUBJECT = 255  # OpenID Connect Core 2
_ALGORITHMS = {f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)}
"""With keys of which the provider alone has the half that signs."""

logger = logging.getLogger(__name__)


class Provider:
    """The one that `settings` name. Raises `NotInstalled` and `InvalidSetting`; its methods raise
    `SignInRefused`."""

    def __init__(self, settings: Settings) -> None:
        require("oidc", "setting oidc_issuer")
        secret = settings.oidc_client_secret
        if not settings.oidc_client_id or secret is None or len(secret.get_secret_value()) < 16:
            raise InvalidSetting(
                "setting oidc_issuer needs oidc_client_id and oidc_client_secret, of at least 16 "
                "characters, as the provider gave them (FOOTNOTE_OIDC_CLIENT_SECRET)"
            )
        if "openid" not in settings.oidc_scopes.split():
            raise InvalidSetting(
                f"setting oidc_scopes is {settings.oidc_scopes!r}, without which no provider says "
                "who signs in; add openid"
            )
        self._settings = settings
        self._client_id = settings.oidc_client_id
        self._issuer = settings.oidc_issuer
        self._told = Discovery(settings)

    async def address(self, attempt: Attempt, back: str) -> str:
        """Where the browser goes to sign in; `back` is where it comes back to."""
        metadata = await self._told.metadata()
        async with self._told.client(metadata, back) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.verifier,
            )
        return str(url)

    async def person(self, attempt: Attempt, back: str, answer: Mapping[str, str]) -> Person:
        """Who signed in, by what the provider's `answer` to `attempt` is worth at the provider."""
        if not hmac.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise SignInRefused("stale", "the state is not that of the attempt")
        if answer.get("iss", self._issuer) != self._issuer:  # RFC 9207
            raise SignInRefused("refused", f"{answer['iss']!r} answered in the provider's place")
        if "code" not in answer:
            error = answer.get("error", "no code")[:_LONGEST]
            raise SignInRefused("denied", f"the provider answered {error!r}")
        claims = await self._claims(attempt, back, answer["code"])
        subject = claims["sub"]
        if not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise SignInRefused("refused", f"claim sub is not 1 to {_LONGEST_SUBJECT} characters")
        name = _within(claims, self._settings.oidc_user_claim)
        is_name = isinstance(name, str) and 0 < len(name) <= _LONGEST and name.isprintable()
        groups = _within(claims, self._settings.oidc_groups_claim)
        listed = groups if isinstance(groups, list) else [groups]
        known = tuple(group for group in listed if isinstance(group, str))
        return Person(subject, str(name) if is_name else subject, known)

    async def way_out(self, back: str) -> str | None:
        """Where a browser goes to sign out of the provider, too, where that is known."""
        from authlib.common.urls import add_params_to_uri

        try:
            end = (await self._told.metadata()).get("end_session_endpoint")
        except SignInRefused as error:
            logger.warning("nobody can sign out of the provider: %s", error)
            return None
        if not self._told.is_safe(end):
            return None
        given = {"client_id": self._client_id, "post_logout_redirect_uri": back}
        return str(add_params_to_uri(end, list(given.items())))

    async def _claims(self, attempt: Attempt, back: str, code: str) -> dict[str, Any]:
        """What the provider says of who has `code`."""
        from authlib.common.errors import AuthlibBaseError
        from httpx2 import HTTPError

        metadata = await self._told.metadata()
        async with self._told.client(metadata, back) as client:
            try:
                token = await client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                )
            except AuthlibBaseError as error:
                raise SignInRefused("refused", f"the code was not taken: {error}") from error
            except (HTTPError, ValueError) as error:
                raise SignInRefused("away", f"no token came: {error!r}") from error
            claims = await self._verified(token, attempt.nonce, metadata)
            wanted = (self._settings.oidc_user_claim, self._settings.oidc_groups_claim)
            endpoint = metadata.get("userinfo_endpoint")
            is_told = all(_within(claims, name) is not None for name in wanted)
            if not is_told and isinstance(endpoint, str) and self._told.is_safe(endpoint):
                more = await self._told.get(client, endpoint, signed_in=True)
                if more.get("sub") != claims["sub"]:
                    raise SignInRefused("refused", "the provider told of somebody else")
                claims = {**more, **claims}
        return claims

    async def _verified(
        self, token: Mapping[str, Any], nonce: str, metadata: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The claims of the ID token in `token`, after OpenID Connect Core 3.1.3.7."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
        from joserfc.jws import JWSRegistry

        written = token.get("id_token")
        if not isinstance(written, str):
            raise SignInRefused("refused", "no ID token came")
        offered = metadata.get("id_token_signing_alg_values_supported") or []
        allowed = sorted(_ALGORITHMS.intersection(offered)) or ["RS256"]
        registry = JWSRegistry(algorithms=allowed, strict_check_header=False)
        try:
            try:
                decoded = jwt.decode(written, await self._told.key_set(), registry=registry)
            except (InvalidKeyIdError, BadSignatureError):  # of a key that is newer than ours
                keys = await self._told.key_set(again=True)
                decoded = jwt.decode(written, keys, registry=registry)
            essential = {"iss": self._issuer, "aud": self._client_id, "nonce": nonce}
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {name: {"essential": True, "value": value} for name, value in essential.items()},
                {"client_id": self._client_id, "access_token": token.get("access_token")},
            )
            claims.validate(leeway=_LEEWAY_SECONDS)
        except (JoseError, ValueError) as error:
            raise SignInRefused("refused", f"the ID token does not hold: {error}") from error
        return dict(claims)


def _within(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by the names on the way to it; None where it is not there."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found
