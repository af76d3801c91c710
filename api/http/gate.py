"""What stands before every request once keys were made: whose it is, and what its holder may do.

It decides before a body is read or a route is found, and a path that `roles` does not name is an
admin's alone, so that what is forgotten stays shut.
"""

from __future__ import annotations

import logging

from anyio import CapacityLimiter, move_on_after
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.caller import LOCAL, NOBODY, Caller, holder
from api.access.keys import Keys
from api.access.role import Role
from api.access.roles import Table
from api.http.problems import DETAIL_OF, problem
from index.errors import StoreBusy, StoreUnusable

CHALLENGE = "WWW-Authenticate"
MISSING = (
    "This server wants a key: send it as `Authorization: Bearer KEY`; whoever runs the server "
    "makes one with `footnote key create`."
)
WRONG = "The key is unknown, was revoked, or has expired; ask whoever runs the server for another."
UNREADABLE = "The keys of this server cannot be read, so nobody is let in; its log has the cause."
_PATIENCE_SECONDS = 0.2  # with a database, of who needs no key
logger = logging.getLogger(__name__)


def bearer(headers: Headers) -> str | None:
    """The key that a request brings; None where it brings none."""
    scheme, _, written = headers.get("authorization", "").partition(" ")
    return written.strip() if scheme.lower() == "bearer" else None


class Gate:
    """ASGI middleware that finds out who asks and what for, as
    `caller` and `needed` of `scope["state"]`, and refuses who
    brings no key that holds (401) or one that does not suffice (403), as a key for some collections
    does not where what is behind the gate is `whole`. Until a key is made, everyone
    who gets here may do everything."""

    def __init__(self, app: ASGIApp, keys: Keys, table: Table, *, whole: bool = False) -> None:
        self.app = app
        self.keys = keys
        self.table = table
        self.whole = whole
        self._reading = CapacityLimiter(4)  # threads of its own: nobody waits for answers here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        needed = self.table.needed(scope["method"], scope["path"])
        written = bearer(Headers(scope=scope))
        try:
            caller = await self._caller(written, needed)
        except (StoreUnusable, StoreBusy) as error:  # whose words name a folder of the server
            logger.error("%s", error)
            if needed is not None:
                unreadable = problem(503, UNREADABLE, StoreUnusable.__name__)
                await unreadable(scope, receive, send)
                return
            caller = NOBODY
        scope.setdefault("state", {}).update(caller=caller, needed=needed)
        if not caller.may(needed) or (self.whole and needed and not caller.sees_all):
            refusal = self._refused(scope, caller, written, needed)
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _caller(self, written: str | None, needed: Role | None) -> Caller:
        """Waits long only where a key is `needed`; who needs none is nobody after a moment."""
        if not self.keys.is_shared and (written is None or not self.keys.any_made()):
            return NOBODY if self.keys.any_made() else LOCAL
        with move_on_after(_PATIENCE_SECONDS if needed is None else None):
            return await run_sync(
                self._known, written, limiter=self._reading, abandon_on_cancel=needed is None
            )
        return NOBODY

    def _known(self, written: str | None) -> Caller:
        if not self.keys.any_made():
            return LOCAL
        key = None if written is None else self.keys.opened_by(written)
        return holder(key) if key else NOBODY

    def _refused(
        self, scope: Scope, caller: Caller, written: str | None, needed: Role | None
    ) -> ASGIApp:
        if caller.role is None:
            challenge = 'Bearer realm="footnote"' + (', error="invalid_token"' if written else "")
            return problem(401, WRONG if written else MISSING, headers={CHALLENGE: challenge})
        method, path = scope["method"], scope["path"]
        if not self.table.names(method, path):
            return problem(404, DETAIL_OF[404].format(method=method, path=path))
        if not caller.sees_all and caller.may(needed):
            return problem(
                403,
                f"The key '{caller.name}' opens some collections only, and {path} opens all; ask "
                "over the HTTP API, or whoever runs the server for another key.",
            )
        return problem(
            403,
            f"The key '{caller.name}' is a {caller.role}'s, and {method} {path} takes an "
            f"{needed}'s; ask whoever runs the server for another.",
        )
