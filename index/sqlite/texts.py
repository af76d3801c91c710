"""The texts of a catalog, for a view of them that is kept in step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Protocol

Text = tuple[int, str, str, str]
"""The id, title, heading path and text of a chunk, as they are indexed."""


class Connection(Protocol):
    """A connection of the standard library's SQLite module."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Any: ...

    def executemany(self, sql: str, rows: Any, /) -> Any: ...


class Texts:
    """What a snapshot or a writer shows through its connection."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def after(self, chunk_id: int) -> Iterator[Text]:
        """Those of the chunks with a greater id, ascending."""
        yield from self._db.execute(
            "SELECT * FROM searchable WHERE id > ? ORDER BY id", (chunk_id,)
        )

    def of(self, chunk_ids: list[int]) -> Iterator[Text]:
        """Those of `chunk_ids` that exist."""
        query = "SELECT * FROM searchable WHERE id IN (SELECT value FROM json_each(?))"
        yield from self._db.execute(query, (json.dumps(chunk_ids),))

    def retitled_since(self, generation: int, last_id: int) -> Iterator[Text]:
        """Those of the chunks up to `last_id` whose title is another than it was."""
        renamed = [id_ for at, id_ in self.retitled() if at > generation]
        yield from self._db.execute(
            "SELECT * FROM searchable WHERE id <= ? AND id IN (SELECT id FROM chunks WHERE "
            "document_id IN (SELECT value FROM json_each(?)))",
            (last_id, json.dumps(renamed)),
        )

    def retitled(self) -> list[tuple[int, str]]:
        """(generation, document id) of the documents whose title changed, as far as remembered."""
        row = self._db.execute("SELECT value FROM meta WHERE key = 'retitled'").fetchone()
        return [(at, id_) for at, id_ in json.loads(row[0])] if row else []
