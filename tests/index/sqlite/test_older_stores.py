"""Stores that older Footnotes made, as they made them: `tests/support_older.py` says how."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support_older import CAT_FILE, Letters, cat, fill, rich

from index.document import document_id
from index.errors import StoreMismatch, UnknownOriginal
from index.index import Index
from index.ingest.reindex import reindex
from index.records import FORMAT
from index.sqlite.catalog import FILE_NAME
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking

STORES = Path(__file__).parent / "stores"
FORMATS = sorted(int(path.name.split(".")[0].split("-")[1]) for path in STORES.iterdir())


def unpacked(folder: Path, form: int) -> Path:
    with gzip.open(STORES / f"format-{form}.sqlite3.gz") as packed:
        (folder / FILE_NAME).write_bytes(packed.read())
    return folder


def opened(folder: Path) -> Index:
    return Index(SqliteStore(folder, create=False), Letters(), Chunking(6, 0))


def test_there_is_one_of_each_of_the_last_formats() -> None:
    assert list(range(FORMAT - 2, FORMAT + 1)) == FORMATS


@pytest.mark.parametrize("form", FORMATS)
def test_it_opens_and_holds_what_it_held(tmp_path: Path, form: int) -> None:
    folder = unpacked(tmp_path, form)
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (form,)
    index = opened(folder)
    lost = "is lost; remove its document and add the file again"  # it was beside the file
    assert [line.partition("' ")[2] for line in index.check()] == ([lost] if form >= 7 else [])
    assert [(each.uri, each.aliases) for each in index.documents()] == [
        ("cat.txt", ("again.txt",)),
        ("docs/rich.pdf", ()),
    ]
    assert index.document(document_id("docs/rich.pdf")) == rich()
    assert index.find("again.txt") == document_id("cat.txt")
    for question, uri in (("cat", "cat.txt"), ("洗衣机", "docs/rich.pdf")):
        hits = {c.row.uri for c in index.candidates(question, 9) if c.lexical > 0}
        assert hits == {uri}
    assert all(c.row.uri != "gone.txt" for c in index.candidates("zebra", 9))
    with index.store.read() as snapshot:
        assert snapshot.folders.known("/home/docs")["docs/rich.pdf"].seen.stamp == "1"
        names = [(each.name, each.documents) for each in snapshot.collections.all()]
        assert names == ([("pets", 2)] if form >= 6 else [])
    with pytest.raises(UnknownOriginal):
        index.original(document_id("cat.txt"))
    index.close()


@pytest.mark.parametrize("form", FORMATS)
def test_it_is_changed_as_one_of_today(tmp_path: Path, form: int) -> None:
    folder = unpacked(tmp_path, form)
    index = opened(folder)
    index.remove("cat.txt")
    index.remove("again.txt")
    list(index.add([cat()], collection="new"))
    assert index.original(document_id("cat.txt")).read() == CAT_FILE
    assert index.check() == []
    index.close()
    with closing(SqliteStore(folder)) as store:
        reindex(store, Letters(), Chunking(5, 0), lambda *_: None)
    again = Index(SqliteStore(folder, create=False), Letters(), Chunking(5, 0))
    assert again.check() == []
    assert [each.uri for each in again.documents()] == ["docs/rich.pdf", "cat.txt"]
    again.close()


def test_the_last_one_is_as_it_is_made_today(tmp_path: Path) -> None:
    """Whoever changes what a store looks like raises `FORMAT`."""
    made, kept = tmp_path / "made", tmp_path / "kept"
    kept.mkdir()
    fill(made)
    unpacked(kept, FORMAT)
    schemas = []
    for folder in (made, kept):
        with closing(sqlite3.connect(folder / FILE_NAME)) as db:
            schemas.append(db.execute("SELECT name, sql FROM sqlite_master").fetchall())
    assert schemas[0] == schemas[1]


def test_a_later_one_is_refused_with_a_line(tmp_path: Path) -> None:
    folder = unpacked(tmp_path, FORMAT)
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        db.execute(f"PRAGMA user_version = {FORMAT + 1}")
    before = (folder / FILE_NAME).read_bytes()
    with pytest.raises(StoreMismatch) as refused:
        opened(folder)
    assert str(refused.value) == (
        f"'{folder / FILE_NAME}' has store format {FORMAT + 1}, this Footnote reads formats up to "
        f"{FORMAT}; use the Footnote that made it, or add the documents to a new store, in another "
        "folder"
    )
    assert (folder / FILE_NAME).read_bytes() == before
    shutil.rmtree(folder)
