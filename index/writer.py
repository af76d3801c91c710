"""Writing to the catalog: every change, inside one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from index.document import Chunk, Document
from index.errors import StoreBusy
from index.records import Identity
from index.snapshot import Connection, Snapshot


class Writer(Snapshot):
    """One transaction: nothing of it is seen until it commits, and all of it then."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._raised = False

    def _next_generation(self) -> int:
        """The generation that this transaction makes: one more than the last."""
        if not self._raised:
            self._set_meta("generation", str(self.generation() + 1))
            self._raised = True
        return self.generation()

    def set_identity(self, identity: Identity) -> None:
        self._set_meta("identity", json.dumps(asdict(identity)))

    def _set_meta(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def put(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: NDArray[np.float32],
    ) -> None:
        """Stores `document` with its chunks and their vectors [len(chunks), dim], in the place of
        what is stored under its id."""
        self._drop_chunks(document.id)
        self._db.execute(
            "INSERT INTO documents (id, uri, title, sha256, media_type, metadata, pages, headings, "
            "characters, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET (title, sha256, media_type, metadata, pages, headings, "
            "characters, text, added_at) = (excluded.title, excluded.sha256, excluded.media_type, "
            "excluded.metadata, excluded.pages, excluded.headings, excluded.characters, "
            "excluded.text, excluded.added_at)",
            (
                document.id,
                document.uri,
                document.title,
                document.sha256,
                document.media_type,
                json.dumps(dict(document.metadata), ensure_ascii=False),
                json.dumps(document.pages),
                json.dumps([(h.start, h.end, h.level) for h in document.headings]),
                len(document.text),
                document.text,
            ),
        )
        self._db.execute("DELETE FROM locations WHERE document_id = ?", (document.id,))
        self._db.executemany(
            "INSERT INTO locations VALUES (?, ?, ?)",
            [(document.id, start, label) for start, label in document.locations],
        )
        for chunk, vector in zip(chunks, vectors, strict=True):
            self._put_chunk(document, chunk, vector.tobytes())

    def _put_chunk(self, document: Document, chunk: Chunk, vector: bytes) -> None:
        text = document.text[chunk.start : chunk.end]
        cursor = self._db.execute(
            'INSERT INTO chunks (document_id, start, "end", heading, text, vector) '
            "VALUES (?, ?, ?, ?, ?, ?)",
            (document.id, chunk.start, chunk.end, chunk.heading, text, vector),
        )
        self._db.execute(
            "INSERT INTO full_text (rowid, title, heading, text) VALUES (?, ?, ?, ?)",
            (cursor.lastrowid, document.title, chunk.heading, text),
        )

    def drop(self, document_id: str) -> None:
        """Removes a document with everything that was made of it."""
        self._drop_chunks(document_id)
        self._db.execute("DELETE FROM documents WHERE id = ?", (document_id,))

    def unstaged(self, identity: Identity) -> list[str]:
        """The ids of the documents that have yet to be staged for `identity`, oldest first. What
        was staged for another identity, or of a text that has changed since, is thrown away."""
        if self._meta("staging") != json.dumps(asdict(identity)):
            self._db.execute("DELETE FROM staged_documents")
            self._set_meta("staging", json.dumps(asdict(identity)))
        self._db.execute(
            "DELETE FROM staged_documents WHERE NOT EXISTS (SELECT 1 FROM documents AS d "
            "WHERE d.id = staged_documents.id AND d.sha256 = staged_documents.sha256)"
        )
        rows = self._db.execute(
            "SELECT id FROM documents WHERE id NOT IN (SELECT id FROM staged_documents) "
            "ORDER BY number"
        )
        return [id_ for (id_,) in rows]

    def stage(
        self,
        identity: Identity,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: NDArray[np.float32],
    ) -> None:
        """Keeps what `document` will consist of after `swap_staged`. Raises `StoreBusy` when
        another reindex, with other settings, has begun since."""
        if self._meta("staging") != json.dumps(asdict(identity)):
            raise StoreBusy(
                "another reindex with other settings has begun; let one finish, then run it again"
            )
        self._db.execute("DELETE FROM staged_documents WHERE id = ?", (document.id,))
        self._db.execute(
            "INSERT INTO staged_documents VALUES (?, ?)", (document.id, document.sha256)
        )
        self._db.executemany(
            "INSERT INTO staged_chunks VALUES (?, ?, ?, ?, ?)",
            [
                (document.id, chunk.start, chunk.end, chunk.heading, vector.tobytes())
                for chunk, vector in zip(chunks, vectors, strict=True)
            ],
        )

    def swap_staged(self, identity: Identity) -> None:
        """Puts what was staged in the place of every chunk there is."""
        for document_id in self.document_ids():
            document = self.document(document_id)
            rows = self._db.execute(
                'SELECT start, "end", heading, vector FROM staged_chunks WHERE document_id = ? '
                "ORDER BY rowid",
                (document_id,),
            ).fetchall()
            self._drop_chunks(document_id)
            for start, end, heading, vector in rows:
                self._put_chunk(document, Chunk(document_id, start, end, heading), vector)
        self._db.execute("DELETE FROM staged_documents")
        self.set_identity(identity)
        self._next_generation()

    def _drop_chunks(self, document_id: str) -> None:
        of_document = (document_id,)
        self._db.execute(
            "INSERT INTO full_text (full_text, rowid, title, heading, text) "
            "SELECT 'delete', searchable.* FROM searchable "
            "WHERE id IN (SELECT id FROM chunks WHERE document_id = ?)",
            of_document,
        )
        self._db.execute(
            "INSERT INTO removals SELECT id, ? FROM chunks WHERE document_id = ?",
            (self._next_generation(), document_id),
        )
        self._db.execute("DELETE FROM chunks WHERE document_id = ?", of_document)
