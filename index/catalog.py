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

from index.errors import StoreBusy, StoreMismatch, StoreMissing
from index.records import FORMAT
from index.snapshot import Snapshot
from index.writer import Writer

FILE_NAME = "footnote.sqlite3"
_BUSY_SECONDS = 30.0

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    uri TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    media_type TEXT NOT NULL,
    metadata TEXT NOT NULL,
    pages TEXT NOT NULL,
    headings TEXT NOT NULL,
    characters INTEGER NOT NULL,
    added_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    text TEXT NOT NULL
);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL REFERENCES documents (id),
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    heading TEXT NOT NULL,
    text TEXT NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX chunks_of_document ON chunks (document_id);
CREATE TABLE removals (chunk_id INTEGER PRIMARY KEY, generation INTEGER NOT NULL);
CREATE INDEX removals_since ON removals (generation);
CREATE TABLE staged_documents (id TEXT PRIMARY KEY, sha256 TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE staged_chunks (
    document_id TEXT NOT NULL REFERENCES staged_documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    heading TEXT NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX staged_chunks_of_document ON staged_chunks (document_id);
CREATE VIEW searchable AS
    SELECT chunks.id, documents.title, chunks.heading, chunks.text
    FROM chunks JOIN documents ON documents.id = chunks.document_id;
CREATE VIRTUAL TABLE full_text USING fts5 (
    title, heading, text,
    content = 'searchable', content_rowid = 'id',
    tokenize = "porter unicode61 remove_diacritics 2"
);
"""


class Catalog:
    """Hands out snapshots and writers of the store in `folder`; may be used by many threads.

    Raises `StoreMissing` when there is no store and `create` is false, `StoreMismatch` when the
    file is not a store of this format.
    """

    def __init__(self, folder: Path, create: bool) -> None:
        self.path = folder / FILE_NAME
        if not self.path.exists() and not create:
            raise StoreMissing(
                f"there is no store in '{folder}'; add documents with "
                f"`footnote --store {folder} add PATH`"
            )
        folder.mkdir(parents=True, exist_ok=True)
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        with self._connection() as db:
            _prepare(db, self.path)

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        with self._connection() as db:
            db.execute("BEGIN")
            try:
                yield Snapshot(db)
            finally:
                db.execute("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """Commits at the end, or changes nothing when an error is raised inside.

        Raises `StoreBusy` when another writer holds the store for longer than 30 s.
        """
        with self._connection() as db:
            _begin_writing(db, self.path)
            try:
                yield Writer(db)
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def full_text_problems(self) -> list[str]:
        """FTS5 offers its integrity check only as a write; it changes nothing."""
        with self._connection() as db:
            try:
                db.execute("INSERT INTO full_text (full_text, rank) VALUES ('integrity-check', 1)")
            except sqlite3.DatabaseError as error:
                return [f"the full text differs from the chunks ({error}); run `footnote reindex`"]
        return []

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
        if connection is None:
            connection = _connect(self.path)
        try:
            yield connection
        finally:
            with self._lock:
                if not self._closed:
                    self._idle.append(connection)
                    connection = None
            if connection is not None:
                connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode = WAL")
    except sqlite3.DatabaseError as error:
        db.close()
        raise StoreMismatch(
            f"'{path}' is not a Footnote store ({error}); choose another folder with --store"
        ) from error
    db.execute("PRAGMA synchronous = FULL")  # a document whose add returned survives a power cut
    db.execute("PRAGMA foreign_keys = ON")
    return db


def _begin_writing(db: sqlite3.Connection, path: Path) -> None:
    try:
        db.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        raise StoreBusy(
            f"another process has been writing to '{path}' for over {_BUSY_SECONDS:.0f} s; "
            "try again when it has finished"
        ) from error


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    """Makes the tables of a new store; refuses one of another format."""
    if _format(db) == 0:
        _begin_writing(db, path)
        if _format(db) == 0:  # no other process was quicker
            for statement in _SCHEMA.split(";\n"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {FORMAT}")
        db.execute("COMMIT")
    if _format(db) != FORMAT:
        raise StoreMismatch(
            f"'{path}' has store format {_format(db)}, this Footnote reads format {FORMAT}; "
            "add the documents to a new store, in another folder"
        )


def _format(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
