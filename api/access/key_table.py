"""Where keys are kept: the contract, and a row of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

from api.access.key import Key
from api.access.role import Role

COLUMNS = "id, name, role, collections, created_at, expires_at, revoked_at, hash"
Kept = tuple[Key, str]
"""A key, and the hash of its secret."""


class KeyTable(Protocol):
    """May be used by many threads and processes. Raises `StoreUnusable` where it cannot be read or
    written."""

    @property
    def is_shared(self) -> bool:
        """Whether it is elsewhere, so that every use may take long."""
        ...

    def any_made(self) -> bool:
        """Whether it ever had a key."""
        ...

    def all(self) -> list[Kept]:
        """The oldest first."""
        ...

    def by_id(self, key_id: str) -> Kept | None: ...

    def held(self, name_or_id: str) -> Kept | None:
        """The key of this name or id that was not revoked."""
        ...

    def add(self, key: Key, hashed: str) -> bool:
        """Whether it could be: not where another that was not revoked has its name."""
        ...

    def revoke(self, key_id: str, at: str) -> None: ...

    def rotate(self, key_id: str, hashed: str, expires_at: str | None) -> None:
        """Another hash, and another end where one is given."""
        ...


def row_of(key: Key, hashed: str) -> tuple[str | None, ...]:
    """What stands in `COLUMNS`."""
    opened = None if key.collections is None else json.dumps(key.collections)
    times = key.created_at, key.expires_at, key.revoked_at
    return key.id, key.name, key.role.value, opened, *times, hashed


def kept(row: Sequence[str | None]) -> Kept:
    """What a row of `COLUMNS` holds."""
    key_id, name, role, collections, created_at, expires_at, revoked_at, hashed = row
    key = Key(
        id=str(key_id),
        name=str(name),
        role=Role(str(role)),
        collections=None if collections is None else tuple(json.loads(collections)),
        created_at=str(created_at),
        expires_at=expires_at,
        revoked_at=revoked_at,
    )
    return key, str(hashed)
