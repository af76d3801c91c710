"""The collections of a store, each change a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from index.filter import parse_filter
from index.quotas import pass_on, within_quotas
from index.records import Collection
from index.store import ReadTransaction, Store, WriteTransaction


class Collections:
    """Named sets of documents: those that were put into one, and whatever lies in its folders, now
    and later. Of a name that none has, all but `create` raise `UnknownCollection`; changes raise
    `StoreBusy`, and `CollectionFull` where one would hold more than its quota."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Collection]:
        """In order of name."""
        with self._store.read() as snapshot:
            return snapshot.collections.all()

    def names(self) -> list[str]:
        """In order."""
        with self._store.read() as snapshot:
            return snapshot.collections.names()

    def one(self, name: str) -> Collection:
        """What is in it, counted."""
        with self._store.read() as snapshot:
            return snapshot.collections.one(name)

    def create(
        self, name: str, documents: Iterable[str] = (), folders: Iterable[str] = ()
    ) -> Collection:
        """A new one, which holds these; see `change`. Raises `CollectionExists`."""
        with self._store.write() as writer, within_quotas(writer):
            writer.collections.create(name)
            _fill(writer, name, documents, folders)
            return writer.collections.one(name)

    def change(
        self,
        name: str,
        *,
        new_name: str | None = None,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
        add_folders: Iterable[str] = (),
        remove_folders: Iterable[str] = (),
    ) -> Collection:
        """Renames it, puts in and takes out documents by id or uri (an archive's means all that
        came from it), and folders; all or nothing. Raises `UnknownDocument`, `InvalidCollection`
        and `CollectionExists`."""
        with self._store.write() as writer, within_quotas(writer):
            collections = writer.collections
            collections.require([name])
            for folder in remove_folders:
                collections.unfeed(name, folder)
            collections.exclude(name, _ids(writer, remove))
            _fill(writer, name, add, add_folders)
            if new_name is not None:
                collections.rename(name, new_name)
                pass_on(writer, name, new_name)
            return collections.one(name if new_name is None else new_name)

    def delete(self, name: str) -> None:
        """Its documents stay in the store."""
        with self._store.write() as writer:
            writer.collections.delete(name)


def put_by_hand(snapshot: ReadTransaction, collection: Collection) -> list[str]:
    """The ids of the documents in `collection` that lie in none of its folders."""
    held = snapshot.documents(0, -1, parse_filter({"collection": collection.name}))
    return [each.id for each in held if not collection.is_fed(each)]


def _fill(
    writer: WriteTransaction, name: str, documents: Iterable[str], folders: Iterable[str]
) -> None:
    writer.collections.include(name, _ids(writer, documents))
    for folder in folders:
        writer.collections.feed(name, folder)


def _ids(snapshot: ReadTransaction, names: Iterable[str]) -> Sequence[str]:
    return [snapshot.find(each) for name in names for each in snapshot.members(name) or [name]]
