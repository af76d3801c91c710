"""Reading the store: every query over one committed state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from index.document import Chunk, Document, Heading, page_at
from index.errors import UnknownDocument
from index.filter import Condition, collections_in
from index.paging import stretch
from index.postgres.collections import Collections
from index.postgres.connections import Connection
from index.postgres.former import Former
from index.postgres.full_text import FullText
from index.postgres.lists import TIME, Lists, Where
from index.postgres.originals import Originals
from index.postgres.readings import Readings
from index.postgres.spelling import Spelling
from index.postgres.stems import Stems
from index.postgres.synced_folders import Folders
from index.postgres.vectors import Vectors
from index.postgres.where import kept, where
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
from index.uri import MEMBER, is_called


class Snapshot:
    """The last committed state, unchanging while it is open."""

    def __init__(self, connection: Connection, stems: Stems) -> None:
        self._db = connection
        self._stems = stems

    def generation(self) -> int:
        """How often the store has been written to."""
        return int(self._db.execute("SELECT generation FROM totals").fetchone()[0])

    def store_id(self) -> str | None:
        """What no other store has."""
        return self._meta("store")

    def identity(self) -> Identity | None:
        """What built the data; None in a store that has never held any."""
        value = self._meta("identity")
        return Identity(**json.loads(value)) if value else None

    def setting(self, name: str) -> str | None:
        """What the store was told to keep under `name`; None where there is nothing."""
        return self._meta(f"setting {name}")

    def settings(self) -> dict[str, str]:
        """All that the store was told to keep, by name."""
        query = "SELECT substr(key, 9), value FROM meta WHERE starts_with(key, 'setting ')"
        return dict(self._db.execute(query).fetchall())

    def _meta(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE key = %s", (key,)).fetchone()
        return row[0] if row else None

    def counts(self, conditions: Sequence[Condition] = ()) -> Counts:
        if not conditions:
            return Counts(*self._db.execute("SELECT documents, chunks FROM totals").fetchone())
        self.require_collections(conditions)
        test, values = where(conditions)
        query = (
            "SELECT count(*), coalesce(sum((SELECT count(*) FROM chunks "
            f"WHERE document_id = documents.id)), 0)::bigint FROM documents WHERE {test}"
        )
        return Counts(*self._db.execute(query, values).fetchone())

    def size(self, conditions: Sequence[Condition] = ()) -> int:
        self.require_collections(conditions)
        test, values = where(conditions)
        query = (
            "SELECT (coalesce(sum(characters), 0) + (SELECT coalesce(sum(size), 0) FROM originals "
            f"WHERE sha256 IN (SELECT sha256 FROM documents WHERE {test})))::bigint "
            f"FROM documents WHERE {test}"
        )
        return int(self._db.execute(query, values * 2).fetchone()[0])

    def require_collections(self, conditions: Sequence[Condition]) -> None:
        """Raises `UnknownCollection` where one is named that there is not."""
        self.collections.require(collections_in(conditions))

    @property
    def collections(self) -> Collections:
        return Collections(self._db)

    @property
    def folders(self) -> Folders:
        return Folders(self._db)

    @property
    def originals(self) -> Originals:
        return Originals(self._db)

    @property
    def former(self) -> Former:
        return Former(self._db)

    @property
    def readings(self) -> Readings:
        return Readings(self._db)

    @property
    def full_text(self) -> FullText:
        return FullText(self._db, self._stems)

    @property
    def spelling(self) -> Spelling:
        return Spelling(self._db, self.full_text)

    @property
    def vectors(self) -> Vectors:
        return Vectors(self._db)

    def find(self, id_or_uri: str) -> str:
        """The id of the document that has this id, or this uri among its names."""
        wanted = kept(id_or_uri)
        row = self._db.execute(
            "SELECT id FROM documents WHERE id = %s UNION ALL "
            "SELECT document_id FROM names WHERE uri = %s LIMIT 1",
            (wanted, wanted),
        ).fetchone()
        if row is None:
            raise UnknownDocument.called(id_or_uri)
        return str(row[0])

    def document(self, document_id: str) -> Document:
        row = self._db.execute(
            "SELECT id, uri, title, text, sha256, media_type, pages, headings, metadata "
            "FROM documents WHERE id = %s",
            (kept(document_id),),
        ).fetchone()
        if row is None:
            raise UnknownDocument.called(document_id)
        id_, uri, title, text, sha256, media_type, pages, headings, metadata = row
        locations = self._db.execute(
            "SELECT start, label FROM locations WHERE document_id = %s ORDER BY start",
            (document_id,),
        )
        return Document(
            id_,
            uri,
            title,
            text,
            sha256,
            media_type,
            tuple(pages),
            tuple(Heading(*heading) for heading in headings),
            metadata,
            tuple(locations.fetchall()),
        )

    def quote(self, document_id: str, start: int, end: int) -> Excerpt:
        """`text[start:end]` of a document, without sending the rest of it. Raises
        `UnknownDocument`."""
        row = self._db.execute(
            "SELECT uri, title, pages, substr(text, %s::int + 1, %s::int), "
            "(SELECT label FROM locations WHERE document_id = documents.id AND start <= %s "
            "ORDER BY start DESC LIMIT 1) FROM documents WHERE id = %s",
            (start, end - start, start, kept(document_id)),
        ).fetchone()
        if row is None:
            raise UnknownDocument.called(document_id)
        uri, title, pages, text, label = row
        return Excerpt(document_id, uri, title, page_at(pages, start), label or "", start, text)

    def locate(self, document_id: str, text: str, start: int) -> Excerpt | None:
        """Where `text` stands in a document: at or after `start` first, else the first time; None
        where it is not in it. Raises `UnknownDocument`."""
        row = self._db.execute(
            "SELECT strpos(substr(text, %s::int + 1), %s), strpos(text, %s) "
            "FROM documents WHERE id = %s",
            (start, kept(text), kept(text), kept(document_id)),
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
            "SELECT (SELECT label FROM locations WHERE document_id = place.id AND start <= place.at"
            ' ORDER BY start DESC LIMIT 1) FROM unnest(%s::text[] COLLATE "C", %s::int[]) '
            "WITH ORDINALITY AS place (id, at, number) ORDER BY number",
            ([id_ for id_, _ in places], [at for _, at in places]),
        )
        return [label or "" for (label,) in rows.fetchall()]

    def members(self, archive: str) -> list[str]:
        """The uris of what came from the archive with this uri, further names of documents among
        them."""
        begin = kept(archive) + MEMBER
        end = begin[:-1] + chr(ord(begin[-1]) + 1)
        query = "SELECT uri FROM names WHERE uri >= %s AND uri < %s ORDER BY number"
        return [uri for (uri,) in self._db.execute(query, (begin, end)).fetchall()]

    def stored(self, document_id: str) -> Stored:
        for found in self._stored("WHERE id = %s", (kept(document_id),)):
            return found
        raise UnknownDocument.called(document_id)

    def copied(self, document_id: str) -> Copied:
        """A document with all that is held of it. Raises `UnknownDocument`."""
        document, stored = self.document(document_id), self.stored(document_id)
        rows = self._db.execute(
            'SELECT start, "end", heading, id FROM chunks WHERE document_id = %s ORDER BY id',
            (document_id,),
        )
        names = [uri for id_, uri, _ in self.twins(document.sha256) if id_ == document_id]
        return Copied(
            document,
            tuple(names),
            stored.added_at,
            self.readings.is_current(document_id),
            tuple(Chunk(document_id, *place) for place in rows.fetchall()),
            self.vectors.of_document(document_id),
        )

    def documents(
        self, offset: int, limit: int, conditions: Sequence[Condition] = ()
    ) -> list[Stored]:
        """Those that meet every condition, in the order in which they were first added; a limit of
        -1 is no limit."""
        self.require_collections(conditions)
        most = None if limit < 0 else limit
        test, values = where(conditions)
        which = f"WHERE {test} ORDER BY number LIMIT %s OFFSET %s"
        return self._stored(which, (*values, most, offset))

    def documents_like(self, text: str, limit: int) -> list[tuple[str, str, str]]:
        """(id, uri, title) of the first `limit` documents whose title or uri holds `text`, in the
        order in which they were first added; the case of A to Z doesn't count."""
        wanted = kept(text)
        query = (
            'SELECT id, uri, title FROM documents WHERE strpos(lower(uri COLLATE "C"), '
            'lower(%s COLLATE "C")) > 0 OR strpos(lower(title COLLATE "C"), '
            'lower(%s COLLATE "C")) > 0 ORDER BY number LIMIT %s'
        )
        return list(self._db.execute(query, (wanted, wanted, limit)).fetchall())

    def listed(
        self,
        listing: Listing,
        limit: int,
        after: Key | None = None,
        conditions: Sequence[Condition] = (),
    ) -> Listed:
        """The first `limit` documents of a list, or those that come after `after`."""
        found = self.lists.stretch(listing, limit + 1, after, self._which(conditions))
        return stretch(found, limit, lambda ids: self._stored("WHERE id = ANY(%s::text[])", (ids,)))

    def extent(self, listing: Listing, every: int, conditions: Sequence[Condition] = ()) -> Extent:
        """How long a list is, with a mark at every document of a number that `every` divides."""
        return self.lists.extent(listing, every, self._which(conditions))

    def subfolders(
        self, folder: str, conditions: Sequence[Condition] = ()
    ) -> list[tuple[str, int]]:
        """The folders that lie directly in `folder`, each with how many documents are in it."""
        return self.lists.subfolders(folder, self._which(conditions))

    def _which(self, conditions: Sequence[Condition]) -> Where | None:
        self.require_collections(conditions)
        return where(conditions) if conditions else None

    @property
    def lists(self) -> Lists:
        return Lists(self._db)

    def _stored(self, which: str, values: tuple[object, ...]) -> list[Stored]:
        rows = self._db.execute(
            "SELECT id, uri, title, sha256, media_type, metadata, "
            "(SELECT count(*) FROM chunks WHERE document_id = documents.id), characters, "
            f"{TIME}, cardinality(pages) FROM documents {which}",
            values,
        ).fetchall()
        aliases = self.aliases(row[0] for row in rows)
        return [
            Stored(id_, uri, title, sha256, kind, metadata, aliases.get(id_, ()), *counted)
            for id_, uri, title, sha256, kind, metadata, *counted in rows
        ]

    def named(self, uri: str) -> tuple[str, str] | None:
        """(id, sha256) of the document that has `uri` among its names; None when none has."""
        row: tuple[str, str] | None = self._db.execute(
            "SELECT id, sha256 FROM names JOIN documents ON id = document_id WHERE names.uri = %s",
            (kept(uri),),
        ).fetchone()
        return row

    def called(self, name: str) -> list[str]:
        """The ids of the documents that have the title or the file name `name`, oldest first."""
        rows = self._db.execute("SELECT id, title, uri FROM documents ORDER BY number").fetchall()
        return [id_ for id_, title, uri in rows if is_called(title, uri, name)]

    def twins(self, sha256: str) -> list[tuple[str, str, str]]:
        """(id, uri, media type) of the documents made from the bytes with this digest, once for
        each of their names, oldest first."""
        rows = self._db.execute(
            "SELECT id, names.uri, media_type FROM documents "
            "JOIN names ON document_id = id WHERE sha256 = %s ORDER BY names.number",
            (sha256,),
        )
        return list(rows.fetchall())

    def aliases(self, document_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The further names of those documents that have more than one, oldest first."""
        rows = self._db.execute(
            "SELECT document_id, names.uri FROM names JOIN documents ON id = document_id "
            "WHERE document_id = ANY(%s::text[]) AND names.uri <> documents.uri "
            "ORDER BY names.number",
            (list(map(kept, document_ids)),),
        )
        found: dict[str, tuple[str, ...]] = {}
        for document_id, uri in rows.fetchall():
            found[document_id] = (*found.get(document_id, ()), uri)
        return found

    def openings(self, limit: int, conditions: Sequence[Condition]) -> list[Row]:
        """The first chunk that is more than a title or a date, else the first, of each of the first
        `limit` documents that meet every condition."""
        self.require_collections(conditions)
        test, values = where(conditions)
        found = self._db.execute(
            "SELECT coalesce(min(chunks.id) FILTER (WHERE length(chunks.text) >= 120), "
            "min(chunks.id)) FROM documents JOIN chunks ON chunks.document_id = documents.id "
            f"WHERE {test} GROUP BY documents.number ORDER BY documents.number LIMIT %s",
            (*values, limit),
        )
        ids = [chunk_id for (chunk_id,) in found.fetchall()]
        rows = self.rows(ids)
        return [rows[chunk_id] for chunk_id in ids]

    def rows(self, chunk_ids: Sequence[int]) -> dict[int, Row]:
        """Those of `chunk_ids` that exist, by id."""
        rows = self._db.execute(
            'SELECT c.id, c.document_id, c.start, c."end", c.heading, c.text, '
            "d.uri, d.title, d.pages, d.metadata FROM chunks c "
            "JOIN documents d ON d.id = c.document_id WHERE c.id = ANY(%s::bigint[])",
            (list(chunk_ids),),
        )
        found = {}
        for chunk_id, document_id, start, end, heading, *rest in rows.fetchall():
            text, uri, title, pages, metadata = rest
            chunk = Chunk(document_id, start, end, heading, chunk_id)
            found[chunk_id] = Row(chunk, text, uri, title, page_at(pages, start), metadata)
        return found
