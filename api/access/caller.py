"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.access.key import Key
from api.access.role import Role

Via = Literal["local", "key", "proxy"]
"""How it is known who asks: everyone who gets here may, a key, what a reverse proxy says."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: the name and id of a key, or the name of a person whom a proxy signed
    in; the role, and the collections that are open (None for everything). Without a role nothing
    is."""

    name: str
    key_id: str = ""
    role: Role | None = None
    collections: tuple[str, ...] | None = None
    expires_at: str | None = None
    via: Via = "key"

    @property
    def identity(self) -> str:
        """What no other caller has: the id of a key, or a person's name after how it is known; ""
        where it is not known who asks."""
        is_person = self.via == "proxy"
        return f"{self.via}:{self.name}" if is_person else self.key_id

    @property
    def called(self) -> str:
        """What a message calls it, at the begin of a sentence."""
        return f"{'User' if self.via == 'proxy' else 'The key'} '{self.name}'"

    @property
    def sees_all(self) -> bool:
        """Whether every document is open to it."""
        return self.role is not None and self.collections is None

    def may(self, needed: Role | None) -> bool:
        """Whether a request that needs this role is this one's to make."""
        return needed is None or (self.role is not None and self.role.covers(needed))


NOBODY = Caller("nobody")
LOCAL = Caller("local", role=Role.ADMIN, via="local")
"""Whoever reaches a server before any key was made."""


def holder(key: Key) -> Caller:
    """Who holds `key`."""
    return Caller(key.name, key.id, key.role, key.collections, key.expires_at)
