"""The stems of texts as every store has them: SQLite's full text splits and stems them, here too,
and PostgreSQL is given what comes of it."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from index.text.word_signs import spaced

_LONGEST = 500  # bytes of a stem; PostgreSQL takes about 2,000
_GAP = 2  # so that no phrase goes from a title into a heading


@dataclass(frozen=True, slots=True)
class Indexed:
    """A text as it is indexed: the `text` of its `tsvector`, how many words it has, and its
    distinct stems."""

    text: str
    length: int
    stems: Collection[str]


class Stems:
    """For many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._db.executescript(
            "CREATE VIRTUAL TABLE texts USING fts5 (text, content = '', "
            "tokenize = 'porter unicode61 remove_diacritics 2');"
            "CREATE VIRTUAL TABLE stems USING fts5vocab (texts, instance);"
        )

    def of(self, texts: Sequence[str]) -> list[list[str]]:
        """The stems of each of `texts`, in order."""
        found: list[list[str]] = [[] for _ in texts]
        with self._lock:
            self._db.execute("BEGIN")  # one for all, which costs less, and keeps nothing
            try:
                self._db.executemany(
                    "INSERT INTO texts (rowid, text) VALUES (?, ?)", enumerate(texts)
                )
                rows = self._db.execute("SELECT doc, term FROM stems ORDER BY doc, offset")
                for at, stem in rows:
                    found[at].append(_short(stem))
            finally:
                self._db.execute("ROLLBACK")
        return found

    def close(self) -> None:
        self._db.close()


def tsvectors(stems: Stems, rows: Sequence[tuple[str, str, str]]) -> list[Indexed]:
    """Each (title, heading path, text) as it is indexed. Positions count from 1."""
    split = stems.of([spaced(part) for row in rows for part in row])
    return [_indexed(split[at : at + 3]) for at in range(0, len(split), 3)]


def _indexed(columns: Sequence[Sequence[str]]) -> Indexed:
    places: dict[str, list[int]] = {}
    next_place = 1
    for column in columns:
        for place, stem in enumerate(column, start=next_place):
            places.setdefault(stem, []).append(place)
        next_place += len(column) + _GAP
    parts = (f"{quoted(stem)}:{','.join(map(str, at))}" for stem, at in places.items())
    return Indexed(" ".join(parts), sum(map(len, columns)), places.keys())


def quoted(stem: str) -> str:
    """`stem` in the text of a `tsvector` or `tsquery`."""
    return "'" + stem.replace("\\", "\\\\").replace("'", "''") + "'"


def _short(stem: str) -> str:
    sent = stem.encode()
    if len(sent) <= _LONGEST:
        return stem
    return sent[:_LONGEST].decode(errors="ignore") + hashlib.sha256(sent).hexdigest()
