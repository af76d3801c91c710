"""What a store gives back of the disk, and what it forgets of removed chunks."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support import CAT, DOG, WordEmbedder, found, make_document
from support_vectors import DIM, clustered, put

from index.errors import StoreUnusable
from index.index import Index
from index.sqlite import word_view, writer
from index.sqlite.catalog import Catalog
from index.sqlite.store import SqliteStore
from index.sqlite.vector_view import View
from index.text.chunk import Chunking


def opened(folder: Path) -> Index:
    return Index(SqliteStore(folder), WordEmbedder(), Chunking())


def store_of(index: Index) -> SqliteStore:
    assert isinstance(index.store, SqliteStore)
    return index.store


def test_what_holds_nothing_is_told_and_given_back(tmp_path: Path) -> None:
    index = opened(tmp_path)
    store = store_of(index)
    cat = replace(CAT, sha256=hashlib.sha256(b"cat").hexdigest(), original=b"cat")
    list(index.add([cat, DOG]))
    assert store.reclaimable() == 0
    many = [make_document(f"{n}.txt", f"Number {n}. " * 500) for n in range(200)]
    list(index.add(many))
    for each in many:
        index.remove(each.uri)
    stray = tmp_path / "originals" / "ab" / "stray"
    stray.parent.mkdir()
    stray.write_bytes(b"x" * 100_000)
    left = tmp_path / "vectors-killed.tmp"
    left.write_bytes(b"x" * 50_000)
    assert store.reclaimable() % 16_384 == 100_000 % 16_384  # what is young may be in use
    os.utime(left, (0, 0))
    before = store.size()
    free = store.reclaimable()
    assert free > 2_000_000
    assert free % 16_384 == 150_000 % 16_384
    store.compact()
    assert store.reclaimable() == 0
    assert store.size() < before - free + 200_000
    assert not stray.exists()
    assert not left.exists()
    assert found(index, "cat mat")[0] == "cat.txt"
    assert index.original(CAT.id).read() == b"cat"
    assert index.check() == []
    index.close()


def test_others_read_and_write_while_it_is_given_back(tmp_path: Path) -> None:
    index = opened(tmp_path)
    list(index.add(make_document(f"{n}.txt", f"Number {n}. " * 200) for n in range(300)))
    for n in range(250):
        index.remove(f"{n}.txt")
    with closing(opened(tmp_path)) as other, other.store.read() as early:
        assert early.counts().documents == 50
        stop = threading.Event()
        asked: list[list[str]] = []

        def ask() -> None:
            while not stop.is_set():
                asked.append(found(other, "number 299")[:1])

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            while not asked:
                time.sleep(0.01)
            adding = threading.Thread(target=lambda: list(other.add([CAT])))
            adding.start()
            with closing(SqliteStore(tmp_path)) as store:
                threading.Timer(0.5, stop.set).start()
                store._catalog.vacuum()
            adding.join()
        finally:
            stop.set()
            asking.join()
        assert {tuple(each) for each in asked} == {("299.txt",)}
        assert early.counts().documents == 50
    assert index.counts().documents == 51
    assert index.check() == []
    index.close()


def test_without_room_for_the_copy_it_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = opened(tmp_path)
    list(index.add([CAT]))
    used = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: used._replace(free=1000))
    with pytest.raises(StoreUnusable, match=r"bytes of free disk for a while, and there are 1,000"):
        store_of(index).compact()
    index.close()


def test_views_of_another_past_are_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_view, "LARGE", 100)
    with closing(SqliteStore(tmp_path)) as store:
        put(store._catalog, "many", clustered(200, 1), "some words")
        with store.read() as snapshot:
            store._words.search(snapshot, "words", 5)
        store._words.settle()
        (tmp_path / "vectors.view").write_bytes(b"x" * 1000)  # of no form that is read
        assert store.reclaimable() == 1000
        with store._catalog.reading() as db:
            db.execute("UPDATE meta SET value = 'another' WHERE key = 'store'")
            db.execute("COMMIT")
        assert store.reclaimable() > 3000
        store.compact()
        assert store.reclaimable() == 0
        names = {path.name for path in tmp_path.iterdir()}
        assert not names & {"vectors.view", "full-text"}


def test_of_removed_chunks_no_more_are_remembered_than_there_are_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_FEW_REMOVALS", 20)
    monkeypatch.setattr(writer, "_PRUNED_EACH", 4)
    catalog = Catalog(tmp_path, create=True)
    view, late = View(tmp_path, DIM, catalog.read), View(tmp_path, DIM, catalog.read)
    for number in range(40):
        put(catalog, "one", clustered(10, number), "a word")
        with catalog.read() as snapshot:
            assert view.ids(snapshot).tolist() == snapshot.chunk_ids().tolist()
            if number % 9 == 0:
                assert late.ids(snapshot).tolist() == snapshot.chunk_ids().tolist()
    with catalog.reading() as db:
        (remembered,) = db.execute("SELECT count(*) FROM removals").fetchone()
    assert remembered <= 20 + 4 * 10
    for each in (view, late):
        each.close()
    catalog.close()
