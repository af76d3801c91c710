"""`GET /v1/whoami`: who sent a request, and what is open to them."""

from __future__ import annotations

from fastapi import APIRouter

from api.access.caller import LOCAL
from api.http.context import TheCaller
from api.http.problems import documented
from api.schemas import Whoami

router = APIRouter(tags=["access"])


@router.get("/v1/whoami", responses=documented(401, 503))
async def whoami(caller: TheCaller) -> Whoami:
    """Whose key this is, or who is signed in, and what they may do: a reader asks and reads, an
    editor adds and removes too, an admin sees the metrics as well."""
    assert caller.role is not None, "the gate lets nobody else in"
    return Whoami(
        name=caller.name,
        role=caller.role,
        collections=None if caller.collections is None else list(caller.collections),
        expires_at=caller.expires_at,
        needs_key=caller is not LOCAL,
        via=caller.via,
        csrf_token=caller.csrf_token or None,
    )
