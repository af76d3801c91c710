"""A store of which only some collections are seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from index.document import Document
from index.errors import StoreUnusable, UnknownCollection, UnknownDocument
from index.filter import Condition
from index.records import (
    Candidate,
    Collection,
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
from index.store import (
    Collections,
    Former,
    Originals,
    QuestionVector,
    ReadingVersions,
    ReadTransaction,
    Select,
    Spelling,
    Store,
    SyncedFolders,
    WriteTransaction,
)
from index.wrapped import WrappedStore

_AT_ONCE = 500  # ids in one condition
_NOTHING = Condition("document_id", values=("",))  # no document has this id


class Confined(WrappedStore):
    """A `Store`, to be read alone, of the documents of `store` that are in one of the collections
    `opened`, as they are at each reading. All others, and what they are called, are as if they were
    not there; a document that is open is so with all its names. What is not open and what there is
    not raise the same, found by the same steps. Words are weighed as in the whole store, but no
    word of a question is respelt, which would tell what others hold."""

    def __init__(self, store: Store, opened: Iterable[str]) -> None:
        super().__init__(store)
        self._opened = frozenset(opened)

    @contextmanager
    def read(self) -> Iterator[ReadTransaction]:
        with self._store.read() as snapshot:
            yield _Reading(snapshot, self._opened)

    def write(self) -> AbstractContextManager[WriteTransaction]:
        """Raises `StoreUnusable`."""
        raise StoreUnusable(
            f"some collections of {self.name} are open for reading only; write to the whole store"
        )

    def find(
        self,
        question: str,
        vector: QuestionVector,
        depth: int,
        conditions: Sequence[Condition],
        select: Select,
    ) -> list[Candidate]:
        with self._store.read() as snapshot:
            confined = _Reading(snapshot, self._opened).within(conditions)
        try:
            return self._store.find(question, vector, depth, confined, select)
        except UnknownCollection:  # whose words name all there are
            raise UnknownCollection("a collection was deleted meanwhile; ask again") from None

    def close(self) -> None:
        """Leaves the store open, which is another's."""


class _Collections:
    """Those that are open. What changes them raises `StoreUnusable`."""

    def __init__(self, whole: Collections, opened: frozenset[str]) -> None:
        self._whole = whole
        self._opened = opened

    def names(self) -> list[str]:
        return [name for name in self._whole.names() if name in self._opened]

    def all(self) -> list[Collection]:
        return [self._whole.one(name) for name in self.names()]

    def one(self, name: str) -> Collection:
        self.require([name])
        return self._whole.one(name)

    def require(self, names: Iterable[str]) -> None:
        there = self.names()
        for name in names:
            if name not in there:
                raise UnknownCollection.among(name, there)

    def create(self, name: str) -> None:
        self._refuse()

    def rename(self, name: str, new: str) -> None:
        self._refuse()

    def delete(self, name: str) -> None:
        self._refuse()

    def include(self, name: str, document_ids: Iterable[str]) -> None:
        self._refuse()

    def exclude(self, name: str, document_ids: Iterable[str]) -> None:
        self._refuse()

    def feed(self, name: str, folder: str) -> None:
        self._refuse()

    def unfeed(self, name: str, folder: str) -> None:
        self._refuse()

    def _refuse(self) -> None:
        raise StoreUnusable("collections are open for reading only; write to the whole store")


class _Unspelt:
    """Lacks no word, so that none is respelt."""

    def holds(self, word: str) -> bool:
        return True

    def nearest(self, word: str) -> str | None:
        return None


