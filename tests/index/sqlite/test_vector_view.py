from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support_vectors import DIM, clustered, put

from index.sqlite import saved_vectors
from index.sqlite.catalog import FILE_NAME, Catalog
from index.sqlite.replica import Outrun
from index.sqlite.vector_view import View
from index.vectors import faiss
from index.vectors.exact import ExactVectors


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    monkeypatch.setattr(faiss, "LARGE", 500)
    opened = Catalog(tmp_path, create=True)
    yield opened
    opened.close()


def view_of(catalog: Catalog) -> View:
    return View(catalog.path.parent, DIM, catalog.read)


def index_of(view: View, catalog: Catalog) -> str:
    with catalog.read() as snapshot:
        return view.state(snapshot).index.split(",")[0]


def grown(catalog: Catalog, n: int = 1500) -> View:
    """A view of `n` chunks whose inverted file is built and saved."""
    put(catalog, "many", clustered(n, seed=1))
    view = view_of(catalog)
    assert index_of(view, catalog) == "flat"  # answers while the other is built
    view.settle()
    return view


def require_exact(view: View, catalog: Catalog, k: int = 10) -> None:
    """The view finds what the oracle finds: of all, and of those with an odd id."""
    exact = ExactVectors(DIM)
    with catalog.read() as snapshot:
        for ids, blob in snapshot.vectors_after(0, 1000):
            exact.add(ids, np.frombuffer(blob, dtype=np.float32).reshape(len(ids), -1))
        np.testing.assert_array_equal(view.ids(snapshot), exact.ids())
        for query in clustered(20, seed=9) * np.float32(7):
            for allowed in (None, exact.ids()[exact.ids() % 2 == 1]):
                scores, found = exact.search(query[None, :], k, allowed)
                view_scores, view_found = view.search(snapshot, query, k, allowed)
                np.testing.assert_allclose(view_scores, scores[0], atol=1e-6)
                np.testing.assert_array_equal(view_found, found[0])


def test_a_large_store_gets_an_inverted_file_that_finds_what_the_oracle_finds(
    catalog: Catalog,
) -> None:
    view = grown(catalog)
    with catalog.read() as snapshot:
        state = view.state(snapshot)
    assert (state.index.split()[0], state.vectors, state.problem) == ("inverted", 1500, "")
    assert state.bytes_each < 4 * DIM
    require_exact(view, catalog)
    require_exact(view, catalog, k=4000)  # more than there are
    view.close()


def test_additions_replacements_and_removals_are_seen_at_once(catalog: Catalog) -> None:
    view = grown(catalog)
    put(catalog, "new", clustered(30, seed=2))
    require_exact(view, catalog)
    put(catalog, "new", clustered(5, seed=3))
    require_exact(view, catalog)
    with catalog.write() as writer:
        writer.drop_name("new")
    require_exact(view, catalog)
    view.close()


def test_it_shrinks_and_grows_into_another_index(catalog: Catalog) -> None:
    view = grown(catalog)
    put(catalog, "many", clustered(100, seed=4))
    require_exact(view, catalog)
    view.settle()
    assert index_of(view, catalog) == "flat"
    assert not (catalog.path.parent / saved_vectors.FILE_NAME).exists()
    put(catalog, "more", clustered(800, seed=5))
    index_of(view, catalog)
    view.settle()
    before = index_of(view, catalog)
    put(catalog, "most", clustered(4500, seed=6))
    index_of(view, catalog)
    view.settle()
    assert before.split()[0] == index_of(view, catalog).split()[0] == "inverted"
    assert before != index_of(view, catalog)
    require_exact(view, catalog)
    view.close()


def test_a_view_that_moved_on_says_so(catalog: Catalog) -> None:
    view = grown(catalog)
    with catalog.read() as early:
        early.generation()
        put(catalog, "new", clustered(3, seed=2))
        require_exact(view, catalog)
        with pytest.raises(Outrun):
            view.search(early, clustered(1, seed=1)[0], 5)
    view.close()


def opened_with(catalog: Catalog) -> str:
    """The kind of index that a new view has when it is opened."""
    view = view_of(catalog)
    kind = index_of(view, catalog)
    require_exact(view, catalog)
    view.close()
    return kind.split()[0]


def test_what_is_saved_is_read_and_caught_up(catalog: Catalog) -> None:
    grown(catalog).close()
    assert opened_with(catalog) == "inverted"
    put(catalog, "new", clustered(30, seed=2))
    with catalog.write() as writer:
        writer.drop_name("new")
    put(catalog, "newer", clustered(20, seed=3))
    assert opened_with(catalog) == "inverted"


def test_changes_are_saved_after_a_while(catalog: Catalog) -> None:
    view = grown(catalog)
    saved = catalog.path.parent / saved_vectors.FILE_NAME
    before = saved.read_bytes()
    put(catalog, "few", clustered(20, seed=2))
    index_of(view, catalog)
    view.settle()
    assert saved.read_bytes() == before
    put(catalog, "more", clustered(20, seed=3))
    index_of(view, catalog)
    view.settle()
    assert saved.read_bytes() != before
    assert opened_with(catalog) == "inverted"
    view.close()


@pytest.mark.parametrize("place", [3, 200, -1], ids=["header", "padding", "vectors"])
def test_a_damaged_file_is_not_trusted(catalog: Catalog, place: int) -> None:
    grown(catalog).close()
    saved = catalog.path.parent / saved_vectors.FILE_NAME
    data = bytearray(saved.read_bytes())
    data[place] ^= 0x40
    for damaged in (data, data[: len(data) // 2], b""):
        saved.write_bytes(damaged)
        assert opened_with(catalog) == "flat"


def test_a_file_of_another_store_is_not_trusted(catalog: Catalog, tmp_path: Path) -> None:
    grown(catalog).close()
    other = Catalog(tmp_path / "other", create=True)
    put(other, "many", clustered(1500, seed=8))
    saved = (tmp_path / saved_vectors.FILE_NAME).read_bytes()
    (tmp_path / "other" / saved_vectors.FILE_NAME).write_bytes(saved)
    assert opened_with(other) == "flat"
    other.close()


def test_a_restored_backup_is_not_answered_from_the_future_it_undid(
    catalog: Catalog, tmp_path: Path
) -> None:
    grown(catalog).close()
    backup = tmp_path / "backup"
    with catalog._connection() as db:
        db.execute("VACUUM INTO ?", (str(backup),))
    put(catalog, "undone", clustered(40, seed=2))
    view = view_of(catalog)
    require_exact(view, catalog)
    view.settle()  # saves: a fiftieth has changed
    view.close()
    catalog.close()
    for file in tmp_path.glob(FILE_NAME + "*"):
        file.unlink()
    backup.rename(tmp_path / FILE_NAME)
    again = Catalog(tmp_path, create=False)
    put(again, "done instead", clustered(40, seed=3))  # the same ids, at the same generation
    assert opened_with(again) == "flat"
    again.close()


def test_a_folder_that_cannot_be_written_to_is_told(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saved_vectors.os, "fsync", full)
    view = grown(catalog)
    with catalog.read() as snapshot:
        assert "No space left on device" in view.state(snapshot).problem
    require_exact(view, catalog)
    assert not list(catalog.path.parent.glob("vectors*"))
    view.close()
