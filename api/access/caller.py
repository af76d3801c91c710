"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass

from api.access.key import Key
from api.access.role import Role


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: the name and id of a key, its role, and the collections that it opens
    (None for everything). Without a role nothing is opened."""

    name: str
    key_id: str = ""
    role: Role | None = None
    collections: tuple[str, ...] | None = None
    expires_at: str | None = None

    @property
    def sees_all(self) -> bool:
        """Whether every document is open to it."""
        return self.role is not None and self.collections is None

    def may(self, needed: Role | None) -> bool:
        """Whether a request that needs this role is this one's to make."""
        return needed is None or (self.role is not None and self.role.covers(needed))


NOBODY = Caller("nobody")
LOCAL = Caller("local", role=Role.ADMIN)
"""Whoever reaches a server before any key was made."""


def holder(key: Key) -> Caller:
    """Who holds `key`."""
    return Caller(key.name, key.id, key.role, key.collections, key.expires_at)
