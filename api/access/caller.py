"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from api.access.key import Key
from api.access.role import Role

Via = Literal["local", "key", "proxy", "session"]
"""How it is known who asks: everyone who gets here may, a key, what a reverse proxy says, a cookie
of somebody who signed in here."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: the name and id of a key, or the name of a person whom a proxy or a
    provider signed in, and what the provider tells them from others of that name by (`subject`);
    the role, and the collections that are open (None for everything). Without a role nothing is.
    What changes or asks something for who came by a cookie brings `csrf_token`."""

    name: str
    key_id: str = ""
    role: Role | None = None
    collections: tuple[str, ...] | None = None
    expires_at: str | None = None
    via: Via = "key"
    subject: str = ""
    csrf_token: str = field(default="", repr=False)

    @property
    def is_person(self) -> bool:
        """Whether it is somebody who signed in, and not the holder of a key."""
        return self.via in ("proxy", "session")

    @property
    def identity(self) -> str:
        """What no other caller has: the id of a key, or a person's subject or name after how it is
        known; "" where it is not known who asks."""
        return f"{self.via}:{self.subject or self.name}" if self.is_person else self.key_id

    @property
    def called(self) -> str:
        """What a message calls it, at the begin of a sentence."""
        return f"{'User' if self.is_person else 'The key'} '{self.name}'"

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
