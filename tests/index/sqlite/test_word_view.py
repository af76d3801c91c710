from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support_vectors import clustered

from index.document import Chunk, Document, document_id
from index.records import Identity
from index.sqlite import word_view
from index.sqlite.catalog import FILE_NAME, Catalog
from index.sqlite.replica import Outrun
from index.sqlite.word_view import FOLDER_NAME, FullText

QUESTIONS = [
    "Which word7 follows word3?",
    "word1 word2 word40",
    "Where is résumé 13,452?",
    "nowhere",
]


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    monkeypatch.setattr(word_view, "LARGE", 100)
    opened = Catalog(tmp_path, create=True)
    yield opened
    opened.close()


def put(catalog: Catalog, uri: str, n: int, seed: int, *more: str, title: str = "") -> None:
    """Stores a document of `n` chunks of random words, and of `more`."""
    chance = random.Random(seed)
    words, weights = [f"word{i}" for i in range(60)], [1 / (i + 1) for i in range(60)]
    parts = [" ".join(chance.choices(words, weights, k=chance.randint(4, 9))) for _ in range(n)]
    text, chunks = "", []
    for part in (*parts, *more):
        chunks.append(Chunk(document_id(uri), len(text), len(text) + len(part)))
        text += part + "\n"
    document = Document(document_id(uri), uri, title or uri, text, f"{uri} {seed}")
    with catalog.write() as writer:
        writer.set_identity(Identity("none", 16, 200, 40))
        writer.put(document, chunks, clustered(len(chunks), seed))


def grown(catalog: Catalog) -> FullText:
    put(catalog, "many", 400, 1, "Her résumé has 13,452 lines", "13 lines, 452 words running")
    view = FullText(catalog.path.parent, catalog.read)
    assert found(view, catalog, "word7") is None  # FTS5 answers as long
    view.settle()
    return view


def found(
    view: FullText, catalog: Catalog, question: str, allowed: np.ndarray | None = None
) -> dict[int, float] | None:
    with catalog.read() as snapshot:
        return view.search(snapshot, question, 50, allowed)


def require_as_fts5(view: FullText, catalog: Catalog) -> None:
    """The same chunks as FTS5, but for those that share the last score; scores nearly the same, as
    tantivy keeps the length of a text in one byte."""
    with catalog.read() as snapshot:
        ids = snapshot.chunk_ids()
        for question in QUESTIONS:
            expected = snapshot.lexical(question, 1000)
            for allowed in (None, ids[ids % 3 == 0]):
                actual = view.search(snapshot, question, 1000, allowed)
                assert actual is not None
                of_these = set(expected) & set((ids if allowed is None else allowed).tolist())
                assert set(actual) == of_these
                assert list(actual.values()) == sorted(actual.values(), reverse=True)


def test_a_small_store_is_left_to_fts5(catalog: Catalog) -> None:
    put(catalog, "few", 20, 1)
    view = FullText(catalog.path.parent, catalog.read)
    assert found(view, catalog, "word7") is None
    assert not (catalog.path.parent / FOLDER_NAME).exists()


def test_a_large_store_is_searched_as_by_fts5(catalog: Catalog) -> None:
    view = grown(catalog)
    require_as_fts5(view, catalog)
    with catalog.read() as snapshot:
        expected = snapshot.lexical("Who runs 452 résumés of lines?", 2)
    actual = found(view, catalog, "Who runs 452 résumés of lines?")
    assert actual is not None
    assert list(actual)[:2] == list(expected)
    np.testing.assert_allclose(list(actual.values())[:2], list(expected.values()), rtol=0.1)
    assert found(view, catalog, "?!") == {}


def test_changes_are_seen_at_once(catalog: Catalog) -> None:
    view = grown(catalog)
    put(catalog, "new", 3, 2, "an aardvark")
    (aardvark,) = found(view, catalog, "aardvarks") or {}
    put(catalog, "new", 3, 3, "a zebra")
    assert found(view, catalog, "aardvark") == {}
    assert min(found(view, catalog, "zebra") or [0]) > aardvark
    require_as_fts5(view, catalog)
    with catalog.write() as writer:
        writer.drop_name("new")
    assert found(view, catalog, "zebra") == {}
    require_as_fts5(view, catalog)


def test_a_new_title_is_seen(catalog: Catalog) -> None:
    view = grown(catalog)
    put(catalog, "/old-gnu.txt", 2, 5, title="old-gnu")
    with catalog.write() as writer:
        writer._add_name("/new-yak.txt", document_id("/old-gnu.txt"))
    assert len(found(view, catalog, "gnu") or {}) == 2
    with catalog.write() as writer:
        writer.drop_name("/old-gnu.txt")
    with catalog.read() as snapshot:
        assert snapshot.document(document_id("/old-gnu.txt")).title == "new-yak"
    assert found(view, catalog, "gnu") == {}
    assert len(found(view, catalog, "yak") or {}) == 2
    require_as_fts5(view, catalog)


