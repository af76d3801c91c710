"""Who sent a request: the holder of a key, or somebody who signed in, at a proxy or here."""

from __future__ import annotations

from asyncio import Semaphore, get_running_loop, wrap_future
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from anyio import CapacityLimiter, move_on_after
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.types import Scope

from api.access.caller import LOCAL, NOBODY, Caller, holder
from api.access.grants import Grants
from api.access.keys import Keys
from api.access.proxy import Proxy
from api.access.role import Role
from api.access.sign_in import SignIn
from api.http.hosts import is_exposed, signs_in
from api.http.peer import PEER
from index.errors import InvalidSetting
from rag.settings import Settings

_PATIENCE_SECONDS = 0.2  # with a database, of who needs no key
_THREADS = 4


def bearer(headers: Headers) -> str | None:
    """The key that a request brings; None where it brings none."""
    scheme, _, written = headers.get("authorization", "").partition(" ")
    return written.strip() if scheme.lower() == "bearer" else None


class Callers:
    """Knows who sends requests to a server with these settings and `keys`. A key that is sent
    counts before all else; where no key was ever made and nobody signs in, everyone may do
    everything. A database that hangs occupies a few threads, however many ask.

    Raises `InvalidSetting` where people are signed in of whom none may do anything, or could not
    come back from where they sign in, and `NotInstalled`."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        grants = Grants(settings.group_roles)
        if signs_in(settings) and not grants:
            raise InvalidSetting(
                "setting group_roles is empty, so whoever is signed in may do nothing; say what "
                "groups may do, such as 'admins=admin; *=reader'"
            )
        if settings.oidc_issuer and not settings.oidc_redirect_base and is_exposed(settings):
            raise InvalidSetting(
                "setting oidc_redirect_base is empty, and others can reach this server; say by "
                "which address they do, such as https://docs.example.org"
            )
        self._keys = keys
        self._signs_in = signs_in(settings)
        self._proxy = Proxy(settings, grants) if settings.proxy_networks else None
        self.sign_in = SignIn(settings, grants) if settings.oidc_issuer else None
        self._reading = CapacityLimiter(_THREADS)  # of its own: nobody waits for answers here
        self._glancing = ThreadPoolExecutor(_THREADS, "who")
        self._glances = Semaphore(_THREADS)

    async def of(self, scope: Scope, needed: Role | None) -> Caller:
        """Who sent the request, for which the role is `needed`. Raises `StoreUnusable` and
        `StoreBusy` where that cannot be known."""
        written = bearer(Headers(scope=scope))
        caller = LOCAL
        if written is not None or not self._signs_in:
            caller = await self._by_key(written, needed)
        if caller is not LOCAL or not self._signs_in:
            return caller
        person = self.sign_in.caller(scope) if self.sign_in else None
        if person is None and self._proxy:
            peer = scope.get("state", {}).get(PEER)
            person = self._proxy.caller(peer, scope["headers"])
        return person or NOBODY

    async def _by_key(self, written: str | None, needed: Role | None) -> Caller:
        """Waits long only where a key is `needed`; who needs none is nobody after a moment."""
        if not self._keys.is_shared and (written is None or not self._keys.any_made()):
            return NOBODY if self._keys.any_made() else LOCAL
        if needed is not None:
            return await run_sync(self._known, written, limiter=self._reading)
        with move_on_after(_PATIENCE_SECONDS):
            await self._glances.acquire()
            asked = self._glancing.submit(self._known, written)
            loop = get_running_loop()

            def ended(_: Future[Caller]) -> None:
                with suppress(RuntimeError):  # the server has ended meanwhile
                    loop.call_soon_threadsafe(self._glances.release)

            asked.add_done_callback(ended)
            return await wrap_future(asked)
        return NOBODY

    def _known(self, written: str | None) -> Caller:
        if not self._keys.any_made():
            return LOCAL
        key = None if written is None else self._keys.opened_by(written)
        return holder(key) if key else NOBODY
