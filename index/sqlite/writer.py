"""Writing to the catalog: every change, inside one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import document as documents
from index.document import Chunk, Document
from index.errors import StoreBusy
from index.records import Copied, Identity
from index.sqlite.collections import Collections
from index.sqlite.snapshot import Snapshot
from index.sqlite.texts import Connection
from index.uri import name_title
from index.versions import reading

_REMEMBERED = 1000  # generations; a view that is further behind is built anew
_PRUNED_EACH = 64  # generations
_FEW_REMOVALS = 10_000  # are remembered, however few chunks there are


class Writer(Snapshot):
    """One transaction: nothing of it is seen until it commits, and all of it then."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        super().__init__(connection, folder)
        self._raised = False

    def _next_generation(self) -> int:
        """The generation that this transaction makes: one more than the last."""
        if not self._raised:
            generation = self.generation() + 1
            self._set_meta("generation", str(generation))
            self._raised = True
            if generation % _PRUNED_EACH == 0:
                self.prune_removals()
        return self.generation()

    def prune_removals(self) -> None:
        """Forgets chunks that were removed long ago, or more of them than there are chunks: a view
        that is so far behind is built anew, which is as quick."""
        generation, (chunks, _) = self.generation(), self.chunk_sums()
        row = self._db.execute(
            "SELECT generation FROM removals ORDER BY generation DESC LIMIT 1 OFFSET ?",
            (max(chunks, _FEW_REMOVALS),),
        ).fetchone()
        pruned = max(generation - _REMEMBERED, row[0] if row else 0, self.pruned())
        if pruned > self.pruned():
            self._db.execute("DELETE FROM removals WHERE generation <= ?", (pruned,))
            self._set_meta("pruned", str(pruned))

    def set_identity(self, identity: Identity) -> None:
        self._set_meta("identity", json.dumps(asdict(identity)))

    def set_setting(self, name: str, value: str | None) -> None:
        """Keeps `value` under `name`, in the place of what was there; None keeps nothing."""
        if value is None:
            self._db.execute("DELETE FROM meta WHERE key = ?", (f"setting {name}",))
        else:
            self._set_meta(f"setting {name}", value)

    def _set_meta(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def link(self, uri: str, sha256: str, twin: str | None) -> tuple[str, str] | None:
        """(id, status) of the document at `uri` where what it holds is stored already: there, or
        as the document `twin`, to which `uri` is added. None where there are chunks to store, or
        it was read in another version."""
        named = self.named(uri)
        if named and named[1] == sha256 and self.readings.is_current(named[0]):
            return named[0], "unchanged"
        if twin is None:
            return None
        if named:
            self.collections.pass_on(named[0], twin)
            self.drop_name(uri)
        self._add_name(uri, twin)
        self.lists.enter(twin)
        return twin, "replaced" if named else "added"

    def put(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: NDArray[np.float32],
    ) -> tuple[str, str]:
        """Stores `document` with its chunks and their vectors [len(chunks), dim], in the place of
        what has its uri; (id, status). Other content that has other names too keeps those; the same
        content, read anew, keeps them all."""
        named = self.named(document.uri)
        if named and named[1] != document.sha256 and self._count_names(named[0]) > 1:
            self.drop_name(document.uri)
            document = replace(document, id=self._free_id(document.uri))
            before = named[0]
        else:
            before = ""
            document = replace(document, id=named[0] if named else self._free_id(document.uri))
        self._write(document, chunks, [vector.tobytes() for vector in vectors], before)
        return document.id, "replaced" if named else "added"

    def restore(self, copied: Copied) -> str:
        """Stores a document as another store had it, or this one before, under its names, which no
        document has, and its own id, unless one has that; the id."""
        document = copied.document
        if self._has(document.id):
            document = replace(document, id=self._free_id(document.uri))
        self._write(document, copied.chunks, [vector.tobytes() for vector in copied.vectors])
        self._db.execute("DELETE FROM names WHERE document_id = ?", (document.id,))
        for name in copied.names:
            self._add_name(name, document.id)
        read = reading(document.media_type) if copied.is_current else 0
        self._db.execute(
            "UPDATE documents SET reading = ?, added_at = ? WHERE id = ?",
            (read, copied.added_at, document.id),
        )
        self.lists.enter(document.id)
        return document.id

    def _write(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Sequence[bytes],
        before: str = "",
    ) -> None:
        """Stores `document` in the place of the one with its id; it joins the collections of the
        document `before`, whose uri it has taken, where there is one."""
        self._drop_chunks(document.id)
        self._db.execute(
            "INSERT INTO documents (id, uri, title, sha256, media_type, metadata, pages, headings, "
            "characters, text, reading) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET (title, sha256, media_type, metadata, pages, headings, "
            "characters, text, reading, added_at) = (excluded.title, excluded.sha256, "
            "excluded.media_type, excluded.metadata, excluded.pages, excluded.headings, "
            "excluded.characters, excluded.text, excluded.reading, excluded.added_at)",
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
                reading(document.media_type),
            ),
        )
        self.collections.pass_on(before, document.id)
        self._add_name(document.uri, document.id)
        self._db.execute("DELETE FROM locations WHERE document_id = ?", (document.id,))
        self._db.executemany(
            "INSERT INTO locations VALUES (?, ?, ?)",
            [(document.id, start, label) for start, label in document.locations],
        )
        for chunk, vector in zip(chunks, vectors, strict=True):
            self._put_chunk(document, chunk, vector)
        self.lists.enter(document.id)

    @property
    def collections(self) -> Collections:
        return Collections(self._db, self._next_generation)

    def _add_name(self, uri: str, document_id: str) -> None:
        self._next_generation()
        self._db.execute(
            "INSERT OR IGNORE INTO names (uri, document_id) VALUES (?, ?)", (uri, document_id)
        )

    def _count_names(self, document_id: str) -> int:
        query = "SELECT count(*) FROM names WHERE document_id = ?"
        return int(self._db.execute(query, (document_id,)).fetchone()[0])

    def _free_id(self, uri: str) -> str:
        """The id that `uri` makes, unless the document that was first there has moved away."""
        tries = (uri if n == 0 else f"{uri}\n{n}" for n in count())
        return next(free for free in map(documents.document_id, tries) if not self._has(free))

    def _has(self, document_id: str) -> bool:
        query = "SELECT 1 FROM documents WHERE id = ?"
        return self._db.execute(query, (document_id,)).fetchone() is not None

    def _put_chunk(self, document: Document, chunk: Chunk, vector: bytes) -> None:
        text = document.text[chunk.start : chunk.end]
        cursor = self._db.execute(
            'INSERT INTO chunks (document_id, start, "end", heading, text, vector) '
            "VALUES (?, ?, ?, ?, ?, ?)",
            (document.id, chunk.start, chunk.end, chunk.heading, text, vector),
        )
        self._db.execute(
            "INSERT INTO full_text (rowid, title, heading, text) "
            "VALUES (?, spaced(?), spaced(?), spaced(?))",
            (cursor.lastrowid, document.title, chunk.heading, text),
        )

    def drop(self, document_id: str) -> None:
        """Removes a document with everything that was made of it."""
        self._drop_chunks(document_id)
        self._db.execute("DELETE FROM names WHERE document_id = ?", (document_id,))
        self._db.execute("DELETE FROM documents WHERE id = ?", (document_id,))

    def drop_name(self, uri: str) -> None:
        """Removes one name of a document, and the document with its last one. Where it was shown
        by this name, it is shown by the oldest that is left. Raises `UnknownDocument`."""
        document = self.stored(self.find(uri))
        if not document.aliases:
            self.drop(document.id)
            return
        self._next_generation()
        self._db.execute("DELETE FROM names WHERE uri = ?", (uri,))
        if uri == document.uri:
            shown = document.aliases[0]
            self._db.execute("UPDATE documents SET uri = ? WHERE id = ?", (shown, document.id))
            if document.title == name_title(uri) and (title := name_title(shown)):
                self._retitle(document.id, title)
        self.lists.enter(document.id)

    def _retitle(self, document_id: str, title: str) -> None:
        """Gives a document the title of its new name, in its full text too."""
        if title == self.stored(document_id).title:
            return
        generation = self._next_generation()
        remembered = [each for each in self.texts.retitled() if each[0] > generation - _REMEMBERED]
        self._set_meta("retitled", json.dumps([*remembered, (generation, document_id)]))
        self._drop_full_text(document_id)
        self._db.execute("UPDATE documents SET title = ? WHERE id = ?", (title, document_id))
        self._db.execute(
            "INSERT INTO full_text (rowid, title, heading, text) SELECT * FROM searchable "
            "WHERE id IN (SELECT id FROM chunks WHERE document_id = ?)",
            (document_id,),
        )

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
        self.former.clear()
        self.set_identity(identity)
        self._next_generation()

    def _drop_chunks(self, document_id: str) -> None:
        generation = self._next_generation()
        self._drop_full_text(document_id)
        self._db.execute(
            "INSERT INTO removals SELECT id, ? FROM chunks WHERE document_id = ?",
            (generation, document_id),
        )
        self._db.execute("DELETE FROM chunks WHERE document_id = ?", (document_id,))

    def _drop_full_text(self, document_id: str) -> None:
        self._db.execute(
            "INSERT INTO full_text (full_text, rowid, title, heading, text) "
            "SELECT 'delete', searchable.* FROM searchable "
            "WHERE id IN (SELECT id FROM chunks WHERE document_id = ?)",
            (document_id,),
        )
