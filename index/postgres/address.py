"""Where a store in PostgreSQL is, without a way to show its credentials by accident."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

SCHEMES = ("postgresql://", "postgres://")
_SHOWN = ("host", "hostaddr", "port", "dbname")  # of what may stand after the question mark


def is_address(store: str) -> bool:
    """Whether `store` names a database rather than a folder."""
    return store.startswith(SCHEMES)


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """`url` is what libpq takes, with whatever credentials are in it; as text, and so in every
    message, it is without user and password."""

    url: str

    def __str__(self) -> str:
        hidden = self.url.partition("://")[0] + "://***"
        try:
            parts = urlsplit(self.url)
        except ValueError:
            return hidden
        if "@" in parts.path + parts.query + parts.fragment:  # signs of a password, unescaped
            return hidden
        user, at, host = parts.netloc.rpartition("@")
        query = urlencode([each for each in parse_qsl(parts.query) if each[0] in _SHOWN], safe="/")
        place = f"{parts.scheme}://{'***@' if at and user else ''}{host}{parts.path}"
        return f"{place}?{query}" if query else place

    __repr__ = __str__

    @property
    def key(self) -> str:
        """Names the database in a file's name; the same for whoever connects to it."""
        return hashlib.sha256(str(self).encode()).hexdigest()[:16]

    def without_secrets(self, message: str) -> str:
        """`message` of another program on one line, without what is secret in this address."""
        _, _, rest = self.url.partition("://")
        user, _, _ = rest.rpartition("@")
        secrets = [user.partition(":")[2], *(v for k, v in parse_qsl(rest) if "pass" in k)]
        for secret in filter(None, secrets):
            message = message.replace(secret, "***").replace(unquote(secret), "***")
        return " ".join(message.split())
