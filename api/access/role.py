"""Roles."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What the holder of a key may do; each may do what those before it may."""

    READER = "reader"
    EDITOR = "editor"
    ADMIN = "admin"

    def covers(self, needed: Role) -> bool:
        """Whether this role may do what `needed` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)
