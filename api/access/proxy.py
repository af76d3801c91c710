"""Who is signed in at a reverse proxy, which says so in headers.

Whoever can send a request can send these headers, too, so they are believed from the addresses of
the proxy alone: those that the connection itself comes from, never those of another header.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network

from api.access.caller import Caller
from api.access.grants import Grants
from index.errors import InvalidSetting
from rag.settings import Settings

_LONGEST = 200
logger = logging.getLogger(__name__)


class Proxy:
    """The headers that `settings` name, from the networks that they name."""

    def __init__(self, settings: Settings, grants: Grants) -> None:
        self._networks = [ip_network(network) for network in settings.proxy_networks]
        self._user = settings.proxy_user_header.lower().encode()
        self._groups = settings.proxy_groups_header.lower().encode()
        self._grants = grants
        if self._user == self._groups:
            raise InvalidSetting(
                f"settings proxy_user_header and proxy_groups_header are both "
                f"{settings.proxy_user_header!r}; name two headers"
            )

    def caller(self, peer: str | None, headers: Iterable[tuple[bytes, bytes]]) -> Caller | None:
        """Whom the headers of a request from the address `peer` name; None where they name nobody
        who could be believed, which the log tells. Who is in none of the groups that open something
        has no role."""
        sent = [(name.lower(), value) for name, value in headers]
        users = [value for name, value in sent if name == self._user]
        groups = [value for name, value in sent if name == self._groups]
        if not users and not groups:
            return None
        try:
            name, listed = self._read(peer, users, groups)
        except ValueError as error:
            logger.warning(
                "headers %s and %s from %s were not believed: %s",
                self._user.decode(),
                self._groups.decode(),
                peer or "an unknown address",
                error,
            )
            return None
        role, collections = self._grants.of(listed)
        return Caller(name, role=role, collections=collections, via="proxy")

    def _read(
        self, peer: str | None, users: list[bytes], groups: list[bytes]
    ) -> tuple[str, list[str]]:
        """The user and their groups. Raises `ValueError`, which says what there is to doubt."""
        if not self._trusts(peer):
            raise ValueError("proxy_networks does not name that address")
        if len(users) != 1 or len(groups) > 1:
            raise ValueError("each is to come once, so the proxy left in what a client sent")
        name = users[0].decode().strip()
        if not 0 < len(name) <= _LONGEST or not name.isprintable() or "," in name:
            raise ValueError(f"the user is not one name of 1 to {_LONGEST} characters")
        return name, [group.strip() for group in b"".join(groups).decode().split(",")]

    def _trusts(self, peer: str | None) -> bool:
        if peer is None:
            return False
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)
