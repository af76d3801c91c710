"""Keys in a small SQLite file beside the catalog of the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.access.key import Key
from api.access.key_table import COLUMNS, Kept, kept, row_of
from index.errors import StoreUnusable

FILE_NAME = "keys.sqlite3"
_BUSY_SECONDS = 30.0
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


class KeyFile:
    """The `KeyTable` of the store in `folder`, a file that is its owner's alone."""

    is_shared = False

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    def any_made(self) -> bool:
        return self.path.exists()

    def all(self) -> list[Kept]:
        return self._where("true ORDER BY created_at, rowid")

    def by_id(self, key_id: str) -> Kept | None:
        return next(iter(self._where("id = ?", key_id)), None)

    def held(self, name_or_id: str) -> Kept | None:
        found = self._where("(name = ?1 OR id = ?1) AND revoked_at IS NULL", name_or_id)
        return next(iter(found), None)

    def _where(self, which: str, *values: str) -> list[Kept]:
        if not self.any_made():
            return []
        with self._connection() as db:
            rows = db.execute(f"SELECT {COLUMNS} FROM keys WHERE {which}", values).fetchall()
        return [kept(row) for row in rows]

    def add(self, key: Key, hashed: str) -> bool:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as db:
            added = db.execute(
                f"INSERT INTO keys ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                row_of(key, hashed),
            )
            return added.rowcount > 0

    def revoke(self, key_id: str, at: str) -> None:
        with self._connection() as db:
            db.execute("UPDATE keys SET revoked_at = ? WHERE id = ?", (at, key_id))

    def rotate(self, key_id: str, hashed: str, expires_at: str | None) -> None:
        with self._connection() as db:
            db.execute(
                "UPDATE keys SET hash = ?, expires_at = coalesce(?, expires_at) WHERE id = ?",
                (hashed, expires_at, key_id),
            )

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Commits at the end."""
        try:
            if not self.path.exists():
                self.path.touch(mode=0o600)
            db = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
                    db.executescript(_SCHEMA)
                db.execute("BEGIN")
                yield db
                db.execute("COMMIT")
            finally:
                db.close()
        except (OSError, sqlite3.Error) as error:
            raise StoreUnusable(
                f"'{self.path}' cannot be used ({error}); see to its disk and permissions"
            ) from error
