"""What holds of a store in a folder alone: other processes, damage, and the disk."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support import CAT, DOG, OWL, WordEmbedder, found, make_document

from index.errors import (
    StoreBusy,
    StoreMismatch,
    StoreMissing,
    StoreUnusable,
)
from index.index import Index
from index.sqlite.catalog import Catalog
from index.sqlite.snapshot import Snapshot
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = Index(SqliteStore(tmp_path / "store"), WordEmbedder(), Chunking())
    yield opened
    opened.close()


def test_reopening_serves_the_same(index: Index) -> None:
    list(index.add([CAT, DOG]))
    again = Index(SqliteStore(index.store.folder, create=False), WordEmbedder(), Chunking())
    assert again.candidates("cat", 10) == index.candidates("cat", 10)
    again.close()


def test_a_snapshot_that_the_view_has_outrun_is_taken_anew(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a question's snapshot and its search another thread replaces the document and has
    the view caught up."""
    list(index.add([CAT]))
    matching = Snapshot.matching

    def overtaken(self: Snapshot, conditions: object) -> object:
        monkeypatch.setattr(Snapshot, "matching", matching)
        list(index.add([make_document("cat.txt", "The cat is new.", author="Ann")]))
        assert index.candidates("cat", 1)[0].row.text == "The cat is new."
        return matching(self, conditions)  # type: ignore[arg-type]

    monkeypatch.setattr(Snapshot, "matching", overtaken)
    (candidate,) = index.candidates("cat", 10, {"author": "Ann"})
    assert candidate.row.text == "The cat is new."


def test_another_store_in_the_same_place_is_read_anew(index: Index) -> None:
    list(index.add([CAT, DOG]))
    index.candidates("cat", 10)
    for file in index.store.folder.iterdir():
        file.unlink()
    index.store._catalog.close()
    index.store._catalog = Catalog(index.store.folder, create=True)
    list(index.add([OWL]))
    (candidate,) = index.candidates("owl", 10)
    assert candidate.cosine > 0.2
    assert index.check() == []


def test_a_missing_store_and_a_foreign_file(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="there is no store"):
        Index(SqliteStore(tmp_path / "none", create=False), WordEmbedder(), Chunking())
    assert not (tmp_path / "none").exists()
    (tmp_path / "footnote.sqlite3").write_bytes(b"not a database, but long enough to be read" * 9)
    with pytest.raises(StoreMismatch, match="not a Footnote store"):
        Index(SqliteStore(tmp_path), WordEmbedder(), Chunking())


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    foreign = sqlite3.connect(tmp_path / "footnote.sqlite3")
    foreign.execute("CREATE TABLE documents (a)")
    foreign.commit()
    with pytest.raises(StoreMismatch, match="a database of another program"):
        Index(SqliteStore(tmp_path), WordEmbedder(), Chunking())
    assert foreign.execute("SELECT name FROM sqlite_master").fetchall() == [("documents",)]
    foreign.close()


def test_a_place_where_no_store_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreUnusable, match="cannot be made"):
        Index(SqliteStore(tmp_path / "file"), WordEmbedder(), Chunking())
    (tmp_path / "folder" / "footnote.sqlite3").mkdir(parents=True)
    with pytest.raises(StoreUnusable, match="cannot be opened"):
        Index(SqliteStore(tmp_path / "folder"), WordEmbedder(), Chunking())


def test_a_full_disk_is_told_and_changes_nothing(index: Index) -> None:
    list(index.add([CAT]))
    with index.store._catalog._connection() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreUnusable, match=r"full or failing .*make room"):
        list(index.add([make_document("big", "word " * 20000)]))
    with index.store._catalog._connection() as db:
        db.execute("PRAGMA max_page_count = 1000000")
    assert index.check() == []
    assert [d.uri for d in index.documents()] == ["cat.txt"]


def test_another_process_sees_what_was_added_and_removed(index: Index) -> None:
    other = Index(SqliteStore(index.store.folder), WordEmbedder(), Chunking())
    list(index.add([CAT, DOG]))
    assert found(other, "cat")[0] == "cat.txt"
    index.remove(CAT.id)
    list(index.add([OWL]))
    assert sorted(found(other, "cat owl")) == ["dog.txt", "owl.txt"]
    assert other.check() == []
    other.close()