def test_several_views_keep_one_folder(catalog: Catalog) -> None:
    view = grown(catalog)
    other = FullText(catalog.path.parent, catalog.read)
    require_as_fts5(other, catalog)  # opened, not built
    assert other._building is None
    with catalog.read() as early:
        early.generation()
        put(catalog, "new", 3, 2, "an aardvark")
        assert len(found(other, catalog, "aardvark") or {}) == 1
        with pytest.raises(Outrun):
            view.search(early, "aardvark", 5)
    assert len(found(view, catalog, "aardvark") or {}) == 1
    writer = other._index.writer(15_000_000, 1)  # the other is writing
    put(catalog, "newer", 3, 3, "a zebra")
    assert found(view, catalog, "zebra") is None
    writer.rollback()
    del writer
    assert len(found(view, catalog, "zebra") or {}) == 1


def test_far_behind_it_is_caught_up_in_the_background(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = grown(catalog)
    monkeypatch.setattr(word_view, "_MOST_AT_ONCE", 50)
    put(catalog, "more", 60, 2, "an aardvark")
    assert found(view, catalog, "aardvark") is None
    view.settle()
    assert len(found(view, catalog, "aardvark") or {}) == 1
    require_as_fts5(view, catalog)


def rebuilt(catalog: Catalog) -> None:
    """Opened, the folder is not trusted: it is made anew, and right."""
    view = FullText(catalog.path.parent, catalog.read)
    assert found(view, catalog, "word7") is None
    view.settle()
    require_as_fts5(view, catalog)


def test_a_damaged_folder_is_made_anew(catalog: Catalog) -> None:
    grown(catalog).close()
    (catalog.path.parent / FOLDER_NAME / "meta.json").write_text("{")
    rebuilt(catalog)


def test_a_folder_of_another_past_is_made_anew(catalog: Catalog, tmp_path: Path) -> None:
    grown(catalog).close()
    with catalog._connection() as db:
        db.execute("VACUUM INTO ?", (str(tmp_path / "backup"),))
    put(catalog, "undone", 5, 2)
    found(FullText(tmp_path, catalog.read), catalog, "word7")
    catalog.close()
    for file in tmp_path.glob(FILE_NAME + "*"):
        file.unlink()
    (tmp_path / "backup").rename(tmp_path / FILE_NAME)
    again = Catalog(tmp_path, create=False)
    rebuilt(again)  # its generation is beyond the catalog's
    again.close()


def test_a_folder_of_a_future_that_was_undone_is_made_anew(
    catalog: Catalog, tmp_path: Path
) -> None:
    grown(catalog).close()
    with catalog._connection() as db:
        db.execute("VACUUM INTO ?", (str(tmp_path / "backup"),))
    put(catalog, "undone", 5, 2)
    found(FullText(tmp_path, catalog.read), catalog, "word7")
    catalog.close()
    for file in tmp_path.glob(FILE_NAME + "*"):
        file.unlink()
    (tmp_path / "backup").rename(tmp_path / FILE_NAME)
    again = Catalog(tmp_path, create=False)
    put(again, "done instead", 5, 3)  # the same ids, at the same generation
    rebuilt(again)
    again.close()


@pytest.mark.parametrize("suffix", ["idx", "term", "pos", "fieldnorm", "store", "fast"])
def test_a_check_finds_each_damaged_file_and_makes_all_anew(catalog: Catalog, suffix: str) -> None:
    view = grown(catalog)
    with catalog.read() as snapshot:
        assert view.check(snapshot) == []
    (path,) = (catalog.path.parent / FOLDER_NAME).glob(f"*.{suffix}")
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0x10  # one bit
    path.write_bytes(data)
    for each in (view, FullText(catalog.path.parent, catalog.read)):
        with catalog.read() as snapshot:
            problems = each.check(snapshot)
            if each is view:
                assert problems == [
                    f"the full-text view in '{catalog.path.parent / FOLDER_NAME}' was wrong "
                    f"({path.name} does not have the checksum that it was written with); it was "
                    "made anew"
                ]
            else:
                assert problems == []
    require_as_fts5(view, catalog)


def test_a_check_finds_what_the_folder_lacks_or_has_otherwise(catalog: Catalog) -> None:
    view = grown(catalog)
    put(catalog, "new", 3, 2, "an aardvark")
    assert found(view, catalog, "aardvark")
    with catalog._connection() as db:  # changed, and no generation tells of it
        db.execute("UPDATE chunks SET text = text || ' zebra' WHERE text = 'an aardvark'")
    with catalog.read() as snapshot:
        last = snapshot.last_chunk_id()
        (problem,) = view.check(snapshot)
        assert f"(it lacks words of chunk {last})" in problem
        assert view.check(snapshot) == []
    with catalog._connection() as db:
        db.execute("DELETE FROM chunks WHERE id = ?", (last,))
    with catalog.read() as snapshot:
        (problem,) = view.check(snapshot)
        assert "(it lacks 0 chunks and has 1 that are gone)" in problem
        assert view.check(snapshot) == []


@pytest.mark.parametrize("suffix", ["idx", "fast"])
def test_where_reading_fails_fts5_answers_and_all_is_made_anew(
    catalog: Catalog, suffix: str
) -> None:
    grown(catalog).close()
    (path,) = (catalog.path.parent / FOLDER_NAME).glob(f"*.{suffix}")
    data = bytearray(path.read_bytes())
    for place in range(0, len(data) - 150, 7):
        data[place] ^= 0x5A
    path.write_bytes(data)
    view = FullText(catalog.path.parent, catalog.read)
    assert found(view, catalog, "word7 word3") is None
    view.settle()
    require_as_fts5(view, catalog)
    assert view.problem == ""
