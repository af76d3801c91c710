"""Who sent a request: the holder of a key, or a person whom a proxy signed in."""

from __future__ import annotations

from anyio import CapacityLimiter, move_on_after
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.types import Scope

from api.access.caller import LOCAL, NOBODY, Caller, holder
from api.access.grants import Grants
from api.access.keys import Keys
from api.access.proxy import Proxy
from api.access.role import Role
from api.http.hosts import signs_in
from api.http.peer import PEER
from index.errors import InvalidSetting
from rag.settings import Settings

_PATIENCE_SECONDS = 0.2  # with a database, of who needs no key


def bearer(headers: Headers) -> str | None:
    """The key that a request brings; None where it brings none."""
    scheme, _, written = headers.get("authorization", "").partition(" ")
    return written.strip() if scheme.lower() == "bearer" else None


class Callers:
    """Knows who sends requests to a server with these settings and `keys`. A key that is sent
    counts before all else; where no key was ever made and nobody signs in, everyone may do
    everything.

    Raises `InvalidSetting` where people are signed in of whom none may do anything."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        grants = Grants(settings.group_roles)
        if signs_in(settings) and not grants:
            raise InvalidSetting(
                "setting group_roles is empty, so whoever is signed in may do nothing; say what "
                "groups may do, such as 'admins=admin; *=reader'"
            )
        self._keys = keys
        self._signs_in = signs_in(settings)
        self._proxy = Proxy(settings, grants) if settings.proxy_networks else None
        self._reading = CapacityLimiter(4)  # threads of its own: nobody waits for answers here

    async def of(self, scope: Scope, needed: Role | None) -> Caller:
        """Who sent the request, for which the role is `needed`. Raises `StoreUnusable` and
        `StoreBusy` where that cannot be known."""
        written = bearer(Headers(scope=scope))
        caller = LOCAL
        if written is not None or not self._signs_in:
            caller = await self._by_key(written, needed)
        if caller is not LOCAL or not self._signs_in:
            return caller
        peer = scope.get("state", {}).get(PEER)
        person = self._proxy.caller(peer, scope["headers"]) if self._proxy else None
        return person or NOBODY

    async def _by_key(self, written: str | None, needed: Role | None) -> Caller:
        """Waits long only where a key is `needed`; who needs none is nobody after a moment."""
        if not self._keys.is_shared and (written is None or not self._keys.any_made()):
            return NOBODY if self._keys.any_made() else LOCAL
        with move_on_after(_PATIENCE_SECONDS if needed is None else None):
            return await run_sync(
                self._known, written, limiter=self._reading, abandon_on_cancel=needed is None
            )
        return NOBODY

    def _known(self, written: str | None) -> Caller:
        if not self._keys.any_made():
            return LOCAL
        key = None if written is None else self._keys.opened_by(written)
        return holder(key) if key else NOBODY
