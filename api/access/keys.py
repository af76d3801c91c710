"""The keys of a store, in a small SQLite file beside its catalog.

What is kept of a secret is its Argon2 hash. A hash takes tens of milliseconds, and every request
brings a key, so one that was found right is remembered for some minutes, by its digest and beside
the hash that it met; whether the key still holds is read from the file each time.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.access.key import Key, named, now, read_id, write
from api.access.role import Role
from index.errors import InvalidKey, StoreUnusable, UnknownKey
from rag.open_index import local_folder
from rag.settings import Settings

FILE_NAME = "keys.sqlite3"
REMEMBERED_SECONDS = 300.0
_REMEMBERED = 1024
_BUSY_SECONDS = 30.0
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # 19 MiB
_COLUMNS = "id, name, role, collections, created_at, expires_at, revoked_at"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    collections TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT,
    hash TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS held_names ON keys (name) WHERE revoked_at IS NULL;
"""


def keys_of(settings: Settings) -> Keys:
    """Those of the store that is set; of one in a database, those of this machine."""
    return Keys(local_folder(settings))


class Keys:
    """The keys of the store in `folder`. May be used by many threads and processes.

    Raises `StoreUnusable` when the file cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._lock = threading.Lock()
        self._right: OrderedDict[tuple[bytes, str], float] = OrderedDict()

    def any_made(self) -> bool:
        """Whether a key was ever made, even one that holds no more."""
        return self._path.exists()

    def all(self) -> list[Key]:
        """The oldest first."""
        if not self.any_made():
            return []
        with self._connection() as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY created_at, rowid").fetchall()
        return [_key(row) for row in rows]

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
        kept = None if collections is None else json.dumps(sorted(set(collections)))
        row = (key_id, name, role.value, kept, now(), expires_at, None)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._connection() as db:
                db.execute(
                    f"INSERT INTO keys ({_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (*row, _HASHER.hash(written)),
                )
        except sqlite3.IntegrityError as error:
            raise InvalidKey(
                f"there is a key called {name!r} already; revoke or rotate it, or choose another "
                "name"
            ) from error
        return _key(row), written

    def revoke(self, name_or_id: str) -> Key:
        """The key opens nothing from now on. Raises `UnknownKey`."""
        key = self._held(name_or_id)
        with self._connection() as db:
            db.execute("UPDATE keys SET revoked_at = ? WHERE id = ?", (now(), key.id))
        return self._one("id = ?", key.id) or key

    def rotate(self, name_or_id: str, expires_at: str | None = None) -> tuple[Key, str]:
        """The key with another secret, which is told this once; the old one opens nothing from now
        on. It ends at `expires_at`, or as before. Raises `UnknownKey`."""
        key = self._held(name_or_id)
        written = write(key.id)
        with self._connection() as db:
            db.execute(
                "UPDATE keys SET hash = ?, expires_at = coalesce(?, expires_at) WHERE id = ?",
                (_HASHER.hash(written), expires_at, key.id),
            )
        return self._one("id = ?", key.id) or key, written

    def opened_by(self, written: str) -> Key | None:
        """The key that is written so, where it holds; None where it is unknown, wrong, revoked or
        expired."""
        key_id = read_id(written)
        if key_id is None or not self.any_made():
            return None
        with self._connection() as db:
            row = db.execute(
                f"SELECT {_COLUMNS}, hash FROM keys WHERE id = ?", (key_id,)
            ).fetchone()
        if row is None:
            return None
        key = _key(row[:-1])
        return key if key.state == "valid" and self._is_right(written, row[-1]) else None

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
        key = None
        if self.any_made():
            key = self._one("(name = ?1 OR id = ?1) AND revoked_at IS NULL", name_or_id)
        if key is None:
            raise UnknownKey(
                f"there is no key {name_or_id!r} that holds; `footnote key list` shows those there "
                "are"
            )
        return key

    def _one(self, which: str, value: str) -> Key | None:
        with self._connection() as db:
            row = db.execute(f"SELECT {_COLUMNS} FROM keys WHERE {which}", (value,)).fetchone()
        return _key(row) if row else None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Commits at the end. The file is its owner's alone."""
        try:
            if not self._path.exists():
                self._path.touch(mode=0o600)
            db = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
                    db.executescript(_SCHEMA)
                db.execute("BEGIN")
                yield db
                db.execute("COMMIT")
            finally:
                db.close()
        except sqlite3.IntegrityError:
            raise
        except (OSError, sqlite3.Error) as error:
            raise StoreUnusable(
                f"'{self._path}' cannot be used ({error}); see to its disk and permissions"
            ) from error


def _key(row: Sequence[str | None]) -> Key:
    key_id, name, role, collections, created_at, expires_at, revoked_at = row
    opened = None if collections is None else tuple(json.loads(collections))
    return Key(
        id=str(key_id),
        name=str(name),
        role=Role(str(role)),
        collections=opened,
        created_at=str(created_at),
        expires_at=expires_at,
        revoked_at=revoked_at,
    )
