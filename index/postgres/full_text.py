"""Chunks by their words: BM25 in SQL, as SQLite's FTS5 weighs it.

PostgreSQL's own ranks know nothing of how rare a word is. But `ts_rank_cd` of one word, or of one
phrase, is how often it occurs, where all weights are 1; the rest of BM25 is arithmetic on the
chunk's length and on totals that every write keeps in its own transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from index.filter import Condition
from index.postgres.connections import Connection
from index.postgres.stems import Stems, quoted
from index.postgres.where import CHUNKS_OF, where
from index.text.content_words import content_words

_K1, _B = 1.2, 0.75
_LEAST_WEIGHT = 1e-6  # of a word in FTS5
_MOST_WEIGHT = _K1 + 1  # that a word's rarity is multiplied with


class FullText:
    """What a snapshot shows through its connection."""

    def __init__(self, connection: Connection, stems: Stems) -> None:
        self._db = connection
        self._stems = stems

    def search(
        self, question: str, limit: int, conditions: Sequence[Condition] = ()
    ) -> dict[int, float]:
        """BM25 of the best `limit` chunks that share a word with `question`, by id, best first;
        higher is better. Words are matched by their Porter stems; function words don't count."""
        chunks, words = self._db.execute("SELECT chunks, words FROM totals").fetchone()
        phrases = [stems for stems in self._stems.of(content_words(question)) if stems]
        if not chunks or not phrases:
            return {}
        weighed = sorted(
            ((_weight(chunks, number), phrase) for phrase, number in self._counted(phrases)),
            reverse=True,
        )
        average = max(words / chunks, 1e-9)
        # Chunks with common words alone can often not be among the best: then they are not read.
        for several in range(1, len(weighed)):
            rest = sum(weight for weight, _ in weighed[several:]) * _MOST_WEIGHT
            if rest < weighed[0][0]:
                found = self._best(weighed, several, average, limit, conditions)
                if len(found) == limit and min(found.values()) > rest:
                    return found
                break
        return self._best(weighed, len(weighed), average, limit, conditions) if weighed else {}

    def holds(self, word: str) -> bool:
        """Whether a text has a word with the stem of `word`."""
        (stems,) = self._stems.of([word])
        return bool(stems) and self._count_matching(stems) > 0

    def _counted(self, phrases: Sequence[list[str]]) -> list[tuple[str, int]]:
        """The query of each phrase that is in a chunk, and in how many."""
        single = [phrase[0] for phrase in phrases if len(phrase) == 1]
        known = dict(
            self._db.execute(
                "SELECT stem, chunks FROM stems WHERE stem = ANY(%s::text[])", (single,)
            ).fetchall()
        )
        counted = [
            known.get(phrase[0], 0) if len(phrase) == 1 else self._count_matching(phrase)
            for phrase in phrases
        ]
        return [
            (_query(phrase), number)
            for phrase, number in zip(phrases, counted, strict=True)
            if number
        ]

    def _count_matching(self, phrase: Sequence[str]) -> int:
        query = "SELECT count(*) FROM full_text WHERE tokens @@ %s::tsquery"
        return int(self._db.execute(query, (_query(phrase),)).fetchone()[0])

    def _best(
        self,
        weighed: Sequence[tuple[float, str]],
        several: int,
        average: float,
        limit: int,
        conditions: Sequence[Condition],
    ) -> dict[int, float]:
        """The best of the chunks that have one of the first `several` words, by all of them."""
        test, wanted = where(conditions)
        among = f"AND chunk_id IN ({CHUNKS_OF.format(where=test)})" if conditions else ""
        terms, values = list[str](), list[object]()
        for weight, query in weighed:
            terms.append(
                "%s::float8 * n / (n + %s::float8 + length * %s::float8) "
                "FROM ts_rank_cd('{1,1,1,1}', tokens, %s::tsquery) AS n"
            )
            values += [weight * (_K1 + 1), _K1 * (1 - _B), _K1 * _B / average, query]
        score = " + ".join(f"(SELECT {term})" for term in terms)
        any_of = " | ".join(f"({query})" for _, query in weighed[:several])
        rows = self._db.execute(
            f"SELECT chunk_id, {score} AS score FROM full_text WHERE tokens @@ %s::tsquery {among} "
            "ORDER BY score DESC, chunk_id LIMIT %s",
            (*values, any_of, *wanted, limit),
        )
        return dict(rows.fetchall())


def _weight(chunks: int, holding: int) -> float:
    return max(log((chunks - holding + 0.5) / (holding + 0.5)), _LEAST_WEIGHT)


def _query(phrase: Sequence[str]) -> str:
    return " <-> ".join(map(quoted, phrase))
