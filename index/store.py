"""The contract of a store: it holds documents with their chunks and vectors, and finds passages.

`tests/index/test_store.py` is the suite that every store passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Protocol

import numpy as np
from numpy.typing import NDArray

from index.document import Chunk, Document
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
    Known,
    Listed,
    Listing,
    Row,
    Scored,
    Seen,
    Stored,
    ViewState,
)

Select = Callable[[Sequence[Scored]], Sequence[Scored]]
"""Which of those chunks are to be read, in this order."""

QuestionVector = Callable[[Identity], NDArray[np.float32]]
"""The question's unit vector [dim], for a store of that identity; may raise `StoreMismatch`."""


class Precedence(Protocol):
    """Questions go before adding, whichever processes ask and add."""

    def asking(self) -> AbstractContextManager[None]:
        """While the block runs, a question is being answered. It never waits."""
        ...

    def adding(self) -> AbstractContextManager[None]:
        """Runs the block, a batch, once no question is being answered, or after a while."""
        ...


class ReadingVersions(Protocol):
    """In which version the documents were read; see `versions.py`."""

    def is_current(self, document_id: str) -> bool:
        """Whether a document was read as its kind is read now."""
        ...

    def outdated(self) -> int:
        """How many documents were read otherwise than their kind is read now."""
        ...

    def incomplete(self) -> int:
        """How many documents say, in their metadata, that a part of their file was not read."""
        ...

    def confirm(self, document_id: str, media_type: str) -> None:
        """What is stored of a document is what is read of it now. Only in a `WriteTransaction`."""
        ...

    def doubt(self, document_id: str) -> None:
        """A document is to be read anew when it comes again. Only in a `WriteTransaction`."""
        ...


class Originals(Protocol):
    """The bytes of the files that documents were made of, by their SHA-256. Each goes with the last
    document that has its digest."""

    def size(self, sha256: str) -> int | None:
        """How many bytes the original with this digest has; None where it is not kept."""
        ...

    def total(self) -> int:
        """The bytes of all."""
        ...

    def open(self, sha256: str) -> IO[bytes]:
        """The bytes themselves. Raises `UnknownOriginal`."""
        ...

    def keep(self, sha256: str, data: bytes) -> None:
        """Keeps `data`, of a document that is stored. Only in a `WriteTransaction`."""
        ...


class Former(Protocol):
    """What documents were before they were removed or replaced, packed (see `ingest/former.py`),
    each until a time; their originals stay as long. Times are ISO 8601, UTC. What changes something
    counts only in a `WriteTransaction`."""

    def keep(self, undo: str, until: str, sha256: str, data: bytes) -> None:
        """Keeps `data`, of a document with the digest `sha256`, which is still there."""
        ...

    def of(self, undo: str, now: str) -> list[bytes]:
        """All that is kept under this word beyond `now`, oldest first."""
        ...

    def forget(self, undo: str) -> None: ...

    def expire(self, now: str) -> None:
        """Forgets what was kept until `now`."""
        ...

    def clear(self) -> None: ...

    def next(self) -> str | None:
        """When the first of all is to be forgotten; None where nothing is kept."""
        ...


class Spelling(Protocol):
    """The words of the stored texts, for one of a question that they lack."""

    def holds(self, word: str) -> bool:
        """Whether a text has a word with the stem of `word`."""
        ...

    def nearest(self, word: str) -> str | None:
        """The word of a text that begins alike and is one edit from `word`, or two from one of
        eight letters and more; of several the nearest. None where there is none."""
        ...


class SyncedFolders(Protocol):
    """What is remembered of the folders that are kept in step with the store, by their resolved
    paths. `register`, `see` and `forget` only in a `WriteTransaction`."""

    def name(self, path: str) -> str | None:
        """What the uris of the files in the folder at `path` begin with; None before its first
        sync."""
        ...

    def register(self, path: str, name: str) -> str:
        """The name of the folder at `path` from now on: `name`, or `path` where another folder
        has that name."""
        ...

    def paths(self) -> list[str]:
        """Of every folder, in order."""
        ...

    def known(self, path: str) -> Mapping[str, Known]:
        """The files seen in the folder at `path`, by uri."""
        ...

    def see(self, path: str, files: Iterable[Seen]) -> None: ...

    def forget(self, path: str, uris: Iterable[str]) -> None: ...

    def is_seen(self, uri: str) -> bool:
        """Whether any folder has seen a file of this uri."""
        ...

    def paths_of(self, uri: str) -> list[Path]:
        """Where the file of this uri lay when folders saw it."""
        ...


