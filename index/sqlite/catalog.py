"""The one SQLite file that is the truth: documents, chunks, vectors, full text.

Reads happen in a `Snapshot` (one read transaction: the last committed state, whatever is being
written meanwhile), writes in a `Writer` (one transaction, all or nothing). Every write raises the
store's generation by one, so that a view kept beside the file knows how far behind it is.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import FootnoteError, StoreBusy, StoreMismatch, StoreMissing, StoreUnusable
from index.glob import matches
from index.sqlite.originals import FOLDER
from index.sqlite.schema import prepare
from index.sqlite.snapshot import Snapshot
from index.sqlite.writer import Writer
from index.text.folded import folded, sort_name
from index.text.word_signs import spaced
from index.uri import is_called

FILE_NAME = "footnote.sqlite3"
_BUSY_SECONDS = 30.0
_CHECKPOINT_MS = 500  # while which nobody writes
_PAGE_BYTES = 16384
_WAL_BYTES = 64 * 2**20  # what the log beside the file shrinks to after a large write


def is_of_originals(folder: Path) -> bool:
    """Whether `folder` is where a store keeps the files that were added to it, which are not to be
    added once more."""
    return folder.name == FOLDER and (folder.parent / FILE_NAME).is_file()


class Catalog:
    """Hands out snapshots and writers of the store in `folder`; may be used by many threads.

    Raises `StoreMissing` when there is no store and `create` is false, `StoreMismatch` when the
    file is not a store of this format, and, here and in every use, `StoreUnusable` when the file
    cannot be read or written and `StoreBusy` when another process holds it for over 30 s.
    """

    def __init__(self, folder: Path, create: bool) -> None:
        self.path = folder / FILE_NAME
        if not self.path.exists() and not create:
            raise StoreMissing(
                f"there is no store in '{folder}'; add documents with "
                f"`footnote --store {folder} add PATH`"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnusable(
                f"the store's folder '{folder}' cannot be made ({error.strerror}); "
                "choose another with --store"
            ) from error
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        with self._connection() as db:
            prepare(db, self.path)

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        with self.reading() as db:
            yield Snapshot(db, self.path.parent)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection of a `Snapshot`, whose state is that of the first look at it."""
        with self._connection() as db:
            db.execute("BEGIN")
            try:
                yield db
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """Commits at the end, or changes nothing when an error is raised inside."""
        with self._writing() as writer:
            yield writer
            is_leaving = writer.originals.leaving()
        if is_leaving:  # what a document that is gone for good has left behind
            with self._writing() as writer:
                writer.originals.sweep()

    @contextmanager
    def _writing(self) -> Iterator[Writer]:
        with self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield Writer(db, self.path.parent)
                db.execute("COMMIT")
            finally:
                if db.in_transaction:  # a full disk ends it by itself
                    db.execute("ROLLBACK")

    def vacuum(self) -> None:
        """Writes the file anew, without what is free in it, while others read. Raises `StoreBusy`
        where another writes for long."""
        with self._connection() as db:
            db.execute("INSERT INTO full_text (full_text) VALUES ('optimize')")
            db.execute("VACUUM")
            # Who reads for long keeps the log from shrinking now; it does with a later change.
            db.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_MS}")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.execute(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")

    def full_text_problems(self) -> list[str]:
        """FTS5 offers its integrity check only as a write; it changes nothing."""
        with self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                db.execute("INSERT INTO full_text (full_text, rank) VALUES ('integrity-check', 1)")
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
                    raise
                return ["the full text differs from the chunks; run `footnote reindex`"]
            finally:
                db.execute("ROLLBACK")
        return []

    def originals_problems(self) -> list[str]:
        """What is wrong with the files that are kept. Their names are looked at while nobody adds
        or removes one; it changes nothing."""
        with self._writing() as writer:
            problems = list(writer.originals.strays())
        with self.read() as snapshot:
            return [*problems, *snapshot.originals.damaged()]

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        try:
            if connection is None:
                connection = _connect(self.path)
            yield connection
        except sqlite3.Error as error:
            raise _explained(error, self.path) from error
        finally:
            with self._lock:
                if connection is not None and not self._closed:
                    self._idle.append(connection)
                    connection = None
            if connection is not None:
                connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        db.create_function("spaced", 1, spaced, deterministic=True)
        db.create_function("matches", 2, matches, deterministic=True)
        db.create_function("is_called", 3, is_called, deterministic=True)
        db.create_function("folded", 1, folded, deterministic=True)
        db.create_function("sort_name", 1, sort_name, deterministic=True)
        # A chunk with its vector is over half a page of the usual size, and would waste the rest.
        db.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        db.execute("PRAGMA journal_mode = WAL")
        # A document whose adding returned survives a power cut.
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
    except sqlite3.Error:
        db.close()
        raise
    return db


def _explained(error: sqlite3.Error, path: Path) -> FootnoteError:
    """What went wrong with the file, and the mend, in one line."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(
            f"another process has been writing to '{path}' for over {_BUSY_SECONDS:g} s; "
            "try again when it has finished"
        )
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return StoreUnusable(f"the disk of '{path}' is full or failing ({error}); make room")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StoreUnusable(
            f"'{path}' cannot be opened for writing ({error}); change its permissions, or choose "
            "another folder with --store"
        )
    if code == sqlite3.SQLITE_NOTADB:
        return StoreMismatch(
            f"'{path}' is not a Footnote store ({error}); choose another folder with --store"
        )
    return StoreUnusable(
        f"'{path}' is damaged ({error}); put a copy in its place, or add the documents to a new "
        "store, in another folder"
    )
