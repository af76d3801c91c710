"""The bytes of the files that were added, in the database with what was read of them."""

from __future__ import annotations

import io
from typing import IO

from index.errors import UnknownOriginal
from index.postgres.connections import Connection


class Originals:
    """Each goes, by a trigger, with the last document that has its digest; changes count only
    inside a `Writer`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def size(self, sha256: str) -> int | None:
        """How many bytes the original with this digest has; None where it is not kept."""
        query = "SELECT size FROM originals WHERE sha256 = %s"
        row = self._db.execute(query, (sha256,)).fetchone()
        return row[0] if row else None

    def total(self) -> int:
        """The bytes of all."""
        query = "SELECT coalesce(sum(size), 0)::bigint FROM originals"
        return int(self._db.execute(query).fetchone()[0])

    def open(self, sha256: str) -> IO[bytes]:
        """The bytes themselves. Raises `UnknownOriginal`."""
        query = "SELECT data FROM originals WHERE sha256 = %s"
        row = self._db.execute(query, (sha256,)).fetchone()
        if row is None:
            raise UnknownOriginal(f"the original with the SHA-256 {sha256} is not kept")
        return io.BytesIO(row[0])

    def keep(self, sha256: str, data: bytes) -> None:
        """Keeps `data` for as long as a document has this digest."""
        self._db.execute(
            "INSERT INTO originals (sha256, size, data) VALUES (%s, %s, %s) "
            "ON CONFLICT (sha256) DO NOTHING",
            (sha256, len(data), data),
        )
