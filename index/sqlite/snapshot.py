"""Reading the catalog: every query over one committed state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.document import Chunk, Document, Heading, MetadataValue, page_at
from index.errors import UnknownDocument
from index.filter import Condition, collections_in
from index.paging import stretch
from index.records import (
    Copied,
    Counts,
    Excerpt,
    Extent,
    Identity,
    Key,
    Listed,
    Listing,
    Row,
    Stored,
)
from index.sqlite.collections import Collections
from index.sqlite.former import Former
from index.sqlite.lists import Lists, Where
from index.sqlite.originals import Originals
from index.sqlite.readings import Readings
from index.sqlite.spelling import Spelling
from index.sqlite.synced_folders import Folders
from index.sqlite.texts import Connection, Texts
from index.sqlite.where import where
from index.text.content_words import content_words
from index.uri import MEMBER

# From the few documents to their chunks by the index: a plain JOIN may read every vector.
_CHUNKS_OF = (
    "SELECT chunks.id FROM documents CROSS JOIN chunks ON chunks.document_id = documents.id "
    "WHERE {where}"
)


class Snapshot:
    """The last committed state of the catalog in `folder`, unchanging while it is open."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self._db = connection
        self._folder = folder

    def generation(self) -> int:
        return int(self._meta("generation") or 0)

    def store_id(self) -> str:
        """A number of its own that every store gets when it is made."""
        return self._meta("store") or ""

    def identity(self) -> Identity | None:
        """What built the data; None in a store that has never held any."""
        value = self._meta("identity")
        return Identity(**json.loads(value)) if value else None

    def setting(self, name: str) -> str | None:
        """What the store was told to keep under `name`; None where there is nothing."""
        return self._meta(f"setting {name}")

    def settings(self) -> dict[str, str]:
        """All that the store was told to keep, by name."""
        query = "SELECT substr(key, 9), value FROM meta WHERE key GLOB 'setting *'"
        return dict(self._db.execute(query))

    def _meta(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def counts(self, conditions: Sequence[Condition] = ()) -> Counts:
        query = "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM chunks)"
        if not conditions:
            return Counts(*self._db.execute(query).fetchone())
        test, values = self._where(conditions)
        query = (
            "SELECT count(*), coalesce(sum((SELECT count(*) FROM chunks "
            f"WHERE document_id = documents.id)), 0) FROM documents WHERE {test}"
        )
        return Counts(*self._db.execute(query, values).fetchone())

    def size(self, conditions: Sequence[Condition] = ()) -> int:
        """The bytes of the kept originals of the documents that meet every condition, and one for
        each character of their texts."""
        test, values = self._where(conditions)
        query = (
            "SELECT coalesce(sum(characters), 0) + (SELECT coalesce(sum(bytes), 0) FROM originals "
            f"WHERE NOT leaving AND sha256 IN (SELECT sha256 FROM documents WHERE {test})) "
            f"FROM documents WHERE {test}"
        )
        return int(self._db.execute(query, values * 2).fetchone()[0])

    def _where(self, conditions: Sequence[Condition]) -> tuple[str, list[MetadataValue]]:
        """`where`, for collections that there are."""
        self.collections.require(collections_in(conditions))
        return where(conditions)

    def find(self, id_or_uri: str) -> str:
        """The id of the document that has this id, or this uri among its names."""
        query = (
            "SELECT id FROM documents WHERE id = ?1 UNION ALL "
            "SELECT document_id FROM names WHERE uri = ?1 LIMIT 1"
        )
        row = self._db.execute(query, (id_or_uri,)).fetchone()
        if row is None:
            raise UnknownDocument.called(id_or_uri)
        return str(row[0])

    def document(self, document_id: str) -> Document:
        row = self._db.execute(
            "SELECT id, uri, title, text, sha256, media_type, pages, headings, metadata "
            "FROM documents WHERE id = ?",
            (document_id,),
        ).fetchone()
        if row is None:
            raise UnknownDocument.called(document_id)
        identifier, uri, title, text, sha256, media_type, pages, headings, metadata = row
        return Document(
            identifier,
            uri,
            title,
            text,
            sha256,
            media_type,
            tuple(json.loads(pages)),
            tuple(Heading(*heading) for heading in json.loads(headings)),
            json.loads(metadata),
            tuple(
                self._db.execute(
                    "SELECT start, label FROM locations WHERE document_id = ? ORDER BY start",
                    (document_id,),
                )
            ),
        )

    def quote(self, document_id: str, start: int, end: int) -> Excerpt:
        """`text[start:end]` of a document, without reading the rest of it. Raises
        `UnknownDocument`."""
        row = self._db.execute(
            "SELECT uri, title, pages, substr(text, ?2 + 1, ?3), (SELECT label FROM locations "
            "WHERE document_id = ?1 AND start <= ?2 ORDER BY start DESC LIMIT 1) "
            "FROM documents WHERE id = ?1",
            (document_id, start, end - start),
        ).fetchone()
        if row is None:
            raise UnknownDocument.called(document_id)
        uri, title, pages, text, label = row
        page = page_at(json.loads(pages), start)
        return Excerpt(document_id, uri, title, page, label or "", start, text)

    def locate(self, document_id: str, text: str, start: int) -> Excerpt | None:
        """Where `text` stands in a document: at or after `start` first, else the first time; None
        where it is not in it. Raises `UnknownDocument`."""
        row = self._db.execute(
            "SELECT instr(substr(text, ?2 + 1), ?3), instr(text, ?3) FROM documents WHERE id = ?1",
            (document_id, start, text),
        ).fetchone()
        if row is None:
            raise UnknownDocument.called(document_id)
        after, first = row
        if not first:
            return None
        at = start + after - 1 if after else first - 1
        return self.quote(document_id, at, at + len(text))

    def locations(self, places: Sequence[tuple[str, int]]) -> list[str]:
        """The label of the place that holds each (document id, offset); "" where it has none."""
        rows = self._db.execute(
            "SELECT (SELECT label FROM locations "
            "WHERE document_id = json_extract(place.value, '$[0]') "
            "AND start <= json_extract(place.value, '$[1]') ORDER BY start DESC LIMIT 1) "
            "FROM json_each(?) AS place ORDER BY place.key",
            (json.dumps(places),),
        )
        return [label or "" for (label,) in rows]

    def members(self, archive: str) -> list[str]:
        """The uris of what came from the archive with this uri, further names of documents among
        them."""
        begin = archive + MEMBER
        end = begin[:-1] + chr(ord(begin[-1]) + 1)
        query = "SELECT uri FROM names WHERE uri >= ? AND uri < ? ORDER BY number"
        return [uri for (uri,) in self._db.execute(query, (begin, end))]

    def stored(self, document_id: str) -> Stored:
        for found in self._stored("WHERE id = ?", (document_id,)):
            return found
        raise UnknownDocument.called(document_id)

    def copied(self, document_id: str) -> Copied:
        """A document with all that is held of it. Raises `UnknownDocument`."""
        document, stored = self.document(document_id), self.stored(document_id)
        rows = self._db.execute(
            'SELECT start, "end", heading, id, vector FROM chunks WHERE document_id = ? '
            "ORDER BY id",
            (document_id,),
        ).fetchall()
        names = [uri for id_, uri, _ in self.twins(document.sha256) if id_ == document_id]
        return Copied(
            document,
            tuple(names),
            stored.added_at,
            self.readings.is_current(document_id),
            tuple(Chunk(document_id, *place) for *place, _ in rows),
            np.frombuffer(b"".join(row[-1] for row in rows), np.float32).reshape(len(rows), -1),
        )

    def documents(
        self, offset: int, limit: int, conditions: Sequence[Condition] = ()
    ) -> list[Stored]:
        """Those that meet every condition, in the order in which they were first added; a limit of
        -1 is no limit."""
        test, values = self._where(conditions)
        which = f"WHERE {test} ORDER BY number LIMIT ? OFFSET ?"
        return self._stored(which, (*values, limit, offset))

    def listed(
        self,
        listing: Listing,
        limit: int,
        after: Key | None = None,
        conditions: Sequence[Condition] = (),
    ) -> Listed:
        """The first `limit` documents of a list, or those that come after `after`."""
        found = self.lists.stretch(listing, limit + 1, after, self._which(conditions))
        which = "WHERE id IN (SELECT value FROM json_each(?))"
        return stretch(found, limit, lambda ids: self._stored(which, (json.dumps(ids),)))

    def extent(self, listing: Listing, every: int, conditions: Sequence[Condition] = ()) -> Extent:
        """How long a list is, with a mark at every document of a number that `every` divides."""
        return self.lists.extent(listing, every, self._which(conditions))

    def subfolders(
        self, folder: str, conditions: Sequence[Condition] = ()
    ) -> list[tuple[str, int]]:
        """The folders that lie directly in `folder`, each with how many documents are in it."""
        return self.lists.subfolders(folder, self._which(conditions))

    def _which(self, conditions: Sequence[Condition]) -> Where | None:
        return self._where(conditions) if conditions else None

    @property
    def lists(self) -> Lists:
        return Lists(self._db)

    def _stored(self, which: str, values: tuple[object, ...]) -> list[Stored]:
        rows = self._db.execute(
            "SELECT metadata, id, uri, title, sha256, media_type, "
            "(SELECT count(*) FROM chunks WHERE document_id = documents.id), "
            f"characters, added_at, json_array_length(pages) FROM documents {which}",
            values,
        ).fetchall()
        aliases = self.aliases(row[1] for row in rows)
        return [
            Stored(
                id_, uri, title, sha256, kind, json.loads(metadata), aliases.get(id_, ()), *counted
            )
            for metadata, id_, uri, title, sha256, kind, *counted in rows
        ]

    def documents_like(self, text: str, limit: int) -> list[tuple[str, str, str]]:
        """(id, uri, title) of the first `limit` documents whose title or uri holds `text`, in the
        order in which they were first added; the case of A to Z doesn't count."""
        query = (
            "SELECT id, uri, title FROM documents "
            "WHERE instr(lower(uri), lower(?1)) OR instr(lower(title), lower(?1)) "
            "ORDER BY number LIMIT ?2"
        )
        return list(self._db.execute(query, (text, limit)))

    def named(self, uri: str) -> tuple[str, str] | None:
        """(id, sha256) of the document that has `uri` among its names; None when none has."""
        query = (
            "SELECT id, sha256 FROM names JOIN documents ON id = document_id WHERE names.uri = ?"
        )
        row: tuple[str, str] | None = self._db.execute(query, (uri,)).fetchone()
        return row

    def called(self, name: str) -> list[str]:
        """The ids of the documents that have the title or the file name `name`, oldest first."""
        query = "SELECT id FROM documents WHERE is_called(title, uri, ?) ORDER BY number"
        return [str(id_) for (id_,) in self._db.execute(query, (name,))]

    def twins(self, sha256: str) -> list[tuple[str, str, str]]:
        """(id, uri, media type) of the documents made from the bytes with this digest, once for
        each of their names, oldest first."""
        return list(
            self._db.execute(
                "SELECT id, names.uri, media_type FROM documents "
                "JOIN names ON document_id = id WHERE sha256 = ? ORDER BY names.number",
                (sha256,),
            )
        )

    @property
    def folders(self) -> Folders:
        return Folders(self._db)

    @property
    def collections(self) -> Collections:
        return Collections(self._db)

    @property
    def originals(self) -> Originals:
        return Originals(self._db, self._folder)

    @property
    def former(self) -> Former:
        return Former(self._db)

    @property
    def readings(self) -> Readings:
        return Readings(self._db)

    @property
    def spelling(self) -> Spelling:
        return Spelling(self._db)

    @property
    def texts(self) -> Texts:
        return Texts(self._db)

    def aliases(self, document_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The further names of those documents that have more than one, oldest first."""
        rows = self._db.execute(
            "SELECT document_id, names.uri FROM names JOIN documents ON id = document_id "
            "WHERE document_id IN (SELECT value FROM json_each(?)) AND names.uri <> documents.uri "
            "ORDER BY names.number",
            (json.dumps(list(document_ids)),),
        )
        found: dict[str, tuple[str, ...]] = {}
        for document_id, uri in rows:
            found[document_id] = (*found.get(document_id, ()), uri)
        return found

    def document_ids(self) -> list[str]:
        """In the order in which the documents were first added."""
        return [id_ for (id_,) in self._db.execute("SELECT id FROM documents ORDER BY number")]

    def chunk_ids(self) -> NDArray[np.int64]:
        """Every chunk id, ascending: [n]."""
        return _ids(self._db.execute("SELECT id FROM chunks ORDER BY id"))

    def chunk_sums(self) -> tuple[int, int]:
        """The number of chunks, and the sum of their ids."""
        query = "SELECT count(*), coalesce(sum(id), 0) FROM chunks"
        number, total = self._db.execute(query).fetchone()
        return int(number), int(total)

    def last_chunk_id(self) -> int:
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM chunks").fetchone()[0])

    def matching(self, conditions: Sequence[Condition]) -> NDArray[np.int64]:
        """The ids of the chunks of documents that meet every condition, ascending: [n]."""
        test, values = self._where(conditions)
        # As one text: a row for each of many chunks would take longer than the search itself.
        query = f"SELECT group_concat(id) FROM ({_CHUNKS_OF.format(where=test)})"
        (ids,) = self._db.execute(query, values).fetchone()
        return np.sort(np.fromstring(ids or "", dtype=np.int64, sep=","))

    def openings(self, limit: int, conditions: Sequence[Condition]) -> list[Row]:
        """The first chunk that is more than a title or a date, else the first, of each of the first
        `limit` documents that meet every condition."""
        test, values = self._where(conditions)
        query = (
            "SELECT coalesce(min(CASE WHEN length(chunks.text) >= 120 THEN chunks.id END), "
            "min(chunks.id)) FROM documents JOIN chunks ON chunks.document_id = documents.id "
            f"WHERE {test} GROUP BY documents.number ORDER BY documents.number LIMIT ?"
        )
        ids = [chunk_id for (chunk_id,) in self._db.execute(query, (*values, limit))]
        rows = self.rows(ids)
        return [rows[chunk_id] for chunk_id in ids]

    def pruned(self) -> int:
        """The generation up to which it has been forgotten which chunks were removed."""
        return int(self._meta("pruned") or 0)

    def removed_since(self, generation: int) -> NDArray[np.int64]:
        query = "SELECT chunk_id FROM removals WHERE generation > ?"
        return _ids(self._db.execute(query, (generation,)))

    def vectors_after(self, chunk_id: int, batch: int) -> Iterator[tuple[NDArray[np.int64], bytes]]:
        """(ids, their float32 vectors end to end) of chunks with a greater id, ascending."""
        query = "SELECT id, vector FROM chunks WHERE id > ? ORDER BY id"
        cursor = self._db.execute(query, (chunk_id,))
        while rows := cursor.fetchmany(batch):
            ids, vectors = zip(*rows, strict=True)
            yield np.array(ids, dtype=np.int64), b"".join(vectors)

    def vectors(self, chunk_ids: Sequence[int]) -> dict[int, bytes]:
        query = "SELECT id, vector FROM chunks WHERE id IN (SELECT value FROM json_each(?))"
        return dict(self._db.execute(query, (json.dumps(list(chunk_ids)),)))

    def lexical(
        self, question: str, limit: int, conditions: Sequence[Condition] = ()
    ) -> dict[int, float]:
        """BM25 of the best `limit` chunks that share a word with `question`, by id, best first;
        higher is better. Words are matched by their Porter stems; function words don't count."""
        words = content_words(question)
        if not words:
            return {}
        test, values = where(conditions)
        selected = f"AND +rowid IN ({_CHUNKS_OF.format(where=test)}) " if conditions else ""
        rows = self._db.execute(
            f"SELECT rowid, rank FROM full_text WHERE full_text MATCH ? {selected}"
            "ORDER BY rank LIMIT ?",
            (" OR ".join(f'"{word}"' for word in words), *values, limit),
        )
        return {chunk_id: -rank for chunk_id, rank in rows}

    def rows(self, chunk_ids: Sequence[int]) -> dict[int, Row]:
        """Those of `chunk_ids` that exist, by id."""
        rows = self._db.execute(
            'SELECT c.id, c.document_id, c.start, c."end", c.heading, c.text, '
            "d.uri, d.title, d.pages, d.metadata FROM chunks c "
            "JOIN documents d ON d.id = c.document_id "
            "WHERE c.id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(chunk_ids)),),
        )
        found = {}
        for chunk_id, document_id, start, end, heading, text, uri, title, pages, metadata in rows:
            chunk = Chunk(document_id, start, end, heading, chunk_id)
            page = page_at(json.loads(pages), start)
            found[chunk_id] = Row(chunk, text, uri, title, page, json.loads(metadata))
        return found

    def problems(self) -> Iterator[str]:
        """What is wrong with the file, one line each; nothing when it is sound."""
        for (line,) in self._db.execute("PRAGMA integrity_check"):
            if line != "ok":
                yield f"SQLite: {line}"
        for table, *_ in self._db.execute("PRAGMA foreign_key_check"):
            yield f"a row of {table} belongs to no document"
        for (document_id,) in self._db.execute(
            "SELECT id FROM documents WHERE id NOT IN (SELECT document_id FROM chunks)"
        ):
            yield f"document {document_id} has no chunks; remove it and add it again"
        for (document_id,) in self._db.execute(
            "SELECT id FROM documents AS d WHERE NOT EXISTS "
            "(SELECT 1 FROM names AS n WHERE n.uri = d.uri AND n.document_id = d.id)"
        ):
            yield f"document {document_id} is not found by its uri; remove it and add it again"
        identity = self.identity()
        size = 4 * identity.dim if identity else 0
        rows = self._db.execute(
            'SELECT c.id, c.document_id, c.start, c."end", c.text, length(c.vector) '
            "FROM chunks c JOIN documents d ON d.id = c.document_id ORDER BY c.document_id"
        )
        text, of_document = "", ""
        for chunk_id, document_id, start, end, piece, length in rows:
            if document_id != of_document:
                text, of_document = self.document(document_id).text, document_id
            if text[start:end] != piece:
                yield f"chunk {chunk_id} is not the text of document {document_id} at {start}:{end}"
            if length != size:
                yield f"the vector of chunk {chunk_id} has {length} bytes, not {size}"


def _ids(rows: Iterable[tuple[int]]) -> NDArray[np.int64]:
    return np.fromiter((row[0] for row in rows), dtype=np.int64)
