"""The SQLite file that the jobs are kept in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import StoreUnusable

NOW = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"
OPEN = "status IN ('pending', 'running')"
_BUSY_SECONDS = 30.0
_FORM = 2  # counted by the file's user_version
_BEGIN = (
    f"""
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL DEFAULT ({NOW}),
    finished_at TEXT
)""",
    """
CREATE TABLE files (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    uri TEXT NOT NULL,
    media_type TEXT NOT NULL,
    is_text INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending',
    attempts INTEGER NOT NULL DEFAULT 0,
    share REAL NOT NULL DEFAULT 0,
    documents TEXT NOT NULL,
    errors TEXT NOT NULL DEFAULT '[]'
)""",
    "CREATE INDEX files_of_job ON files (job_id)",
    f"CREATE INDEX open_files ON files (uri) WHERE {OPEN}",
)
_TO_FORM_1 = (
    "ALTER TABLE files ADD COLUMN step TEXT NOT NULL DEFAULT 'null'",
    """
CREATE TABLE withdrawn (
    file INTEGER NOT NULL REFERENCES files (number) ON DELETE CASCADE,
    uri TEXT NOT NULL,
    PRIMARY KEY (file, uri)
) WITHOUT ROWID""",
)
_TO_FORM_2 = ("ALTER TABLE files ADD COLUMN collection TEXT",)


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction, which commits at the end. Raises `StoreUnusable`."""
    try:
        db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("BEGIN IMMEDIATE")
            _prepare(db)
            yield db
            db.execute("COMMIT")
        finally:
            db.close()
    except sqlite3.Error as error:
        raise StoreUnusable(
            f"'{path}' cannot be used ({error}); see to its disk and permissions"
        ) from error


def _prepare(db: sqlite3.Connection) -> None:
    """Brings the file to the form of this version."""
    (form,) = db.execute("PRAGMA user_version").fetchone()
    if form == _FORM:
        return
    is_new = not db.execute("SELECT 1 FROM sqlite_master").fetchone()
    begin, first = _BEGIN if is_new else (), _TO_FORM_1 if form < 1 else ()
    for statement in (*begin, *first, *_TO_FORM_2):
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {_FORM}")
