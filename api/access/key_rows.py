"""Keys in the database of a store in PostgreSQL, which all its servers ask for."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from api.access.key import Key
from api.access.key_file import FILE_NAME, KeyFile
from api.access.key_table import COLUMNS, Kept, kept, row_of
from index.errors import StoreMissing, StoreUnusable
from index.postgres.address import Address
from index.postgres.connections import Connection, Connections
from index.postgres.schema import prepare

_MOST = 4  # connections beside those of the store
_MOVED = f"moved.{FILE_NAME}"


class KeyRows:
    """The `KeyTable` of the store at `address`. Keys that an earlier Footnote kept in the folder
    `former` of this machine are moved there; one whose name another key there has is
    called by its id too."""

    is_shared = True

    def __init__(self, address: Address, former: Path | None = None) -> None:
        self._connections = Connections(address, _MOST)
        self._former = former
        self._lock = threading.Lock()
        self._is_ready = False
        self._was_made = False

    def any_made(self) -> bool:
        if not self._was_made and self._ready(create=False):
            with self._connections.pooled() as db:
                (self._was_made,) = db.execute("SELECT EXISTS (SELECT FROM keys)").fetchone()
        return self._was_made

    def all(self) -> list[Kept]:
        return self._where("true ORDER BY created_at, number")

    def by_id(self, key_id: str) -> Kept | None:
        return next(iter(self._where("id = %s", key_id)), None)

    def held(self, name_or_id: str) -> Kept | None:
        named = name_or_id.replace("\0", "")
        found = self._where("(name = %s OR id = %s) AND revoked_at IS NULL", named, named)
        return next(iter(found), None)

    def _where(self, which: str, *values: str) -> list[Kept]:
        if not self._ready(create=False):
            return []
        with self._connections.pooled() as db:
            rows = db.execute(f"SELECT {COLUMNS} FROM keys WHERE {which}", values).fetchall()
        return [kept(row) for row in rows]

    def add(self, key: Key, hashed: str) -> bool:
        self._ready(create=True)
        with self._connections.pooled() as db:
            return _add(db, key, hashed)

    def revoke(self, key_id: str, at: str) -> None:
        with self._connections.pooled() as db:
            db.execute("UPDATE keys SET revoked_at = %s WHERE id = %s", (at, key_id))

    def rotate(self, key_id: str, hashed: str, expires_at: str | None) -> None:
        with self._connections.pooled() as db:
            db.execute(
                "UPDATE keys SET hash = %s, expires_at = coalesce(%s, expires_at) WHERE id = %s",
                (hashed, expires_at, key_id),
            )

    def _ready(self, *, create: bool) -> bool:
        """Whether the table is there; it is made, with its store, where `create` allows."""
        with self._lock:
            if not self._is_ready:
                try:
                    with self._connections.single() as db:
                        prepare(db, str(self._connections.address), create or self._has_former())
                except StoreMissing:
                    return False
                if self._has_former():
                    self._move()
                self._is_ready = True
            return True

    def _has_former(self) -> bool:
        return self._former is not None and (self._former / FILE_NAME).exists()

    def _move(self) -> None:
        assert self._former is not None
        file = KeyFile(self._former)
        with self._connections.pooled() as db, db.transaction():
            for key, hashed in file.all():
                is_known = db.execute("SELECT 1 FROM keys WHERE id = %s", (key.id,)).fetchone()
                if not is_known and not _add(db, key, hashed):
                    _add(db, replace(key, name=f"{key.name[:87]} {key.id}"), hashed)
        try:
            with suppress(FileNotFoundError):  # another process was quicker
                file.path.rename(self._former / _MOVED)
        except OSError as error:
            raise StoreUnusable(
                f"'{file.path}', whose keys are in the database now, cannot be renamed "
                f"({error.strerror}); see to its permissions, or remove it"
            ) from error


def _add(db: Connection, key: Key, hashed: str) -> bool:
    added = db.execute(
        f"INSERT INTO keys ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING",
        row_of(key, hashed),
    )
    return bool(added.rowcount)