class Collections(Protocol):
    """Named sets of documents: those that were put into one, and whatever lies in its folders. Of a
    name that none has, all but `create` raise `UnknownCollection`. A document that is removed
    is gone from them in the same transaction; one that takes the place of another at its uri,
    or with which it becomes one, is where that was. What changes something counts only in a
    `WriteTransaction`."""

    def names(self) -> list[str]:
        """In order."""
        ...

    def all(self) -> list[Collection]:
        """In order of name."""
        ...

    def one(self, name: str) -> Collection: ...

    def require(self, names: Iterable[str]) -> None:
        """Raises `UnknownCollection`, which names those there are, where one is missing."""
        ...

    def create(self, name: str) -> None:
        """An empty one. Raises `CollectionExists` and `InvalidCollection`."""
        ...

    def rename(self, name: str, new: str) -> None:
        """Raises `CollectionExists` and `InvalidCollection`."""
        ...

    def delete(self, name: str) -> None:
        """Its documents stay in the store."""
        ...

    def include(self, name: str, document_ids: Iterable[str]) -> None:
        """Puts documents into it, which may be there already. Raises `UnknownDocument`."""
        ...

    def exclude(self, name: str, document_ids: Iterable[str]) -> None:
        """Takes out documents, which need not be there. Raises `InvalidCollection` for one that
        lies in a folder of it."""
        ...

    def feed(self, name: str, folder: str) -> None:
        """Whatever lies in this folder is in it, now and later. Raises `InvalidCollection`."""
        ...

    def unfeed(self, name: str, folder: str) -> None:
        """What lies in this folder is no longer in it for that. Raises `InvalidCollection` where
        the folder does not feed it."""
        ...


