"""Writing to the store: every change, inside one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from index import document as documents
from index.document import Chunk, Document
from index.errors import StoreBusy
from index.filter import Condition
from index.postgres.collections import Collections
from index.postgres.connections import Connection, Vector
from index.postgres.contents import Contents
from index.postgres.full_text import FullText
from index.postgres.snapshot import Snapshot
from index.postgres.stems import Stems
from index.records import Copied, Counts, Identity
from index.uri import name_title
from index.versions import reading


class Writer(Snapshot):
    """One transaction: nothing of it is seen until it commits, and all of it then."""

    def __init__(self, connection: Connection, stems: Stems) -> None:
        super().__init__(connection, stems)
        self._contents = Contents(connection, stems)

    def finish(self) -> int:
        """What is due before the transaction commits: an index of the vectors once they are many,
        and the new generation, which is returned."""
        self._contents.flush()
        query = "UPDATE totals SET generation = generation + 1 RETURNING generation"
        (generation,) = self._db.execute(query).fetchone()
        if self._contents.grown and (identity := self.identity()):
            self.vectors.make_index(identity.dim)
        return int(generation)

    def counts(self, conditions: Sequence[Condition] = ()) -> Counts:
        self._contents.flush()
        return super().counts(conditions)

    @property
    def collections(self) -> Collections:
        self._contents.flush()
        return super().collections

    @property
    def full_text(self) -> FullText:
        self._contents.flush()
        return super().full_text

    def set_identity(self, identity: Identity) -> None:
        self._set_meta("identity", json.dumps(asdict(identity)))

    def set_setting(self, name: str, value: str | None) -> None:
        """Keeps `value` under `name`, in the place of what was there; None keeps nothing."""
        if value is None:
            self._db.execute("DELETE FROM meta WHERE key = %s", (f"setting {name}",))
        else:
            self._set_meta(f"setting {name}", value)

    def _set_meta(self, key: str, value: str) -> None:
        self._db.execute(
            "INSERT INTO meta VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = "
            "excluded.value",
            (key, value),
        )

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
        self, document: Document, chunks: Sequence[Chunk], vectors: NDArray[np.float32]
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
        if named:
            self._contents.drop(document.id)
            self._db.execute("DELETE FROM locations WHERE document_id = %s", (document.id,))
        self._write(document, chunks, vectors, before)
        return document.id, "replaced" if named else "added"

    def restore(self, copied: Copied) -> str:
        """Stores a document as another store had it, or this one before, under its names, which no
        document has, and its own id, unless one has that; the id."""
        document = copied.document
        if self._has(document.id):
            document = replace(document, id=self._free_id(document.uri))
        self._write(document, copied.chunks, copied.vectors)
        self._db.execute("DELETE FROM names WHERE document_id = %s", (document.id,))
        for name in copied.names:
            self._add_name(name, document.id)
        read = reading(document.media_type) if copied.is_current else 0
        self._db.execute(
            "UPDATE documents SET reading = %s, added_at = %s WHERE id = %s",
            (read, copied.added_at, document.id),
        )
        self.lists.enter(document.id)
        return document.id

    def _write(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: NDArray[np.float32],
        before: str = "",
    ) -> None:
        """Stores `document` in the place of the one with its id; it joins the collections of the
        document `before`, whose uri it has taken, where there is one."""
        (is_new,) = self._db.execute(
            "INSERT INTO documents (id, uri, title, sha256, media_type, metadata, facts, pages, "
            "headings, characters, text, reading) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (id) DO UPDATE SET (title, sha256, media_type, metadata, facts, pages, "
            "headings, characters, text, reading, added_at) = (excluded.title, excluded.sha256, "
            "excluded.media_type, excluded.metadata, excluded.facts, excluded.pages, "
            "excluded.headings, excluded.characters, excluded.text, excluded.reading, "
            "excluded.added_at) RETURNING xmax = 0",
            (
                document.id,
                document.uri,
                document.title,
                document.sha256,
                document.media_type,
                metadata := json.dumps(dict(document.metadata)),
                metadata,
                list(document.pages),
                json.dumps([(h.start, h.end, h.level) for h in document.headings]),
                len(document.text),
                document.text,
                reading(document.media_type),
            ),
        ).fetchone()
        self._contents.documents += is_new
        self.collections.pass_on(before, document.id)
        self._add_name(document.uri, document.id)
        if document.locations:
            starts, labels = map(list, zip(*document.locations, strict=True))
            self._db.execute(
                "INSERT INTO locations SELECT %s, * FROM unnest(%s::int[], %s::text[])",
                (document.id, starts, labels),
            )
        self._contents.put(document, chunks, [Vector(each) for each in vectors])
        self.lists.enter(document.id)

    def _add_name(self, uri: str, document_id: str) -> None:
        self._db.execute(
            "INSERT INTO names (uri, document_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (uri, document_id),
        )

    def _count_names(self, document_id: str) -> int:
        query = "SELECT count(*) FROM names WHERE document_id = %s"
        return int(self._db.execute(query, (document_id,)).fetchone()[0])

    def _free_id(self, uri: str) -> str:
        """The id that `uri` makes, unless the document that was first there has moved away."""
        tries = (uri if n == 0 else f"{uri}\n{n}" for n in count())
        return next(free for free in map(documents.document_id, tries) if not self._has(free))

    def _has(self, document_id: str) -> bool:
        query = "SELECT 1 FROM documents WHERE id = %s"
        return self._db.execute(query, (document_id,)).fetchone() is not None

    def drop(self, document_id: str) -> None:
        """Removes a document with everything that was made of it."""
        self._contents.drop(document_id)
        query = "DELETE FROM documents WHERE id = %s"
        self._contents.documents -= self._db.execute(query, (document_id,)).rowcount

    def drop_name(self, uri: str) -> None:
        """Removes one name of a document, and the document with its last one. Where it was shown
        by this name, it is shown by the oldest that is left. Raises `UnknownDocument`."""
        document = self.stored(self.find(uri))
        if not document.aliases:
            self.drop(document.id)
            return
        self._db.execute("DELETE FROM names WHERE uri = %s", (uri,))
        if uri == document.uri:
            shown = document.aliases[0]
            self._db.execute("UPDATE documents SET uri = %s WHERE id = %s", (shown, document.id))
            title = name_title(shown) if document.title == name_title(uri) else ""
            if title and title != document.title:
                query = "UPDATE documents SET title = %s WHERE id = %s"
                self._db.execute(query, (title, document.id))
                self._contents.reindex_words(document.id)
        self.lists.enter(document.id)

    def unstaged(self, identity: Identity) -> list[str]:
        """The ids of the documents that have yet to be staged for `identity`, oldest first. What
        was staged for another identity, or of a text that has changed since, is thrown away."""
        if self._meta("staging") != json.dumps(asdict(identity)):
            self._db.execute("DELETE FROM staged_documents")
            self._set_meta("staging", json.dumps(asdict(identity)))
        self._db.execute(
            "DELETE FROM staged_documents AS s WHERE NOT EXISTS (SELECT 1 FROM documents AS d "
            "WHERE d.id = s.id AND d.sha256 = s.sha256)"
        )
        rows = self._db.execute(
            "SELECT id FROM documents WHERE id NOT IN (SELECT id FROM staged_documents) "
            "ORDER BY number"
        )
        return [id_ for (id_,) in rows.fetchall()]

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
        self._db.execute("DELETE FROM staged_documents WHERE id = %s", (document.id,))
        self._db.execute(
            "INSERT INTO staged_documents VALUES (%s, %s)", (document.id, document.sha256)
        )
        self._db.cursor().executemany(
            'INSERT INTO staged_chunks (document_id, start, "end", heading, vector) '
            "VALUES (%s, %s, %s, %s, %s)",
            [
                (document.id, chunk.start, chunk.end, chunk.heading, Vector(vector))
                for chunk, vector in zip(chunks, vectors, strict=True)
            ],
        )

    def swap_staged(self, identity: Identity) -> None:
        """Puts what was staged in the place of every chunk there is."""
        self._contents.clear()
        rows = self._db.execute("SELECT id FROM documents ORDER BY number")
        for (document_id,) in rows.fetchall():
            self._contents.put_staged(self.document(document_id))
        self._db.execute("DELETE FROM staged_documents")
        self.former.clear()
        self.set_identity(identity)
