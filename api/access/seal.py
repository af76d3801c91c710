"""Small objects in cookies, which nobody but the server can have written."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from typing import Any

_ALGORITHM = "HS256"


class Seal:
    """Signs what is for one `purpose`, as a JWT (RFC 7519), so that it holds for `seconds`. All
    servers with the same `secret` know it again; what is for another purpose it does not open. What
    is signed can be read by whoever has it."""

    def __init__(self, secret: str, purpose: str, seconds: float) -> None:
        from joserfc.jwk import OctKey

        self.seconds = int(seconds)
        made_of = hmac.digest(secret.encode(), f"footnote {purpose}".encode(), "sha256")
        self._key = OctKey.import_key(made_of)

    def close(self, claims: Mapping[str, object]) -> str:
        """`claims`, signed, with the time at which they end."""
        from joserfc import jwt

        until = {"exp": int(time.time()) + self.seconds}
        return jwt.encode({"alg": _ALGORITHM}, {**claims, **until}, self._key)

    def open(self, written: str) -> dict[str, Any] | None:
        """What was signed; None where it was not, was changed, or holds no more."""
        from joserfc import jwt
        from joserfc.errors import JoseError

        try:
            claims = jwt.decode(written, self._key, [_ALGORITHM]).claims
            jwt.JWTClaimsRegistry(exp={"essential": True}).validate(claims)
        except (JoseError, ValueError):
            return None
        return claims
