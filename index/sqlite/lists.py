"""Lists of the catalog's documents: sorted, sought in and paged without reading their texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.document import MetadataValue
from index.paging import column, order
from index.records import Extent, Key, Listing
from index.sqlite.where import beyond
from index.text.folded import terms

if TYPE_CHECKING:
    from index.sqlite.texts import Connection

LIST = (
    "INSERT OR REPLACE INTO lists SELECT number, id, sort_name(title), folded(title || char(10) || "
    "(SELECT group_concat(names.uri, char(10)) FROM names WHERE document_id = documents.id)), "
    "added_at, characters, json_array_length(pages) FROM documents"
)
"""Takes documents into the lists; `sort_name` and `folded` are those of `text/folded.py`."""

Where = tuple[str, Sequence[MetadataValue]]
"""An expression over `documents`, and its parameters."""


class Lists:
    """See `listed`, `extent` and `subfolders` in `index/store.py`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def enter(self, document_id: str) -> None:
        """Takes in a document as it is now. Only inside a `Writer`."""
        self._db.execute(f"{LIST} WHERE id = ?", (document_id,))

    def stretch(
        self, listing: Listing, limit: int, after: Key | None, which: Where | None
    ) -> list[tuple[str, Key]]:
        """The id of each document, with its key."""
        key = column(listing)
        test, values = _sought(listing, which)
        if after is not None:
            sign = "<" if listing.descending else ">"
            test = f"{test} AND ({key}, number) {sign} (?, ?)"
            values += after
        rows = self._db.execute(
            f"SELECT document_id, {key}, number FROM lists WHERE {test} "
            f"ORDER BY {order(listing)} LIMIT ?",
            (*values, limit),
        )
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
            "WHERE place % ? = 0 ORDER BY place",
            (*values, every),
        )
        return Extent(total, tuple(rows))

    def subfolders(self, folder: str, which: Where | None) -> list[tuple[str, int]]:
        test, values = "1", list[MetadataValue]()
        if folder:
            test, values = "uri >= ? AND uri < ?", [folder, beyond(folder)]
        if which:
            test += f" AND document_id IN (SELECT id FROM documents WHERE {which[0]})"
            values += which[1]
        rows = self._db.execute(
            "SELECT part, count(DISTINCT document_id) FROM (SELECT document_id, "
            "substr(rest, 1, instr(rest, '/')) AS part FROM "
            f"(SELECT document_id, substr(uri, ?) AS rest FROM names WHERE {test})) "
            "WHERE part <> '' GROUP BY part ORDER BY part",
            (len(folder) + 1, *values),
        )
        return [(folder + part, number) for part, number in rows]


def _sought(listing: Listing, which: Where | None) -> tuple[str, list[MetadataValue]]:
    sought = terms(listing.text)
    parts, values = ["instr(words, ?)"] * len(sought), list[MetadataValue](sought)
    if which:
        parts.append(f"document_id IN (SELECT id FROM documents WHERE {which[0]})")
        values += which[1]
    return " AND ".join(parts) or "1", values
