"""What stands before every request once keys were made or people sign in: whose it is, and what
they may do.

It decides before a body is read or a route is found, and a path that `roles` does not name is an
admin's alone, so that what is forgotten stays shut.
"""

from __future__ import annotations

import hmac
import logging

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.caller import NOBODY, Caller
from api.access.role import Role
from api.access.roles import Table
from api.http.callers import Callers, bearer
from api.http.guard import SAFE_METHODS
from api.http.problems import DETAIL_OF, problem
from index.errors import StoreBusy, StoreUnusable

CSRF = "X-CSRF-Token"
CHALLENGE = "WWW-Authenticate"
MISSING = (
    "This server wants a key: send it as `Authorization: Bearer KEY`; whoever runs the server "
    "makes one with `footnote key create`, or says where to sign in."
)
SIGN_IN = (
    "This server wants to know who asks: sign in at /sign-in, or send a key as `Authorization: "
    "Bearer KEY`; whoever runs the server makes one with `footnote key create`."
)
WRONG = "The key is unknown, was revoked, or has expired; ask whoever runs the server for another."
NO_GROUP = (
    "{} is signed in, but in no group that may do anything here; whoever runs the server names "
    "such groups in group_roles."
)
UNASKED = (
    f"What is changed or asked by the cookie of who signed in needs the header {CSRF} with the "
    "csrf_token of /v1/whoami; load the page again, or send a key instead."
)
UNREADABLE = "The keys of this server cannot be read, so nobody is let in; its log has the cause."
logger = logging.getLogger(__name__)


class Gate:
    """ASGI middleware that finds out who asks and what for, as `caller` and `needed` of
    `scope["state"]`, and refuses who brings no key that holds (401) or one that does not suffice
    (403), as one for some collections does not where what is behind the gate is `whole`; people
    who are signed in likewise. Who is known by a cookie shows that it was the page that sent what
    changes or asks something (403)."""

    def __init__(
        self, app: ASGIApp, callers: Callers, table: Table, *, whole: bool = False
    ) -> None:
        self.app = app
        self.callers = callers
        self.table = table
        self.whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        needed = self.table.needed(scope["method"], scope["path"])
        written = bearer(Headers(scope=scope))
        try:
            caller = await self.callers.of(scope, needed)
        except (StoreUnusable, StoreBusy) as error:  # whose words name a folder of the server
            logger.error("%s", error)
            if needed is not None:
                unreadable = problem(503, UNREADABLE, StoreUnusable.__name__)
                await unreadable(scope, receive, send)
                return
            caller = NOBODY
        scope.setdefault("state", {}).update(caller=caller, needed=needed)
        if caller.via == "session" and needed and scope["method"] not in SAFE_METHODS:
            sent = Headers(scope=scope).get(CSRF, "")
            if not hmac.compare_digest(sent.encode(), caller.csrf_token.encode()):
                await problem(403, UNASKED)(scope, receive, send)
                return
        if not caller.may(needed) or (self.whole and needed and not caller.sees_all):
            refusal = self._refused(scope, caller, written, needed)
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _refused(
        self, scope: Scope, caller: Caller, written: str | None, needed: Role | None
    ) -> ASGIApp:
        if caller is NOBODY:
            challenge = 'Bearer realm="footnote"' + (', error="invalid_token"' if written else "")
            missing = SIGN_IN if self.callers.sign_in else MISSING
            return problem(401, WRONG if written else missing, headers={CHALLENGE: challenge})
        if caller.role is None:
            return problem(403, NO_GROUP.format(caller.called))
        method, path = scope["method"], scope["path"]
        if not self.table.names(method, path):
            return problem(404, DETAIL_OF[404].format(method=method, path=path))
        if not caller.sees_all and caller.may(needed):
            return problem(
                403,
                f"{caller.called} opens some collections only, and {path} opens all; ask "
                "over the HTTP API, or whoever runs the server for another key.",
            )
        return problem(
            403,
            f"{caller.called} has the role {caller.role}, and {method} {path} takes {needed}; ask "
            "whoever runs the server for another.",
        )
