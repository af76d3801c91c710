"""The keys of a store, beside its catalog or in its database.

What is kept of a secret is its Argon2 hash. A hash takes tens of milliseconds, and every request
brings a key, so one that was found right is remembered for some minutes, by its digest and beside
the hash that it met; whether the key still holds is read each time.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.access.key import Key, named, now, read_id, write
from api.access.key_file import KeyFile
from api.access.key_table import KeyTable
from api.access.role import Role
from index.errors import InvalidKey, UnknownKey
from index.postgres.address import Address
from rag.open_index import local_folder
from rag.settings import Settings

REMEMBERED_SECONDS = 300.0
_REMEMBERED = 1024
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # 19 MiB


def keys_of(settings: Settings) -> Keys:
    """Those of the store that is set."""
    is_there = isinstance(settings.store, Path)
    return Keys(settings.store, None if is_there else local_folder(settings))


def _table(place: Path | Address, former: Path | None) -> KeyTable:
    if isinstance(place, Path):
        return KeyFile(place)
    from api.access.key_rows import KeyRows

    return KeyRows(place, former)


class Keys:
    """The keys of the store in the folder or database `place`; those that a machine kept of a
    database in its folder `former` are moved there. May be used by many threads and processes.

    Raises `StoreUnusable` where they cannot be read or written.
    """

    def __init__(self, place: Path | Address, former: Path | None = None) -> None:
        self._table = _table(place, former)
        self._lock = threading.Lock()
        self._right: OrderedDict[tuple[bytes, str], float] = OrderedDict()

    @property
    def is_shared(self) -> bool:
        """Whether they are elsewhere, so that asking for them may take long."""
        return self._table.is_shared

    def any_made(self) -> bool:
        """Whether a key was ever made, even one that holds no more."""
        return self._table.any_made()

    def all(self) -> list[Key]:
        """The oldest first."""
        return [key for key, _ in self._table.all()]

    def create(
        self,
        name: str,
        role: Role,
        collections: Sequence[str] | None = None,
        expires_at: str | None = None,
    ) -> tuple[Key, str]:
        """A new key, and how it is written, which is told this once. Raises `InvalidKey`."""
        named(name)
        if collections is not None and role is not Role.READER:
            raise InvalidKey(
                f"the key {name!r} is to be {role}'s and for some collections only; what one "
                "writes all may meet, so only a reader's can be: leave out --collection"
            )
        key_id = secrets.token_hex(6)
        written = write(key_id)
        opened = None if collections is None else tuple(sorted(set(collections)))
        key = Key(key_id, name, role, opened, now(), expires_at, None)
        if not self._table.add(key, _HASHER.hash(written)):
            raise InvalidKey(
                f"there is a key called {name!r} already; revoke or rotate it, or choose another "
                "name"
            )
        return key, written

    def revoke(self, name_or_id: str) -> Key:
        """The key opens nothing from now on. Raises `UnknownKey`."""
        key = self._held(name_or_id)
        self._table.revoke(key.id, now())
        return self._again(key)

    def rotate(self, name_or_id: str, expires_at: str | None = None) -> tuple[Key, str]:
        """The key with another secret, which is told this once; the old one opens nothing from now
        on. It ends at `expires_at`, or as before. Raises `UnknownKey`."""
        key = self._held(name_or_id)
        written = write(key.id)
        self._table.rotate(key.id, _HASHER.hash(written), expires_at)
        return self._again(key), written

    def opened_by(self, written: str) -> Key | None:
        """The key that is written so, where it holds; None where it is unknown, wrong, revoked or
        expired."""
        key_id = read_id(written)
        found = None if key_id is None else self._table.by_id(key_id)
        if found is None:
            return None
        key, hashed = found
        return key if key.state == "valid" and self._is_right(written, hashed) else None

    def _is_right(self, written: str, kept: str) -> bool:
        known = sha256(written.encode()).digest(), kept
        with self._lock:
            if self._right.get(known, 0.0) > time.monotonic():
                return True
        try:
            _HASHER.verify(kept, written)
        except (VerificationError, InvalidHashError):
            return False
        with self._lock:
            self._right[known] = time.monotonic() + REMEMBERED_SECONDS
            self._right.move_to_end(known)
            if len(self._right) > _REMEMBERED:
                self._right.popitem(last=False)
        return True

    def _held(self, name_or_id: str) -> Key:
        """The key of this name or id that was not revoked. Raises `UnknownKey`."""
        found = self._table.held(name_or_id)
        if found is None:
            raise UnknownKey(
                f"there is no key {name_or_id!r} that holds; `footnote key list` shows those there "
                "are"
            )
        return found[0]

    def _again(self, key: Key) -> Key:
        found = self._table.by_id(key.id)
        return found[0] if found else key