def test_removals_are_forgotten_after_a_while(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.sqlite.writer._REMEMBERED", 5)
    monkeypatch.setattr("index.sqlite.writer._PRUNED_EACH", 1)
    list(index.add([CAT, DOG]))
    other = Index(SqliteStore(index.store.folder), WordEmbedder(), Chunking())
    assert len(found(other, "cat")) == 2
    for number in range(20):
        list(index.add([make_document("dog.txt", f"Dog number {number}.")]))
        found(index, "dog")
    with index.store._catalog.read() as snapshot:
        assert len(snapshot.removed_since(0)) == 5
    assert sorted(c.row.text for c in other.candidates("dog", 9)) == ["Dog number 19.", CAT.text]
    assert other.check() == index.check() == []
    other.close()


def test_a_second_writer_is_told(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.sqlite.catalog._BUSY_SECONDS", 0.05)
    other = Index(SqliteStore(index.store.folder), WordEmbedder(), Chunking())
    with index.store._catalog.write(), pytest.raises(StoreBusy, match="try again"):
        list(other.add([CAT]))
    other.close()


def test_check_finds_what_is_wrong(index: Index) -> None:
    list(index.add([CAT, DOG]))
    index.candidates("cat", 1)
    with index.store._catalog.write() as writer:
        writer._db.execute("UPDATE chunks SET start = start + 1 WHERE document_id = ?", (CAT.id,))
    assert any("is not the text of document" in problem for problem in index.check())
    with index.store._catalog.write() as writer:
        writer._db.execute("UPDATE chunks SET start = start - 1 WHERE document_id = ?", (CAT.id,))
        half = np.full(4096, 0.5, dtype=np.float32).tobytes()
        writer._db.execute("UPDATE chunks SET vector = ? WHERE document_id = ?", (half, DOG.id))
    assert any("not of length 1" in problem for problem in index.check())
    with index.store._catalog.write() as writer:
        writer._db.execute("DELETE FROM chunks WHERE document_id = ?", (CAT.id,))
    problems = index.check()
    assert any("full text differs" in problem for problem in problems)
    assert any(f"document {CAT.id} has no chunks" in problem for problem in problems)


def test_check_waits_for_a_writer_rather_than_blame_the_store(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.sqlite.catalog._BUSY_SECONDS", 0.05)
    list(index.add([CAT]))
    other = Index(SqliteStore(index.store.folder), WordEmbedder(), Chunking())
    with index.store._catalog.write(), pytest.raises(StoreBusy):
        other.check()
    other.close()


ADDING = """
import sys
from pathlib import Path
from index.text.chunk import Chunking
from index.index import Index
from index.sqlite.store import SqliteStore
from support import WordEmbedder, make_document

index = Index(SqliteStore(Path(sys.argv[1])), WordEmbedder(), Chunking())
for round in range(10_000):
    uri = f"{round % 40}.txt"
    for added in index.add([make_document(uri, f"Text number {round} of many words. " * 20)]):
        print(uri, round, flush=True)
    if round % 7 == 6:
        gone = f"{(round - 3) % 40}.txt"
        index.remove(gone)
        print(gone, "removed", flush=True)
"""


@pytest.mark.parametrize("lines", [1, 50, 151])
def test_killed_at_any_instant_it_serves_what_had_been_added(tmp_path: Path, lines: int) -> None:
    tests = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", ADDING, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tests.parent,
        env={"PYTHONPATH": f"{tests.parent}:{tests}", "PATH": ""},
    )
    assert process.stdout is not None
    heard = [process.stdout.readline().split() for _ in range(lines)]
    process.kill()
    heard += [line.split() for line in process.stdout.read().splitlines()]
    process.wait()
    process.stdout.close()
    expected: dict[str, str] = {}
    for uri, what in heard:
        if what == "removed":
            expected.pop(uri)
        else:
            expected[uri] = what
    index = Index(SqliteStore(tmp_path, create=False), WordEmbedder(), Chunking())
    assert index.check() == []
    stored = {d.uri: index.document(d.id).text.split()[2] for d in index.documents()}
    # One more change may have been committed before it could be told.
    assert len(set(stored.items()) ^ set(expected.items())) <= 2
    uris = {c.row.uri for c in index.candidates("text", 1000)}
    assert uris == set(stored)
    index.close()
