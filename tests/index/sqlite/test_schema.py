"""Stores of older formats, and of later ones."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support import WordEmbedder

from index.document import Document, document_id
from index.errors import StoreMismatch
from index.index import Index
from index.ingest.reindex import reindex
from index.sqlite.catalog import FILE_NAME
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking

# As the first format made it, in the words of that time.
FORMAT_1 = """
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
PRAGMA application_id = 1179538501;
PRAGMA user_version = 1;
INSERT INTO meta VALUES ('store', 'abc'), ('generation', '1'), ('identity',
    '{"embedder": "words", "dim": 4096, "chunk_tokens": 200, "chunk_overlap": 40, "format": 1}');
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of format 1 that holds one document twice, as it then could."""
    db = sqlite3.connect(tmp_path / FILE_NAME)
    db.executescript(FORMAT_1)
    for uri in ("cat.txt", "copy.txt"):
        text = "The cat sat."
        vector = WordEmbedder().passages([f"Cat\n{text}"])[0].tobytes()
        db.execute(
            "INSERT INTO documents (id, uri, title, sha256, media_type, metadata, pages, headings, "
            "characters, text) VALUES (?, ?, 'Cat', 'd1', 'text/plain', '{}', '[]', '[]', 12, ?)",
            (document_id(uri), uri, text),
        )
        added = db.execute(
            "INSERT INTO chunks (document_id, start, end, heading, text, vector) "
            "VALUES (?, 0, 12, '', ?, ?)",
            (document_id(uri), text, vector),
        )
        db.execute(
            "INSERT INTO full_text (rowid, title, heading, text) VALUES (?, 'Cat', '', ?)",
            (added.lastrowid, text),
        )
    db.commit()
    db.close()
    return tmp_path


def test_an_older_store_is_brought_up_to_date(folder: Path) -> None:
    index = Index(SqliteStore(folder, create=False), WordEmbedder(), Chunking())
    assert index.check() == []
    assert [stored.uri for stored in index.documents()] == ["cat.txt", "copy.txt"]
    assert index.find("copy.txt") == document_id("copy.txt")
    assert [c.lexical > 0 for c in index.candidates("cat", 10)] == [True, True]
    index.remove("cat.txt")
    assert [c.row.uri for c in index.candidates("cat", 10)] == ["copy.txt"]
    index.close()
    again = Index(SqliteStore(folder, create=False), WordEmbedder(), Chunking())
    assert again.check() == []
    again.close()


def test_an_older_store_knows_the_places_of_its_pages(folder: Path) -> None:
    db = sqlite3.connect(folder / FILE_NAME)
    change = "UPDATE documents SET media_type = ?, pages = ? WHERE uri = ?"
    slides = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    db.execute(change, ("application/pdf", "[0, 4, 4]", "cat.txt"))  # its second page is empty
    db.execute(change, (slides, "[0, 8]", "copy.txt"))
    db.commit()
    db.close()
    index = Index(SqliteStore(folder, create=False), WordEmbedder(), Chunking())
    cat, copy = document_id("cat.txt"), document_id("copy.txt")
    assert index.document(cat).locations == ((0, "p. 1"), (4, "p. 3"))
    with index.store.read() as snapshot:
        assert snapshot.locations([(cat, 3), (cat, 9), (copy, 8)]) == ["p. 1", "p. 3", "slide 2"]
    assert index.check() == []
    index.close()


def test_what_another_version_made_is_told_and_made_anew(folder: Path) -> None:
    index = Index(SqliteStore(folder, create=False), WordEmbedder(), Chunking())
    read, cut = index.advice()
    assert read.startswith("2 documents were read by another version of Footnote; `footnote sync`")
    assert cut.startswith("the chunks were made by another version of Footnote; `footnote reindex`")
    assert index.check() == []
    index.close()
    with closing(SqliteStore(folder)) as store:
        reindex(store, WordEmbedder(), Chunking(), lambda *_: None)
    index = Index(SqliteStore(folder, create=False), WordEmbedder(), Chunking())
    assert index.advice() == [read]
    cat = Document(document_id("cat.txt"), "cat.txt", "Cat", "The cat sat.", "d1", "text/plain")
    assert [each.status for each in index.add([cat])] == ["unchanged"]  # read anew, and the same
    assert index.advice()[0].startswith("1 documents were")
    assert [each.status for each in index.add([replace(cat, uri="copy.txt")])] == ["replaced"]
    assert [(each.uri, each.aliases) for each in index.documents()] == [("cat.txt", ("copy.txt",))]
    assert index.advice() == index.check() == []
    index.close()


def test_what_is_read_otherwise_now_takes_the_place_of_what_was(folder: Path) -> None:
    index = Index(SqliteStore(folder, create=False), WordEmbedder(), Chunking())
    before = index.document(document_id("copy.txt"))
    now = replace(before, text="The cat sat on velvet.")
    assert [each.status for each in index.add([now, now])] == ["replaced", "unchanged"]
    assert sorted(c.row.text for c in index.candidates("cat", 9)) == [
        "The cat sat on velvet.",
        "The cat sat.",
    ]
    assert index.check() == []
    index.close()


def test_an_update_that_is_cut_short_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from index.sqlite import schema

    broken = schema._STEPS[2] + "INSERT INTO nowhere VALUES (1);\n"
    with monkeypatch.context() as patched:
        patched.setitem(schema._STEPS, 2, broken)
        with pytest.raises(Exception, match="no such table: nowhere"):
            Index(SqliteStore(folder, create=False), WordEmbedder(), Chunking())
    db = sqlite3.connect(folder / FILE_NAME)
    assert db.execute("PRAGMA user_version").fetchone() == (1,)
    assert not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'names'").fetchone()
    db.close()
    index = Index(SqliteStore(folder, create=False), WordEmbedder(), Chunking())
    assert index.check() == []
    index.close()


def test_a_store_of_a_later_format_is_refused(folder: Path) -> None:
    db = sqlite3.connect(folder / FILE_NAME)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreMismatch, match=r"has store format 99, .* use the Footnote that made"):
        Index(SqliteStore(folder), WordEmbedder(), Chunking())


def test_chinese_is_found_by_its_words_also_in_an_older_store(folder: Path) -> None:
    text = "新的洗衣机在地下室里面。"  # as long as "The cat sat."
    db = sqlite3.connect(folder / FILE_NAME)
    for table, key in (("chunks", "document_id"), ("documents", "id")):
        change = f"UPDATE {table} SET text = ? WHERE {key} = ?"
        db.execute(change, (text, document_id("cat.txt")))
    db.commit()
    db.close()
    index = Index(SqliteStore(folder, create=False), WordEmbedder(), Chunking())
    uri, words = "bridge.txt", "长江大桥于一九五七年通车。"
    list(index.add([Document(document_id(uri), uri, "Bridge", words, "d2")]))
    found = {word: index.candidates(word, 10) for word in ("洗衣机", "大桥", "桥")}
    assert {word: [c.row.uri for c in hits if c.lexical > 0] for word, hits in found.items()} == {
        "洗衣机": ["cat.txt"],
        "大桥": ["bridge.txt"],
        "桥": ["bridge.txt"],
    }
    assert index.check() == []
    index.close()
