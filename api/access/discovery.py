"""What an OpenID Connect provider says of itself, and the keys that it signs with."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from api.access.person import SignInRefused
from rag.settings import Settings

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

_KNOWN_SECONDS = 3600.0
_AGAIN_SECONDS = 60.0  # between looks for a key that is new
_PATIENCE_SECONDS = 10.0


class Discovery:
    """Of the provider that `settings` name: asked for when it is needed, and kept for an hour. Its
    methods raise `SignInRefused`, of the kind "away"."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._issuer = settings.oidc_issuer or ""
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at = self._keys_at = -_KNOWN_SECONDS

    async def metadata(self) -> dict[str, Any]:
        """Its document after OpenID Connect Discovery: its endpoints are there and safe to use."""
        if time.monotonic() - self._read_at < _KNOWN_SECONDS:
            return self._metadata
        address = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
        async with self.client({}) as client:
            read = await self.get(client, address)
        if read.get("issuer") != self._issuer:
            raise SignInRefused(
                "away", f"{address} is of the issuer {read.get('issuer')!r}, not {self._issuer!r}"
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not self.is_safe(read.get(name)):
                raise SignInRefused("away", f"{address} names no {name} that could be used")
        self._metadata, self._read_at = read, time.monotonic()
        return read

    async def key_set(self, again: bool = False) -> KeySet:
        """Its keys; read `again` where one is not among them, but not at once."""
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        age = time.monotonic() - self._keys_at
        if self._keys is None or age > (_AGAIN_SECONDS if again else _KNOWN_SECONDS):
            async with self.client({}) as client:
                read: Any = await self.get(client, (await self.metadata())["jwks_uri"])
            try:
                self._keys = KeySet.import_key_set(read)
            except (JoseError, KeyError, TypeError, ValueError) as error:
                raise SignInRefused("away", f"its keys cannot be read: {error}") from error
            self._keys_at = time.monotonic()
        return self._keys

    def is_safe(self, address: object) -> bool:
        """Whether it is an address, as safe as the provider's own."""
        schemes = ("https://", "http://") if self._issuer.startswith("http://") else ("https://",)
        return isinstance(address, str) and address.startswith(schemes)

    def client(self, metadata: dict[str, Any], back: str = "") -> Any:
        """Authlib's client, which the provider of this `metadata` sends `back`."""
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        settings = self._settings
        assert settings.oidc_client_secret is not None
        ways = metadata.get("token_endpoint_auth_methods_supported") or []
        posts = "client_secret_post" in ways and "client_secret_basic" not in ways
        return AsyncOAuth2Client(
            settings.oidc_client_id,
            settings.oidc_client_secret.get_secret_value(),
            token_endpoint_auth_method="client_secret_post" if posts else "client_secret_basic",
            scope=settings.oidc_scopes,
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=_PATIENCE_SECONDS,
        )

    async def get(self, client: Any, address: str, signed_in: bool = False) -> dict[str, Any]:
        """The JSON object at `address`, which who is `signed_in` may have."""
        from httpx2 import HTTPError

        try:
            response = await client.request("GET", address, withhold_token=not signed_in)
            response.raise_for_status()
            read = response.json()
        except (HTTPError, ValueError) as error:
            raise SignInRefused("away", f"{address} did not answer: {error!r}") from error
        if not isinstance(read, dict):
            raise SignInRefused("away", f"{address} is no JSON object")
        return read
