"""Lists of the store's documents: sorted, sought in and paged without reading their texts."""

from __future__ import annotations

from collections.abc import Sequence

from index.paging import column, order
from index.postgres.connections import Connection
from index.postgres.where import beyond, kept
from index.records import Extent, Key, Listing
from index.text.folded import folded, sort_name, terms

TIME = "to_char(added_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
"""When a document was added, as text."""
_BATCH = 1000

Where = tuple[str, Sequence[object]]
"""An expression over `documents`, and its parameters."""


class Lists:
    """See `listed`, `extent` and `subfolders` in `index/store.py`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def enter(self, document_id: str) -> None:
        """Takes in a document as it is now. Only inside a `Writer`."""
        self._enter("WHERE id = %s", (document_id,))

    def enter_all(self) -> None:
        """Takes in what a store of an older format holds. Only where none is in."""
        while self._enter(
            "WHERE number > (SELECT coalesce(max(number), 0) FROM lists) ORDER BY number LIMIT %s",
            (_BATCH,),
        ):
            continue

    def _enter(self, which: str, values: Sequence[object]) -> int:
        """How many there were."""
        rows = self._db.execute(
            "SELECT number, id, title, (SELECT string_agg(names.uri, chr(10)) FROM names "
            f"WHERE document_id = documents.id), {TIME}, characters, cardinality(pages) "
            f"FROM documents {which}",
            values,
        ).fetchall()
        self._db.cursor().executemany(
            "INSERT INTO lists VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (number) DO UPDATE "
            "SET (name, words, added_at, characters, pages) = (excluded.name, excluded.words, "
            "excluded.added_at, excluded.characters, excluded.pages)",
            [
                (number, id_, sort_name(title), folded(f"{title}\n{uris}"), *counted)
                for number, id_, title, uris, *counted in rows
            ],
        )
        return len(rows)

    def stretch(
        self, listing: Listing, limit: int, after: Key | None, which: Where | None
    ) -> list[tuple[str, Key]]:
        """The id of each document, with its key."""
        key = column(listing)
        test, values = _sought(listing, which)
        if after is not None:
            sign = "<" if listing.descending else ">"
            test = f"{test} AND ({key}, number) {sign} (%s, %s)"
            values += [kept(each) if isinstance(each, str) else each for each in after]
        rows = self._db.execute(
            f"SELECT document_id, {key}, number FROM lists WHERE {test} "
            f"ORDER BY {order(listing)} LIMIT %s",
            (*values, limit),
        ).fetchall()
        return [(document_id, (value, number)) for document_id, value, number in rows]

    def extent(self, listing: Listing, every: int, which: Where | None) -> Extent:
        test, values = _sought(listing, which)
        (total,) = self._db.execute(f"SELECT count(*) FROM lists WHERE {test}", values).fetchone()
        if not every:
            return Extent(total, ())
        key = column(listing)
        rows = self._db.execute(
            f"SELECT key, number FROM (SELECT {key} AS key, number, "
            f"row_number() OVER (ORDER BY {order(listing)}) AS place FROM lists WHERE {test}) "
            "AS placed WHERE mod(place, %s) = 0 ORDER BY place",
            (*values, every),
        ).fetchall()
        return Extent(total, tuple((key, number) for key, number in rows))

    def subfolders(self, folder: str, which: Where | None) -> list[tuple[str, int]]:
        folder = kept(folder)
        test, values = "true", list[object]()
        if folder:
            test, values = "uri >= %s AND uri < %s", [folder, beyond(folder)]
        if which:
            test += f" AND document_id IN (SELECT id FROM documents WHERE {which[0]})"
            values += which[1]
        rows = self._db.execute(
            "SELECT part, count(DISTINCT document_id) FROM (SELECT document_id, "
            "substr(rest, 1, strpos(rest, '/')) AS part FROM (SELECT document_id, "
            f"substr(uri, %s::int) AS rest FROM names WHERE {test}) AS within) AS parted "
            "WHERE part <> '' GROUP BY part ORDER BY part",
            (len(folder) + 1, *values),
        ).fetchall()
        return [(folder + part, number) for part, number in rows]


def _sought(listing: Listing, which: Where | None) -> tuple[str, list[object]]:
    sought = [kept(term) for term in terms(listing.text)]
    parts, values = ["strpos(words, %s) > 0"] * len(sought), list[object](sought)
    if which:
        parts.append(f"document_id IN (SELECT id FROM documents WHERE {which[0]})")
        values += which[1]
    return " AND ".join(parts) or "true", values
