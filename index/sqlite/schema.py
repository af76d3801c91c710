"""The tables of the store, and how those of an older format become the present ones."""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path

from index.errors import StoreMismatch
from index.records import FORMAT
from index.sqlite.lists import LIST

_APPLICATION_ID = 0x464E5445  # "FNTE", so that a file of another program is told apart

_DOCUMENTS = """
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

# Format 2: the places in a file that a person can turn to. Those of older documents are the pages
# that were known already; of several at one offset, the last is the one that text stands on.
_LOCATIONS = """
CREATE TABLE locations (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (document_id, start)
) WITHOUT ROWID;
INSERT OR REPLACE INTO locations
    SELECT documents.id, page.value,
        iif(media_type = 'application/pdf', 'p. ', 'slide ') || (page.key + 1)
    FROM documents, json_each(pages) AS page
    WHERE media_type = 'application/pdf' OR media_type LIKE '%.presentationml.presentation'
    ORDER BY documents.number, page.key;
"""

# Format 3: every uri of a document, the one that it is shown by among them; the folders that are
# kept in step with the store, and the files seen in each.
_NAMES_AND_FOLDERS = """
CREATE TABLE names (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    uri TEXT NOT NULL UNIQUE,
    document_id TEXT NOT NULL REFERENCES documents (id)
);
CREATE INDEX names_of_document ON names (document_id);
CREATE INDEX documents_by_content ON documents (sha256);
CREATE TABLE folders (path TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE) WITHOUT ROWID;
CREATE TABLE files (
    folder TEXT NOT NULL REFERENCES folders (path),
    uri TEXT NOT NULL,
    stamp TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    problem TEXT NOT NULL,
    unread INTEGER NOT NULL,
    PRIMARY KEY (folder, uri)
) WITHOUT ROWID;
CREATE INDEX files_by_uri ON files (uri);
INSERT INTO names (uri, document_id) SELECT uri, id FROM documents ORDER BY number;
DELETE FROM staged_documents;
UPDATE meta SET value = json_set(value, '$.format', 3) WHERE key = 'identity';
"""

# Format 4: the version in which a document was read, and a file refused; see `versions.py`.
_VERSIONS = """
ALTER TABLE documents ADD COLUMN reading INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN refusing INTEGER NOT NULL DEFAULT 0;
UPDATE meta SET value = json_set(value, '$.format', 4) WHERE key = 'identity';
"""

# Format 5: texts are indexed with words where signs don't set them apart; see `word_signs.py`.
_SPACED = """
DROP VIEW searchable;
CREATE VIEW searchable AS
    SELECT chunks.id, spaced(documents.title) AS title, spaced(chunks.heading) AS heading,
        spaced(chunks.text) AS text
    FROM chunks JOIN documents ON documents.id = chunks.document_id;