class _Reading:
    """A `ReadTransaction` of the open collections."""

    def __init__(self, whole: ReadTransaction, opened: frozenset[str]) -> None:
        self._whole = whole
        self.collections: Collections = _Collections(whole.collections, opened)
        self.spelling: Spelling = _Unspelt()

    def within(self, conditions: Sequence[Condition] = ()) -> tuple[Condition, ...]:
        """Those, and that a document is open. Raises `UnknownCollection`."""
        for condition in conditions:
            if condition.key == "collection":
                self.collections.require(str(value) for value in condition.values)
        names = tuple(self.collections.names())
        return (Condition("collection", values=names) if names else _NOTHING, *conditions)

    def _open(self, document_ids: Iterable[str]) -> set[str]:
        """Which of them are open."""
        wanted = list(dict.fromkeys(document_ids))
        opened: set[str] = set()
        for begin in range(0, len(wanted), _AT_ONCE):
            some = Condition("document_id", tuple(wanted[begin : begin + _AT_ONCE]))
            opened.update(each.id for each in self._whole.documents(0, -1, self.within([some])))
        return opened

    def _require(self, document_id: str) -> str:
        if document_id not in self._open([document_id]):
            raise UnknownDocument.called(document_id)
        return document_id

    @property
    def readings(self) -> ReadingVersions:
        return self._whole.readings

    @property
    def folders(self) -> SyncedFolders:
        return self._whole.folders

    @property
    def originals(self) -> Originals:
        return self._whole.originals

    @property
    def former(self) -> Former:
        return self._whole.former

    def identity(self) -> Identity | None:
        return self._whole.identity()

    def setting(self, name: str) -> str | None:
        return self._whole.setting(name)

    def settings(self) -> dict[str, str]:
        return self._whole.settings()

    def counts(self, conditions: Sequence[Condition] = ()) -> Counts:
        return self._whole.counts(self.within(conditions))

    def size(self, conditions: Sequence[Condition] = ()) -> int:
        return self._whole.size(self.within(conditions))

    def find(self, id_or_uri: str) -> str:
        for key in ("document_id", "uri"):
            conditions = self.within([Condition(key, values=(id_or_uri,))])
            for found in self._whole.documents(0, 1, conditions):
                return found.id
        raise UnknownDocument.called(id_or_uri)

    def named(self, uri: str) -> tuple[str, str] | None:
        found = self._whole.named(uri)
        return found if found and self._open([found[0]]) else None

    def called(self, name: str) -> list[str]:
        found = self._whole.called(name)
        opened = self._open(found)
        return [each for each in found if each in opened]

    def twins(self, sha256: str) -> Sequence[tuple[str, str, str]]:
        found = self._whole.twins(sha256)
        opened = self._open(document_id for document_id, _, _ in found)
        return [each for each in found if each[0] in opened]

    def members(self, archive: str) -> list[str]:
        return [uri for uri in self._whole.members(archive) if self.named(uri)]

    def aliases(self, document_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        return self._whole.aliases(self._open(document_ids))

    def document(self, document_id: str) -> Document:
        return self._whole.document(self._require(document_id))

    def stored(self, document_id: str) -> Stored:
        return self._whole.stored(self._require(document_id))

    def copied(self, document_id: str) -> Copied:
        return self._whole.copied(self._require(document_id))

    def documents(
        self, offset: int, limit: int, conditions: Sequence[Condition] = ()
    ) -> list[Stored]:
        return self._whole.documents(offset, limit, self.within(conditions))

    def listed(
        self,
        listing: Listing,
        limit: int,
        after: Key | None = None,
        conditions: Sequence[Condition] = (),
    ) -> Listed:
        return self._whole.listed(listing, limit, after, self.within(conditions))

    def extent(self, listing: Listing, every: int, conditions: Sequence[Condition] = ()) -> Extent:
        return self._whole.extent(listing, every, self.within(conditions))

    def subfolders(
        self, folder: str, conditions: Sequence[Condition] = ()
    ) -> list[tuple[str, int]]:
        return self._whole.subfolders(folder, self.within(conditions))

    def documents_like(self, text: str, limit: int) -> list[tuple[str, str, str]]:
        found = self._whole.documents_like(text, self._whole.counts().documents)
        opened = self._open(document_id for document_id, _, _ in found)
        return [each for each in found if each[0] in opened][:limit]

    def openings(self, limit: int, conditions: Sequence[Condition]) -> list[Row]:
        return self._whole.openings(limit, self.within(conditions))

    def locations(self, places: Sequence[tuple[str, int]]) -> list[str]:
        opened = self._open(document_id for document_id, _ in places)
        found = self._whole.locations(places)
        return [
            location if place[0] in opened else ""
            for place, location in zip(places, found, strict=True)
        ]

    def quote(self, document_id: str, start: int, end: int) -> Excerpt:
        return self._whole.quote(self._require(document_id), start, end)

    def locate(self, document_id: str, text: str, start: int) -> Excerpt | None:
        return self._whole.locate(self._require(document_id), text, start)
