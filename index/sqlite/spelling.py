"""The store's own words, for a word of a question that it doesn't hold."""

from __future__ import annotations

from index.sqlite.texts import Connection
from index.text import spelling
from index.text.spelling import TEXTS, Range


class Spelling:
    """Looks words up in the full text, which knows them by their stems."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def holds(self, word: str) -> bool:
        """Whether a text has a word with the stem of `word`."""
        query = "SELECT 1 FROM full_text WHERE full_text MATCH ? LIMIT 1"
        return self._db.execute(query, (f'"{word}"',)).fetchone() is not None

    def nearest(self, word: str) -> str | None:
        """The word of a text that `word` was meant for; see `text/spelling.py`."""
        return spelling.nearest(word, self._stems, self._texts)

    def _stems(self, alike: Range) -> list[tuple[str, int]]:
        """The stems in a range, and in how many texts."""
        self._db.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab(main, full_text, row)"
        )
        return list(
            self._db.execute(
                "SELECT term, doc FROM temp.terms WHERE term >= ?1 AND term < ?2 "
                "AND length(term) BETWEEN ?3 AND ?4",
                (alike.low, alike.high, alike.shortest, alike.longest),
            )
        )

    def _texts(self, stem: str) -> list[str]:
        """Some texts with a stem."""
        self._db.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.places "
            "USING fts5vocab(main, full_text, instance)"
        )
        rows = self._db.execute(
            "SELECT title, heading, text FROM searchable WHERE id IN "
            "(SELECT doc FROM temp.places WHERE term = ? LIMIT ?)",
            (stem, TEXTS),
        )
        return [part for row in rows for part in row]
