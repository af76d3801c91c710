"""The store's own words, for a word of a question that it doesn't hold."""

from __future__ import annotations

import re
import unicodedata

from index.sqlite.texts import Connection
from index.text.edits import edits, edits_to_beginning

_WORD = re.compile(r"[^\W\d_]+")
_SUFFIX = 6  # the most letters that a stem lacks
_TERMS, _TEXTS = 16, 5  # the nearest stems, and the texts with each, whose words are looked at
_TWO_EDITS = 8  # letters of a word that may have two


class Spelling:
    """Looks words up in the full text, which knows them by their stems."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def holds(self, word: str) -> bool:
        """Whether a text has a word with the stem of `word`."""
        query = "SELECT 1 FROM full_text WHERE full_text MATCH ? LIMIT 1"
        return self._db.execute(query, (f'"{word}"',)).fetchone() is not None

    def nearest(self, word: str) -> str | None:
        """The word of a text that begins alike and is one edit from `word`, or two from a long one;
        of several the nearest, where letters are swapped, lost or doubled rather than others, then
        the most frequent. None where there is none."""
        plain = _plain(word)
        most = 1 + (len(plain) >= _TWO_EDITS)
        letters = set(plain.replace("y", "i")) | set(plain)
        near = sorted(
            (edits_to_beginning(plain, term), -texts, term)
            for term, texts in self._terms(plain)
            if len(set(term) - letters) <= most
        )
        found: list[tuple[int, bool, int, str]] = []
        for place, (distance, _, term) in enumerate(near[:_TERMS]):
            if distance > most + 1:  # a stem may end otherwise than its word
                break
            for other in self._written(term, plain[0], len(plain), most):
                spelt = _plain(other)
                changed = len(spelt) == len(plain) and sorted(spelt) != sorted(plain)
                found.append((edits(plain, spelt, most), changed, place, other))
        distance, *_, other = min(found, default=(most + 1, False, 0, ""))
        return other if distance <= most else None

    def _terms(self, word: str) -> list[tuple[str, int]]:
        """The stems with the first letter of `word` that may be its own, and in how many texts."""
        self._db.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab(main, full_text, row)"
        )
        return list(
            self._db.execute(
                "SELECT term, doc FROM temp.terms WHERE term >= ?1 AND term < ?2 "
                "AND length(term) BETWEEN ?3 AND ?4",
                (word[0], chr(ord(word[0]) + 1), max(len(word) - _SUFFIX, 3), len(word) + 2),
            )
        )

    def _written(self, term: str, first: str, length: int, most: int) -> set[str]:
        """The words of some texts with the stem `term` that begin with the letter `first` and have
        `length` letters, or up to `most` more or fewer."""
        self._db.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.places "
            "USING fts5vocab(main, full_text, instance)"
        )
        rows = self._db.execute(
            "SELECT title, heading, text FROM searchable WHERE id IN "
            "(SELECT doc FROM temp.places WHERE term = ? LIMIT ?)",
            (term, _TEXTS),
        )
        words = {word for row in rows for word in _WORD.findall(" ".join(row))}
        return {
            word for word in words if abs(len(word) - length) <= most and _plain(word[0]) == first
        }


def _plain(word: str) -> str:
    """`word` as the full text has it: in small letters, without accents."""
    letters = unicodedata.normalize("NFD", word.lower())
    return "".join(each for each in letters if not unicodedata.combining(each))
