"""The collections of the catalog."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from index.errors import (
    CollectionExists,
    InvalidCollection,
    UnknownCollection,
    UnknownDocument,
)
from index.filter import Condition, collection_name, folder_name
from index.records import Collection
from index.sqlite.where import beyond, where

if TYPE_CHECKING:
    from index.sqlite.texts import Connection


class Collections:
    """See `Collections` in `index/store.py`; changes count only inside a `Writer`."""

    def __init__(self, connection: Connection, changing: Callable[[], object] = int) -> None:
        """`changing` is called before each change."""
        self._db = connection
        self._changing = changing

    def names(self) -> list[str]:
        return [name for (name,) in self._db.execute("SELECT name FROM collections ORDER BY name")]

    def all(self) -> list[Collection]:
        return [self.one(name) for name in self.names()]

    def one(self, name: str) -> Collection:
        number = self._number(name)
        (created_at,) = self._db.execute(
            "SELECT created_at FROM collections WHERE number = ?", (number,)
        ).fetchone()
        test, values = where([Condition("collection", values=(name,))])
        documents, chunks = self._db.execute(
            "SELECT count(*), coalesce(sum((SELECT count(*) FROM chunks "
            f"WHERE document_id = documents.id)), 0) FROM documents WHERE {test}",
            values,
        ).fetchone()
        return Collection(name, documents, chunks, self._folders(number), created_at)

    def _folders(self, number: int) -> tuple[str, ...]:
        query = "SELECT folder FROM collection_folders WHERE collection = ? ORDER BY folder"
        return tuple(folder for (folder,) in self._db.execute(query, (number,)))

    def require(self, names: Iterable[str]) -> None:
        for name in names:
            self._number(name)

    def _number(self, name: str) -> int:
        row = self._db.execute("SELECT number FROM collections WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise UnknownCollection.among(name, self.names())
        return int(row[0])

    def create(self, name: str) -> None:
        self._changing()
        self._require_free(name)
        self._db.execute("INSERT INTO collections (name) VALUES (?)", (name,))

    def rename(self, name: str, new: str) -> None:
        self._changing()
        number = self._number(name)
        if new != name:
            self._require_free(new)
            self._db.execute("UPDATE collections SET name = ? WHERE number = ?", (new, number))

    def _require_free(self, name: str) -> None:
        query = "SELECT 1 FROM collections WHERE name = ?"
        if self._db.execute(query, (collection_name(name),)).fetchone():
            raise CollectionExists(f"there is a collection '{name}' already; choose another name")

    def delete(self, name: str) -> None:
        self._changing()
        self._db.execute("DELETE FROM collections WHERE number = ?", (self._number(name),))

    def include(self, name: str, document_ids: Iterable[str]) -> None:
        self._changing()
        number = self._number(name)
        for document_id in document_ids:
            query = "SELECT 1 FROM documents WHERE id = ?"
            if not self._db.execute(query, (document_id,)).fetchone():
                raise UnknownDocument(f"no document has the id '{document_id}'")
            self._db.execute(
                "INSERT OR IGNORE INTO memberships VALUES (?, ?)", (number, document_id)
            )

    def exclude(self, name: str, document_ids: Iterable[str]) -> None:
        self._changing()
        number, ids = self._number(name), list(document_ids)
        lying = self._db.execute(
            "SELECT n.uri, f.folder FROM collection_folders AS f "
            "CROSS JOIN names AS n ON n.uri >= f.folder AND n.uri < f.beyond "
            "WHERE f.collection = ? AND n.document_id IN (SELECT value FROM json_each(?)) LIMIT 1",
            (number, json.dumps(ids)),
        ).fetchone()
        if lying:
            uri, folder = lying
            raise InvalidCollection(
                f"'{uri}' is in the collection '{name}' because it lies in its folder '{folder}'; "
                "take the folder out, or remove the document from the store"
            )
        self._db.executemany(
            "DELETE FROM memberships WHERE collection = ? AND document_id = ?",
            [(number, document_id) for document_id in ids],
        )

    def feed(self, name: str, folder: str) -> None:
        self._changing()
        folder = folder_name(folder)
        self._db.execute(
            "INSERT OR IGNORE INTO collection_folders VALUES (?, ?, ?)",
            (self._number(name), folder, beyond(folder)),
        )

    def unfeed(self, name: str, folder: str) -> None:
        self._changing()
        number, folder = self._number(name), folder_name(folder)
        if folder not in (fed := self._folders(number)):
            raise InvalidCollection(
                f"the folder '{folder}' does not feed the collection '{name}'; "
                f"those that do: {_listed(fed)}"
            )
        self._db.execute(
            "DELETE FROM collection_folders WHERE collection = ? AND folder = ?", (number, folder)
        )

    def pass_on(self, document_id: str, heir: str) -> None:
        """Puts `heir` where the document was put."""
        self._changing()
        self._db.execute(
            "INSERT OR IGNORE INTO memberships SELECT collection, ? FROM memberships "
            "WHERE document_id = ?",
            (heir, document_id),
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names) or "none"