class ReadTransaction(Protocol):
    """The last committed state, unchanging while it is open. What is asked of a document raises
    `UnknownDocument` where there is none, and conditions that name a collection that there is not
    raise `UnknownCollection`."""

    @property
    def readings(self) -> ReadingVersions: ...

    @property
    def folders(self) -> SyncedFolders: ...

    @property
    def collections(self) -> Collections: ...

    @property
    def spelling(self) -> Spelling: ...

    @property
    def originals(self) -> Originals: ...

    @property
    def former(self) -> Former: ...

    def identity(self) -> Identity | None:
        """What built the data; None in a store that has never held any."""
        ...

    def setting(self, name: str) -> str | None:
        """What the store was told to keep under `name`; None where there is nothing."""
        ...

    def settings(self) -> dict[str, str]:
        """All that the store was told to keep, by name."""
        ...

    def counts(self, conditions: Sequence[Condition] = ()) -> Counts:
        """Of the documents that meet every condition."""
        ...

    def size(self, conditions: Sequence[Condition] = ()) -> int:
        """The bytes of the originals that are kept of the documents that meet every condition, each
        counted once, and one for each character of their texts."""
        ...

    def find(self, id_or_uri: str) -> str:
        """The id of the document that has this id, or this uri among its names."""
        ...

    def named(self, uri: str) -> tuple[str, str] | None:
        """(id, sha256) of the document that has `uri` among its names; None when none has."""
        ...

    def called(self, name: str) -> list[str]:
        """The ids of the documents that have the title or the file name `name`, with the suffix or
        without it, in whichever capitals; in the order in which they were first added."""
        ...

    def twins(self, sha256: str) -> Sequence[tuple[str, str, str]]:
        """(id, uri, media type) of the documents made from the bytes with this digest, once for
        each of their names, oldest first."""
        ...

    def members(self, archive: str) -> list[str]:
        """The uris of what came from the archive with this uri, further names of documents among
        them, oldest first."""
        ...

    def aliases(self, document_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The further names of those documents that have more than one, oldest first."""
        ...

    def document(self, document_id: str) -> Document: ...

    def stored(self, document_id: str) -> Stored: ...

    def copied(self, document_id: str) -> Copied: ...

    def documents(
        self, offset: int, limit: int, conditions: Sequence[Condition] = ()
    ) -> list[Stored]:
        """Those that meet every condition, in the order in which they were first added; a limit of
        -1 is no limit."""
        ...

    def listed(
        self,
        listing: Listing,
        limit: int,
        after: Key | None = None,
        conditions: Sequence[Condition] = (),
    ) -> Listed:
        """The first `limit` documents of a list, or those that come after `after`, which need not
        be the key of one any more; of those that meet every condition. It takes no longer at the
        end of the list than at its beginning."""
        ...

    def extent(self, listing: Listing, every: int, conditions: Sequence[Condition] = ()) -> Extent:
        """How long a list is, with a mark at every document of a number that `every` divides; with
        no marks where `every` is 0."""
        ...

    def subfolders(
        self, folder: str, conditions: Sequence[Condition] = ()
    ) -> list[tuple[str, int]]:
        """The folders that lie directly in `folder`, which ends with "/" or is "" for what is
        outermost, in order, each with how many documents that meet every condition are in it, at
        any depth and by any of their names. What came from an archive "a.zip" lies in "a.zip!/"."""
        ...

    def documents_like(self, text: str, limit: int) -> list[tuple[str, str, str]]:
        """(id, uri, title) of the first `limit` documents whose title or uri holds `text`, in the
        order in which they were first added; the case of A to Z doesn't count."""
        ...

    def openings(self, limit: int, conditions: Sequence[Condition]) -> list[Row]:
        """The first chunk that is more than a title or a date, else the first, of each of the first
        `limit` documents that meet every condition."""
        ...

    def locations(self, places: Sequence[tuple[str, int]]) -> list[str]:
        """The label of the place that holds each (document id, offset); "" where it has none, or
        is gone."""
        ...

    def quote(self, document_id: str, start: int, end: int) -> Excerpt:
        """`text[start:end]` of a document, without reading the rest of it."""
        ...

    def locate(self, document_id: str, text: str, start: int) -> Excerpt | None:
        """Where `text` stands in a document: at or after `start` first, else the first time; None
        where it is not in it."""
        ...


class WriteTransaction(ReadTransaction, Protocol):
    """Nothing of it is seen until it commits, and all of it then; it sees its own changes."""

    def set_identity(self, identity: Identity) -> None: ...

    def set_setting(self, name: str, value: str | None) -> None:
        """Keeps `value` under `name`, in the place of what was there; None keeps nothing."""
        ...

    def link(self, uri: str, sha256: str, twin: str | None) -> tuple[str, str] | None:
        """(id, status) of the document at `uri` where what it holds is stored already: there, or
        as the document `twin`, to which `uri` is added. None where there are chunks to store, or
        it was read in another version."""
        ...

    def put(
        self, document: Document, chunks: Sequence[Chunk], vectors: NDArray[np.float32]
    ) -> tuple[str, str]:
        """Stores `document` with its chunks and their unit vectors [len(chunks), dim], in the place
        of what has its uri; (id, status). Other content that has other names too keeps those; the
        same content, read anew, keeps them all."""
        ...

    def restore(self, copied: Copied) -> str:
        """Stores a document as another store had it, or this one before, under its names, which no
        document has, and its own id, unless one has that; the id."""
        ...

    def drop(self, document_id: str) -> None:
        """Removes a document with everything that was made of it."""
        ...

    def drop_name(self, uri: str) -> None:
        """Removes one name of a document, and the document with its last one. Where it was shown
        by this name, it is shown by the oldest that is left."""
        ...

    def unstaged(self, identity: Identity) -> list[str]:
        """The ids of the documents that have yet to be staged for `identity`, oldest first. What
        was staged for another identity, or of a text that has changed since, is thrown away."""
        ...

    def stage(
        self,
        identity: Identity,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: NDArray[np.float32],
    ) -> None:
        """Keeps what `document` will consist of after `swap_staged`. Raises `StoreBusy` when
        another reindex, with other settings, has begun since."""
        ...

    def swap_staged(self, identity: Identity) -> None:
        """Puts what was staged in the place of every chunk there is; what is kept of former
        documents was made otherwise, and is forgotten."""
        ...


class Store(Protocol):
    """May be used by many threads and processes: any number read, one writes at a time, and no
    reading waits for writing. Raises `StoreUnusable` and `StoreBusy` in every use."""

    @property
    def name(self) -> str:
        """What errors call it, such as "the store in 'folder'"."""
        ...

    @property
    def folder(self) -> Path | None:
        """The folder of its own, whose files are no documents; None where it has none here."""
        ...

    @property
    def precedence(self) -> Precedence: ...

    def read(self) -> AbstractContextManager[ReadTransaction]: ...

    def write(self) -> AbstractContextManager[WriteTransaction]:
        """Commits at the end, or changes nothing when an error is raised inside."""
        ...

    def find(
        self,
        question: str,
        vector: QuestionVector,
        depth: int,
        conditions: Sequence[Condition],
        select: Select,
    ) -> list[Candidate]:
        """The union of the `depth` chunks nearest to the question's `vector` and the `depth` best
        by its words, of documents that meet every condition: those that `select`, which is given
        them in order of id, takes, for texts are read only then. All of one committed state. Raises
        `UnknownCollection` where a condition names one that there is not.

        Words are matched by their Porter stems, function words don't count, and each chunk is its
        title, headings and text. The lexical share of a chunk is its BM25 (k1 = 1.2, b = 0.75) over
        the best one's, times what that best is of the BM25 that it would have were it of usual
        length and each word of the question in it once, and in no other chunk; at most 1.
        """
        ...

    def view_state(self) -> ViewState | None:
        """Which index the vectors are searched with; None in a store that has never held any."""
        ...

    def check(self) -> list[str]:
        """What is wrong with it, one line each; nothing when it is sound."""
        ...

    def size(self) -> int:
        """What it takes on the disk, in bytes."""
        ...

    def reclaimable(self) -> int:
        """How many bytes of that hold nothing and could be given back."""
        ...

    def close(self) -> None: ...
