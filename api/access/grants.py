"""What people who are signed in may do: roles and collections from the groups that they are in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from api.access.role import Role
from index.errors import InvalidCollection, InvalidSetting
from index.filter import collection_name

EVERYONE = "*"
_FORM = "write each as GROUP=ROLE, such as 'admins=admin; staff=editor; hr=reader:contracts,pay'"


@dataclass(frozen=True, slots=True)
class Grant:
    """What the members of `group` may do, and the collections that are open to them (None for
    everything)."""

    group: str
    role: Role
    collections: tuple[str, ...] | None


class Grants:
    """The setting `group_roles`: `GROUP=ROLE` or `GROUP=reader:COLLECTION,COLLECTION`, separated by
    ";"; the group "*" is everyone who is signed in. Raises `InvalidSetting`."""

    def __init__(self, written: str) -> None:
        entries = [entry.strip() for entry in written.split(";")]
        self._grants = [_grant(entry) for entry in entries if entry]

    def __bool__(self) -> bool:
        return bool(self._grants)

    def known(self, groups: Collection[str]) -> tuple[str, ...]:
        """Those of `groups` that make a difference."""
        return tuple(sorted({grant.group for grant in self._grants} & {*groups}))

    def of(self, groups: Collection[str]) -> tuple[Role | None, tuple[str, ...] | None]:
        """The highest role of who is in `groups`, None for none, and the collections that are open
        to them, None for everything."""
        held = [grant for grant in self._grants if grant.group in (EVERYONE, *groups)]
        if not held:
            return None, ()
        role = max((grant.role for grant in held), key=list(Role).index)
        opened: set[str] = set()
        for grant in held:
            if grant.collections is None:
                return role, None
            opened.update(grant.collections)
        return role, tuple(sorted(opened))


def _grant(entry: str) -> Grant:
    group, sign, granted = entry.rpartition("=")
    role, scope, names = granted.strip().partition(":")
    listed = tuple(name.strip() for name in names.split(",")) if scope else None
    try:
        if not sign or not group.strip():
            raise ValueError("it names no group")
        grant = Grant(group.strip(), Role(role.strip()), listed)
        if listed is not None and grant.role is not Role.READER:
            raise ValueError("only readers can be for some collections")
        for name in listed or ():
            collection_name(name)
    except (ValueError, InvalidCollection) as error:
        raise InvalidSetting(f"setting group_roles has {entry!r}: {error}; {_FORM}") from error
    return grant
