"""A copy is what it was copied from, into whatever store."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support import CAT, DOG, OWL, WordEmbedder, found, make_document
from support_oracle import OracleStore
from support_stores import STORES

from index.errors import StoreMismatch, StoreUnusable
from index.index import Index
from index.ingest import copying
from index.ingest.copying import copy
from index.records import Seen
from index.sqlite.store import SqliteStore
from index.store import Store
from index.text.chunk import Chunking

MOVED = replace(make_document("old.txt", "It was here, and moved."), pages=(0, 3))
EVERY = [CAT, make_document("again.txt", CAT.text, "Cat"), DOG, MOVED]


def untold(done: int, total: int) -> None: ...


def filled(store: Store) -> Index:
    """With a document that has two names, one that has kept the id of an older name, a folder."""
    index = Index(store, WordEmbedder(), Chunking(6, 0))
    list(index.add(EVERY))
    list(index.add([replace(MOVED, uri="new.txt")]))
    index.remove("old.txt")
    with store.write() as writer:
        writer.set_setting("tone", "dry")
        writer.collections.create("pets")
        writer.collections.include("pets", [writer.find("cat.txt")])
        writer.collections.feed("pets", "docs/")
        writer.originals.keep(CAT.sha256, CAT.text.encode())
        writer.folders.register("/home/docs", "docs")
        writer.folders.see("/home/docs", [Seen("cat.txt", "1", CAT.sha256)])
    return index


@pytest.fixture(params=STORES.values(), ids=STORES)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Store, Store]:
    """An empty folder, and an empty store of each kind."""
    return SqliteStore(tmp_path / "folder"), request.param(tmp_path / "other")


@pytest.mark.parametrize("back", [False, True])
def test_a_copy_holds_the_same(stores: tuple[Store, Store], back: bool) -> None:
    source, target = reversed(stores) if back else stores
    with closing(source), closing(target):
        of_source = filled(source)
        seen = list[tuple[int, int]]()
        counts, checksum = copy(source, target, lambda *told: seen.append(told))
        assert (counts.documents, seen) == (3, [(3, 3)])
        assert counts == of_source.counts()
        index = Index(target, WordEmbedder(), Chunking(6, 0))
        assert index.documents() == of_source.documents()
        assert found(index, "cat mat")[0] == "cat.txt"
        assert index.document(MOVED.id) == replace(MOVED, uri="new.txt")
        assert index.check() == []
        with target.read() as snapshot:
            assert snapshot.settings() == {"tone": "dry"}
            (pets,) = snapshot.collections.all()
            assert (pets.name, pets.documents, pets.folders) == ("pets", 1, ("docs/",))
            with snapshot.originals.open(CAT.sha256) as file:
                assert file.read() == CAT.text.encode()
            assert snapshot.originals.size(DOG.sha256) is None
            assert snapshot.folders.name("/home/docs") == "docs"
            assert snapshot.folders.known("/home/docs")["cat.txt"].is_stored
        assert copy(source, target, untold) == (counts, checksum)  # there is nothing left to do


def test_what_a_folder_holds_by_any_name_is_not_put_in(stores: tuple[Store, Store]) -> None:
    source, target = stores
    with closing(source), closing(target):
        list(Index(source, WordEmbedder(), Chunking()).add([CAT, replace(CAT, uri="hr/cat.txt")]))
        with source.write() as writer:
            writer.collections.create("HR")
            writer.collections.feed("HR", "hr/")
        copy(source, target, untold)
        index = Index(target, WordEmbedder(), Chunking())
        assert [each.documents for each in index.collections.all()] == [1]
        index.remove("hr/cat.txt")
        assert index.find("cat.txt") == CAT.id
        assert [each.documents for each in index.collections.all()] == [0]


def test_a_copy_that_was_cut_short_goes_on(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = stores
    monkeypatch.setattr(copying, "_BATCH_CHUNKS", 1)

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with closing(source), closing(target):
        index = filled(source)
        with pytest.raises(KeyboardInterrupt):
            copy(source, target, stop)
        with target.read() as snapshot:
            assert snapshot.counts().documents == 2
        list(index.add([OWL, replace(CAT, text="Gone.", sha256="9")]))
        seen = list[tuple[int, int]]()
        counts, _ = copy(source, target, lambda *told: seen.append(told))
        assert seen[0] == (2, 5)  # the dog was there, and not the cat as it is now
        assert counts.documents == 5
        assert target.check() == []


def test_a_store_that_holds_something_else_is_left_alone(stores: tuple[Store, Store]) -> None:
    source, target = stores
    with closing(source), closing(target):
        filled(source)
        list(Index(target, WordEmbedder(), Chunking()).add([OWL]))
        with pytest.raises(StoreMismatch, match="holds 1 documents that are not in the other"):
            copy(source, target, untold)
        assert [each.uri for each in Index(target, WordEmbedder(), Chunking()).documents()] == [
            "owl.txt"
        ]


def test_a_copy_that_is_not_the_same_is_told(tmp_path: Path) -> None:
    class Forgetful(OracleStore):
        def write(self):  # type: ignore[no-untyped-def]
            return _Losing(super().write())

    class _Losing:
        def __init__(self, inner) -> None:  # type: ignore[no-untyped-def]
            self._inner = inner

        def __enter__(self):  # type: ignore[no-untyped-def]
            writer = self._inner.__enter__()
            restore = writer.restore
            writer.restore = lambda copied: restore(replace(copied, vectors=-copied.vectors))
            return writer

        def __exit__(self, *raised):  # type: ignore[no-untyped-def]
            return self._inner.__exit__(*raised)

    with closing(SqliteStore(tmp_path)) as source, closing(Forgetful()) as target:
        filled(source)
        with pytest.raises(StoreUnusable, match=r"document \w+ \(cat.txt\) in .* differs"):
            copy(source, target, untold)


def test_an_empty_store_is_copied_too(stores: tuple[Store, Store]) -> None:
    source, target = stores
    with closing(source), closing(target):
        counts, _ = copy(source, target, untold)
        assert (counts.documents, counts.chunks, target.view_state()) == (0, 0, None)
