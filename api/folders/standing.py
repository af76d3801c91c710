"""How it stands with a folder that the server follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["waiting", "syncing", "following", "unreachable"]


@dataclass(frozen=True, slots=True)
class Standing:
    """`status` is "waiting" until its turn comes; "syncing", also while files that may not be whole
    yet are left for the next look; "following" while the store is as the folder is; or
    "unreachable", with the `problem`. `share` in [0, 1] is how much of the present
    sync is done. `documents` are those that come from it, as of `synced_at` (ISO 8601, UTC), when
    the last sync ended. `added` and so on count what has been done since the server started;
    `failed` and `skipped` what could not be read and what is not read, of which `errors` are the
    first (uri, reason)."""

    folder: str
    status: Status = "waiting"
    problem: str = ""
    share: float | None = None
    synced_at: str | None = None
    documents: int = 0
    added: int = 0
    replaced: int = 0
    moved: int = 0
    removed: int = 0
    failed: int = 0
    skipped: int = 0
    errors: tuple[tuple[str, str], ...] = ()
