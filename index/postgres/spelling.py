"""The store's own words, for a word of a question that it doesn't hold."""

from __future__ import annotations

from index.postgres.connections import Connection
from index.postgres.full_text import FullText
from index.postgres.stems import quoted
from index.text import spelling
from index.text.spelling import TEXTS, Range


class Spelling:
    """Looks words up in the full text, which knows them by their stems."""

    def __init__(self, connection: Connection, full_text: FullText) -> None:
        self._db = connection
        self.holds = full_text.holds

    def nearest(self, word: str) -> str | None:
        """The word of a text that `word` was meant for; see `text/spelling.py`."""
        return spelling.nearest(word, self._stems, self._texts)

    def _stems(self, alike: Range) -> list[tuple[str, int]]:
        """The stems in a range, and in how many texts."""
        rows = self._db.execute(
            "SELECT stem, chunks FROM stems WHERE stem >= %s AND stem < %s "
            "AND length(stem) BETWEEN %s AND %s",
            (alike.low, alike.high, alike.shortest, alike.longest),
        )
        return list(rows.fetchall())

    def _texts(self, stem: str) -> list[str]:
        """Some texts with a stem."""
        rows = self._db.execute(
            "SELECT title, heading, chunks.text FROM chunks "
            "JOIN documents ON documents.id = document_id WHERE chunks.id IN "
            "(SELECT chunk_id FROM full_text WHERE tokens @@ %s::tsquery LIMIT %s)",
            (quoted(stem), TEXTS),
        )
        return [part for row in rows.fetchall() for part in row]