INSERT INTO full_text (full_text) VALUES ('rebuild');
UPDATE meta SET value = json_set(value, '$.format', 5) WHERE key = 'identity';
"""

# Format 6: named sets of documents, and the folders that feed them; a folder's uris are those from
# its name, which ends with "/", up to `beyond`.
_COLLECTIONS = """
CREATE TABLE collections (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);
CREATE TABLE memberships (
    collection INTEGER NOT NULL REFERENCES collections (number) ON DELETE CASCADE,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    PRIMARY KEY (collection, document_id)
) WITHOUT ROWID;
CREATE INDEX memberships_of_document ON memberships (document_id);
CREATE TABLE collection_folders (
    collection INTEGER NOT NULL REFERENCES collections (number) ON DELETE CASCADE,
    folder TEXT NOT NULL,
    beyond TEXT NOT NULL,
    PRIMARY KEY (collection, folder)
) WITHOUT ROWID;
UPDATE meta SET value = json_set(value, '$.format', 6) WHERE key = 'identity';
"""

# Format 7: the originals that are kept; see `originals.py`. Each trigger is one line, for a `;` at
# the end of a line ends a statement.
_LAST = (
    "WHEN NOT EXISTS (SELECT 1 FROM documents WHERE sha256 = OLD.sha256) "
    "BEGIN UPDATE originals SET leaving = 1 WHERE sha256 = OLD.sha256; END"
)
_ORIGINALS = f"""
CREATE TABLE originals (
    sha256 TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    leaving INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX originals_leaving ON originals (sha256) WHERE leaving;
CREATE TRIGGER original_of_removed AFTER DELETE ON documents {_LAST};
CREATE TRIGGER original_of_replaced AFTER UPDATE OF sha256 ON documents {_LAST};
UPDATE meta SET value = json_set(value, '$.format', 7) WHERE key = 'identity';
"""

# Format 8: what lists of documents are sorted by and sought in, beside the texts, so that neither
# reads those (see `lists.py`); and what documents were before they were removed or replaced, each
# until a time, whose originals stay as long (see `former.py`).
_USED = (
    "WHEN NOT EXISTS (SELECT 1 FROM documents WHERE sha256 = OLD.sha256) "
    "AND NOT EXISTS (SELECT 1 FROM former WHERE sha256 = OLD.sha256) "
    "BEGIN UPDATE originals SET leaving = 1 WHERE sha256 = OLD.sha256; END"
)
_LISTS = f"""
CREATE TABLE lists (
    number INTEGER PRIMARY KEY REFERENCES documents (number) ON DELETE CASCADE,
    document_id TEXT NOT NULL,
    name TEXT NOT NULL,
    words TEXT NOT NULL,
    added_at TEXT NOT NULL,
    characters INTEGER NOT NULL,
    pages INTEGER NOT NULL
);
CREATE INDEX lists_by_name ON lists (name);
CREATE INDEX lists_by_time ON lists (added_at);
CREATE INDEX lists_by_size ON lists (characters);
CREATE INDEX lists_by_pages ON lists (pages);
{LIST};
CREATE TABLE former (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    undo TEXT NOT NULL,
    until TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    data BLOB NOT NULL
);
CREATE INDEX former_of_undo ON former (undo);
CREATE INDEX former_by_content ON former (sha256);
DROP TRIGGER original_of_removed;
DROP TRIGGER original_of_replaced;
CREATE TRIGGER original_of_removed AFTER DELETE ON documents {_USED};
CREATE TRIGGER original_of_replaced AFTER UPDATE OF sha256 ON documents {_USED};
CREATE TRIGGER original_of_former AFTER DELETE ON former {_USED};
UPDATE meta SET value = json_set(value, '$.format', 8) WHERE key = 'identity';
"""

_STEPS = {
    0: _DOCUMENTS,
    1: _LOCATIONS,
    2: _NAMES_AND_FOLDERS,
    3: _VERSIONS,
    4: _SPACED,
    5: _COLLECTIONS,
    6: _ORIGINALS,
    7: _LISTS,
}
"""What brings each format to the next; a new store starts at 0."""


def prepare(db: sqlite3.Connection, path: Path) -> None:
    """Makes the tables of a new store and brings those of an older format up to date, in one
    transaction; refuses a file of a later format or of another program with `StoreMismatch`."""
    _require_own(db, path)
    if _pragma(db, "user_version") == FORMAT:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        _require_own(db, path)  # another process may have been quicker
        found = _pragma(db, "user_version")
        for step in range(found, FORMAT):
            for statement in _STEPS[step].split(";\n"):
                db.execute(statement)
        if found == 0:
            db.execute("INSERT INTO meta VALUES ('store', ?)", (secrets.token_hex(8),))
        db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {FORMAT}")
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def _require_own(db: sqlite3.Connection, path: Path) -> None:
    empty = db.execute("SELECT count(*) = 0 FROM sqlite_master").fetchone()[0]
    if not empty and _pragma(db, "application_id") != _APPLICATION_ID:
        raise StoreMismatch(
            f"'{path}' is a database of another program; choose another folder with --store"
        )
    if (found := _pragma(db, "user_version")) > FORMAT:
        raise StoreMismatch(
            f"'{path}' has store format {found}, this Footnote reads formats up to {FORMAT}; use "
            "the Footnote that made it, or add the documents to a new store, in another folder"
        )


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])
