"""The chunks of documents with their vectors and stems, and the totals of them, in one
transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from index.document import Chunk, Document
from index.postgres.connections import Connection, Vector
from index.postgres.stems import Stems, tsvectors

_STEMS_OF = (
    'SELECT lexeme COLLATE "C" AS stem, count(*) AS number FROM chunks '
    "JOIN full_text ON chunk_id = chunks.id, unnest(tokens) WHERE document_id = %s GROUP BY 1"
)


class Contents:
    """What a `Writer` changes through its connection; `grown` says whether chunks were put. The
    totals, and in how many chunks each stem is, are only right after `flush`."""

    def __init__(self, connection: Connection, stems: Stems) -> None:
        self._db = connection
        self._stems = stems
        self.grown = False
        self.documents = 0  # how many more there are than the totals say
        self._chunks = 0
        self._words = 0
        self._counted: Counter[str] = Counter()
        self._last_chunk: int | None = None

    def flush(self) -> None:
        """Brings the totals up to what has been put and dropped."""
        if self.documents or self._chunks or self._words or self._last_chunk is not None:
            self._db.execute(
                "UPDATE totals SET documents = documents + %s, chunks = chunks + %s, "
                "words = words + %s, last_chunk = coalesce(%s, last_chunk)",
                (self.documents, self._chunks, self._words, self._last_chunk),
            )
            self.documents = self._chunks = self._words = 0
        if self._counted:
            self._db.execute(
                "INSERT INTO stems SELECT * FROM unnest(%s::text[], %s::bigint[]) "
                "ON CONFLICT (stem) DO UPDATE SET chunks = stems.chunks + excluded.chunks",
                (list(self._counted), list(self._counted.values())),
            )
            self._counted.clear()

    def put(self, document: Document, chunks: Sequence[Chunk], vectors: Sequence[Vector]) -> None:
        """Stores `chunks` of `document`, in order, with their vectors."""
        ids = self._put_chunks(document, chunks)
        self._db.cursor().executemany(
            "INSERT INTO vectors VALUES (%s, %s)", list(zip(ids, vectors, strict=True))
        )

    def put_staged(self, document: Document) -> None:
        """Stores the chunks that were staged of `document`."""
        rows = self._db.execute(
            'SELECT number, start, "end", heading FROM staged_chunks WHERE document_id = %s '
            "ORDER BY number",
            (document.id,),
        ).fetchall()
        ids = self._put_chunks(document, [Chunk(document.id, *place) for _, *place in rows])
        self._db.execute(
            "INSERT INTO vectors SELECT id, vector FROM staged_chunks "
            "JOIN unnest(%s::bigint[], %s::bigint[]) AS made (id, number) USING (number)",
            (ids, [number for number, *_ in rows]),
        )

    def _put_chunks(self, document: Document, chunks: Sequence[Chunk]) -> list[int]:
        """The new ids of `chunks`."""
        self.grown = True
        if self._last_chunk is None:
            (self._last_chunk,) = self._db.execute("SELECT last_chunk FROM totals").fetchone()
        ids = [self._last_chunk + at for at in range(1, len(chunks) + 1)]
        self._last_chunk += len(chunks)
        self._chunks += len(chunks)
        texts = [document.text[chunk.start : chunk.end] for chunk in chunks]
        self._db.cursor().executemany(
            "INSERT INTO chunks VALUES (%s, %s, %s, %s, %s, %s)",
            [
                (chunk_id, document.id, chunk.start, chunk.end, chunk.heading, text)
                for chunk_id, chunk, text in zip(ids, chunks, texts, strict=True)
            ],
        )
        parts = [(document.title, c.heading, t) for c, t in zip(chunks, texts, strict=True)]
        self._put_words(ids, parts)
        return ids

    def _put_words(self, ids: Sequence[int], parts: Sequence[tuple[str, str, str]]) -> None:
        made = tsvectors(self._stems, parts)
        self._db.cursor().executemany(
            "INSERT INTO full_text VALUES (%s, %s, %s::tsvector)",
            [(chunk_id, each.length, each.text) for chunk_id, each in zip(ids, made, strict=True)],
        )
        self._words += sum(each.length for each in made)
        self._counted.update(stem for each in made for stem in each.stems)

    def drop(self, document_id: str) -> None:
        """Removes the chunks of a document, with everything that was made of them."""
        self._drop_words(document_id)
        query = "DELETE FROM chunks WHERE document_id = %s"
        self._chunks -= self._db.execute(query, (document_id,)).rowcount

    def _drop_words(self, document_id: str) -> None:
        self.flush()
        self._db.execute(
            f"UPDATE stems SET chunks = chunks - gone.number FROM ({_STEMS_OF}) AS gone "
            "WHERE gone.stem = stems.stem",
            (document_id,),
        )
        self._db.execute(
            "DELETE FROM stems WHERE chunks <= 0 AND stem IN "
            f"(SELECT stem FROM ({_STEMS_OF}) AS gone)",
            (document_id,),
        )
        (gone,) = self._db.execute(
            "WITH gone AS (DELETE FROM full_text WHERE chunk_id IN "
            "(SELECT id FROM chunks WHERE document_id = %s) RETURNING length) "
            "SELECT coalesce(sum(length), 0) FROM gone",
            (document_id,),
        ).fetchone()
        self._words -= int(gone)

    def reindex_words(self, document_id: str) -> None:
        """Makes the full text of a document's chunks anew: its title has changed."""
        self._drop_words(document_id)
        rows = self._db.execute(
            "SELECT chunks.id, title, heading, chunks.text FROM chunks "
            "JOIN documents ON documents.id = document_id WHERE document_id = %s "
            "ORDER BY chunks.id",
            (document_id,),
        ).fetchall()
        self._put_words([row[0] for row in rows], [tuple(row[1:]) for row in rows])

    def clear(self) -> None:
        """Removes every chunk."""
        self.flush()
        for table in ("full_text", "stems", "vectors", "chunks"):
            self._db.execute(f"DELETE FROM {table}")
        self._db.execute("UPDATE totals SET chunks = 0, words = 0")
