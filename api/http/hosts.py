"""Names that a server answers to, and whether others than this machine can reach it.

A browser sends a page's requests to wherever the name of the page leads, and whoever owns a name
can let it lead to this machine (DNS rebinding). Such a request still carries the name, so a name
that is not known to be ours is refused; a bare address cannot be led elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import ip_address

from api.access.keys import Keys
from index.errors import InvalidSetting
from rag.settings import Settings

_PORT = re.compile(r":\d+$")


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address without a port, is this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_exposed(settings: Settings) -> bool:
    """Whether others than this machine can reach a server with these settings: it is bound to more
    than a loopback address, or answers to a name that a proxy passes on."""
    return not all(is_loopback(host) for host in (settings.host, *settings.allowed_hosts))


def signs_in(settings: Settings) -> bool:
    """Whether people are signed in, so that nobody else is let in without a key."""
    return bool(settings.proxy_networks) or settings.oidc_issuer is not None


def require_consent(settings: Settings, keys: Keys) -> None:
    """Raises `InvalidSetting` where a server with these settings would let anyone in without having
    been told to: others can reach it, nobody signs in, and none of `keys` was made."""
    if not is_exposed(settings) or settings.allow_anonymous:
        return
    if keys.any_made() or signs_in(settings):
        return
    names = f" by the name {settings.allowed_hosts[0]!r}" if settings.allowed_hosts else ""
    raise InvalidSetting(
        f"others could reach a server at {settings.host!r}{names}, ask it everything and remove "
        "everything; make a key with `footnote key create NAME --role admin`, or let anyone in "
        "with --allow-anonymous (FOOTNOTE_ALLOW_ANONYMOUS=true)"
    )


class Hosts:
    """The names that a server bound to `bound` answers to: those of this machine, `named` ones and,
    where others can reach it, any address and the name it is bound to."""

    def __init__(self, bound: str, named: Collection[str] = ()) -> None:
        self._loopback = is_loopback(bound)
        self._named = frozenset({bound.lower(), *named}) - {""}

    def refusal(self, host: str) -> str | None:
        """Why a request with this `Host` header must not be served, or None."""
        name = _PORT.sub("", host)
        if is_loopback(name) or name in self._named:
            return None
        if not self._loopback and _is_address(name):
            return None
        known = "localhost and 127.0.0.1" if self._loopback else "its addresses"
        return (
            f"This server answers to {known} only, not to {host!r}. "
            "FOOTNOTE_ALLOWED_HOSTS names further ones."
        )
