"""What the documents of the store were before they were removed or replaced."""

from __future__ import annotations

from index.postgres.connections import Connection


class Former:
    """See `Former` in `index/store.py`; changes count only inside a `Writer`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def keep(self, undo: str, until: str, sha256: str, data: bytes) -> None:
        self._db.execute(
            "INSERT INTO former (undo, until, sha256, data) VALUES (%s, %s, %s, %s)",
            (undo, until, sha256, data),
        )

    def of(self, undo: str, now: str) -> list[bytes]:
        query = "SELECT data FROM former WHERE undo = %s AND until > %s ORDER BY number"
        return [data for (data,) in self._db.execute(query, (undo, now)).fetchall()]

    def forget(self, undo: str) -> None:
        self._db.execute("DELETE FROM former WHERE undo = %s", (undo,))

    def expire(self, now: str) -> None:
        self._db.execute("DELETE FROM former WHERE until <= %s", (now,))

    def clear(self) -> None:
        self._db.execute("DELETE FROM former")

    def next(self) -> str | None:
        until: str | None = self._db.execute("SELECT min(until) FROM former").fetchone()[0]
        return until
