"""The contract of `Index`; any implementation of it can be put under these tests."""

from __future__ import annotations

import dataclasses
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from support import WordEmbedder, make_document

from index.document import Document, document_id
from index.errors import (
    InvalidFilter,
    StoreBusy,
    StoreMismatch,
    StoreMissing,
    StoreUnusable,
    UnknownDocument,
)
from index.index import Index, Scored
from index.ingest import pipeline
from index.sqlite.catalog import Catalog
from index.sqlite.snapshot import Snapshot
from index.text.chunk import Chunking

CAT = make_document("cat.txt", "The cat sat on the mat.", "Cat", author="Ann", date="2023-11-08")
DOG = make_document("dog.txt", "A dog ran in the park.", "Dog", author="Bob", date="2024-02-01")
OWL = make_document("owl.txt", "An owl hunts mice by night.", "Owl", author="Ann", year=1999)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = Index(tmp_path / "store", WordEmbedder(), Chunking())
    yield opened
    opened.close()


def found(index: Index, question: str, filter: dict[str, object] | None = None) -> list[str]:
    """Uris, the best sum of both scores first."""
    candidates = index.candidates(question, 10, filter)
    return [c.row.uri for c in sorted(candidates, key=lambda c: -c.cosine - c.bm25)]


def test_what_was_not_read_whole_is_told(index: Index) -> None:
    partly = make_document("deck.pptx", "Words.", "Deck", left_out="embedded objects (2)")
    list(index.add([CAT, partly]))
    (advice,) = index.advice()
    assert advice.startswith("1 documents were not read whole; `left_out` in what `footnote list")
    assert index.check() == []


def test_add_and_find(index: Index) -> None:
    results = list(index.add([CAT, DOG]))
    assert [(r.document_id, r.status, r.chunks) for r in results] == [
        (document_id("cat.txt"), "added", 1),
        (document_id("dog.txt"), "added", 1),
    ]
    assert found(index, "cat mat")[0] == "cat.txt"
    assert index.document(CAT.id) == CAT
    assert (index.counts().documents, index.counts().chunks) == (2, 2)
    assert [d.uri for d in index.documents()] == ["cat.txt", "dog.txt"]
    assert [d.uri for d in index.documents(offset=1, limit=5)] == ["dog.txt"]
    assert index.stored(DOG.id) == index.documents()[1]
    assert index.find("dog.txt") == index.find(DOG.id) == DOG.id
    assert index.check() == []


def test_scores_by_hand(index: Index) -> None:
    list(index.add([make_document("a", "red green"), make_document("b", "blue")]))
    by_uri = {c.row.uri: c for c in index.candidates("red", 10)}
    # "red" against the unit sum of "red" and "green": one part in the square root of two.
    assert by_uri["a"].cosine == pytest.approx(2**-0.5, abs=1e-6)
    assert by_uri["b"].cosine == pytest.approx(0, abs=1e-6)
    assert by_uri["a"].bm25 > 0 == by_uri["b"].bm25


def test_only_what_is_selected_is_read_in_that_order(index: Index) -> None:
    list(index.add([make_document(uri, f"red {uri}") for uri in ("green", "blue", "grey")]))
    every = index.candidates("red", 10)
    seen = []

    def last_two(scored: Sequence[Scored], chunks: int) -> Sequence[Scored]:
        assert chunks == 3
        seen.extend(scored)
        return scored[:0:-1]

    assert index.candidates("red", 10, select=last_two) == every[:0:-1]
    assert [(s.chunk_id, s.cosine, s.bm25) for s in seen] == [
        (c.row.chunk.id, c.cosine, c.bm25) for c in every
    ]


def test_a_lexical_candidate_outside_the_dense_ones_has_its_exact_cosine(index: Index) -> None:
    list(index.add([make_document("a", "red"), make_document("b", "red reds blue blue blue")]))
    dense_only = {c.row.uri: c.cosine for c in index.candidates("red", 1)}
    assert dense_only == pytest.approx(
        {c.row.uri: c.cosine for c in index.candidates("red", 10) if c.row.uri in dense_only}
    )
    assert "a" in dense_only


def test_the_same_file_twice_changes_nothing(index: Index) -> None:
    list(index.add([CAT]))
    before = index.candidates("cat", 10)
    assert [r.status for r in index.add([CAT, CAT])] == ["unchanged", "unchanged"]
    assert index.candidates("cat", 10) == before
    assert index.counts().documents == 1


def test_twice_in_one_batch_the_last_text_counts(index: Index) -> None:
    newer = make_document("cat.txt", "The tiger slept.")
    assert [r.status for r in index.add([CAT, newer])] == ["added", "replaced"]
    assert index.document(CAT.id).text == "The tiger slept."
    assert index.check() == []


def test_a_batch_is_cut_while_the_one_before_it_is_embedded(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_BATCH_CHUNKS", 2)
    given: list[str] = []

    def documents() -> Iterator[Document]:
        for number in range(6):
            given.append(f"{number}.txt")
            yield make_document(given[-1], f"Text {number}.")
        yield make_document("6.txt", "Text 5.")  # known by the one that is being embedded
        yield make_document("5.txt", "Newer.")  # takes the place of one that is

    results = index.add(documents())
    assert next(results).uri == "0.txt"
    assert given == ["0.txt", "1.txt", "2.txt", "3.txt"]
    assert index.counts().documents == 2  # its batch is stored, the next is not
    assert [(each.uri, each.status) for each in results] == [
        *((f"{number}.txt", "added") for number in range(1, 7)),
        ("5.txt", "replaced"),
    ]
    assert index.aliases([index.find("6.txt")]) == {}
    assert index.check() == []


def test_an_edited_file_replaces_its_old_text_at_once(index: Index) -> None:
    list(index.add([CAT, DOG]))
    assert "cat.txt" in found(index, "mat")
    edited = make_document("cat.txt", "The cat moved to a sofa.", "Cat")
    assert [r.status for r in index.add([edited])] == ["replaced"]
    candidates = index.candidates("cat mat sofa", 10)
    assert [c.row.text for c in candidates if c.row.uri == "cat.txt"] == [edited.text]
    assert all(c.bm25 == 0 for c in index.candidates("mat", 10))
    assert index.counts().documents == 2
    assert index.check() == []


def test_a_removed_document_is_gone_everywhere(index: Index) -> None:
    list(index.add([CAT, DOG]))
    index.candidates("cat", 10)
    index.remove("cat.txt")
    assert [c.row.uri for c in index.candidates("cat mat", 10)] == ["dog.txt"]
    with pytest.raises(UnknownDocument, match=CAT.id):
        index.document(CAT.id)
    with pytest.raises(UnknownDocument, match=CAT.id):
        index.stored(CAT.id)
    with pytest.raises(UnknownDocument, match=r"no document has the id or uri 'cat\.txt'"):
        index.remove("cat.txt")
    assert index.check() == []


def test_chunk_ids_are_never_reused(index: Index) -> None:
    list(index.add([CAT]))
    (old,) = index.candidates("cat", 10)
    index.remove(CAT.id)
    list(index.add([DOG]))
    (new,) = index.candidates("dog", 10)
    assert new.row.chunk.id > old.row.chunk.id


def test_filters_are_applied_before_the_cut(index: Index) -> None:
    crowd = [make_document(f"{n}.txt", "owl owl owl", author="Eve") for n in range(30)]
    list(index.add([*crowd, CAT, DOG, OWL]))
    candidates = index.candidates("owl", 2, {"author": "Ann"})
    assert sorted(c.row.uri for c in candidates) == ["cat.txt", "owl.txt"]
    assert found(index, "owl", {"author": ["Ann", "Bob"], "date": {"from": "2024"}}) == ["dog.txt"]
    assert found(index, "x", {"date": {"to": "2023-11"}}) == ["cat.txt"]
    assert found(index, "x", {"date": {"from": "2023-11-09", "to": "2024-02"}}) == ["dog.txt"]
    assert found(index, "x", {"year": {"from": 1990, "to": 1999}}) == ["owl.txt"]
    assert found(index, "x", {"document_id": [CAT.id], "uri": "cat.txt"}) == ["cat.txt"]
    assert found(index, "owl", {"author": "nobody"}) == []
    assert found(index, "x", {"date": {"from": 0}}) == []  # a text is in no range of numbers
    odd = make_document("odd", "owl", **{"dc:creator": "Eve", "संख्या": 3})
    list(index.add([odd]))
    assert found(index, "owl", {"dc:creator": "Eve", "संख्या": {"from": 3, "to": 3}}) == ["odd"]
    with pytest.raises(InvalidFilter):
        index.candidates("owl", 2, {"author": None})


@pytest.mark.parametrize(
    "question", ["what's up?", "C++", '"', "AND OR NOT", "a*b", "NEAR(x y)", "…"]
)
def test_the_users_words_are_never_syntax(index: Index, question: str) -> None:
    list(index.add([CAT]))
    assert [c.row.uri for c in index.candidates(question, 10)] == ["cat.txt"]


def test_words_match_by_their_stems(index: Index) -> None:
    list(index.add([OWL, CAT, DOG]))
    assert {c.row.uri for c in index.candidates("hunting", 10) if c.bm25 > 0} == {"owl.txt"}


def test_pages_and_headings_come_with_a_passage(index: Index) -> None:
    text = "First page.\nSecond page about zebras."
    paged = Document(document_id("p"), "p", "P", text, "1", "application/pdf", pages=(0, 12))
    list(index.add([paged]))
    assert index.document(paged.id).page_at(12) == 2
    candidate = max(index.candidates("zebras", 10), key=lambda found: found.bm25)
    assert candidate.row.page == 2


def test_an_empty_store_finds_nothing(index: Index) -> None:
    assert index.candidates("anything", 10) == []
    assert index.documents() == []
    assert index.check() == []


def test_reopening_serves_the_same(index: Index) -> None:
    list(index.add([CAT, DOG]))
    again = Index(index.folder, WordEmbedder(), Chunking(), create=False)
    assert again.candidates("cat", 10) == index.candidates("cat", 10)
    again.close()


def test_another_embedder_or_chunking_is_refused(index: Index) -> None:
    list(index.add([CAT]))
    with pytest.raises(StoreMismatch, match=r"'words', not 'other'; run `footnote reindex`"):
        Index(index.folder, WordEmbedder(name="other"), Chunking())
    with pytest.raises(StoreMismatch, match=r"200 tokens .* not 100 .* `footnote reindex`"):
        Index(index.folder, WordEmbedder(), Chunking(100, 40))


def test_a_model_whose_dimension_changed_is_refused_before_it_harms(index: Index) -> None:
    list(index.add([CAT]))
    changed = Index(index.folder, WordEmbedder(dim=8), Chunking())
    with pytest.raises(StoreMismatch, match="vectors of 4096 numbers, 'words' now makes 8"):
        list(changed.add([DOG]))
    with pytest.raises(StoreMismatch, match="run `footnote reindex`"):
        changed.candidates("cat", 1)
    assert found(index, "cat") == ["cat.txt"]
    changed.close()


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
    for file in index.folder.iterdir():
        file.unlink()
    index._catalog.close()
    index._catalog = Catalog(index.folder, create=True)
    list(index.add([OWL]))
    (candidate,) = index.candidates("owl", 10)
    assert candidate.cosine > 0.2
    assert index.check() == []


def test_unchanged_and_new_documents_keep_their_order(index: Index) -> None:
    list(index.add([DOG]))
    results = list(index.add([CAT, DOG, OWL]))
    assert [(r.uri, r.status) for r in results] == [
        ("cat.txt", "added"),
        ("dog.txt", "unchanged"),
        ("owl.txt", "added"),
    ]


def test_how_documents_begin(index: Index) -> None:
    list(index.add([CAT, DOG, OWL]))
    assert [c.row.uri for c in index.openings(2)] == ["cat.txt", "dog.txt"]
    assert [c.row.uri for c in index.openings(9, {"author": "Ann"})] == ["cat.txt", "owl.txt"]


def test_a_document_opens_with_more_than_its_date(index: Index) -> None:
    story = "The keeper kept the light for forty years. " * 4
    paged = Document(document_id("s"), "s", "S", f"9 March.\n{story}", "1", "text/plain", (0, 9))
    list(index.add([paged]))
    (opening,) = index.openings(9)
    assert opening.row.text.startswith("The keeper kept")


def test_a_missing_store_and_a_foreign_file(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="there is no store"):
        Index(tmp_path / "none", WordEmbedder(), Chunking(), create=False)
    assert not (tmp_path / "none").exists()
    (tmp_path / "footnote.sqlite3").write_bytes(b"not a database, but long enough to be read" * 9)
    with pytest.raises(StoreMismatch, match="not a Footnote store"):
        Index(tmp_path, WordEmbedder(), Chunking())


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    foreign = sqlite3.connect(tmp_path / "footnote.sqlite3")
    foreign.execute("CREATE TABLE documents (a)")
    foreign.commit()
    with pytest.raises(StoreMismatch, match="a database of another program"):
        Index(tmp_path, WordEmbedder(), Chunking())
    assert foreign.execute("SELECT name FROM sqlite_master").fetchall() == [("documents",)]
    foreign.close()


def test_a_place_where_no_store_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreUnusable, match="cannot be made"):
        Index(tmp_path / "file", WordEmbedder(), Chunking())
    (tmp_path / "folder" / "footnote.sqlite3").mkdir(parents=True)
    with pytest.raises(StoreUnusable, match="cannot be opened"):
        Index(tmp_path / "folder", WordEmbedder(), Chunking())


def test_a_full_disk_is_told_and_changes_nothing(index: Index) -> None:
    list(index.add([CAT]))
    with index._catalog._connection() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreUnusable, match=r"full or failing .*make room"):
        list(index.add([make_document("big", "word " * 20000)]))
    with index._catalog._connection() as db:
        db.execute("PRAGMA max_page_count = 1000000")
    assert index.check() == []
    assert [d.uri for d in index.documents()] == ["cat.txt"]


def test_another_process_sees_what_was_added_and_removed(index: Index) -> None:
    other = Index(index.folder, WordEmbedder(), Chunking())
    list(index.add([CAT, DOG]))
    assert found(other, "cat")[0] == "cat.txt"
    index.remove(CAT.id)
    list(index.add([OWL]))
    assert sorted(found(other, "cat owl")) == ["dog.txt", "owl.txt"]
    assert other.check() == []
    other.close()


def test_the_same_content_under_two_names_is_one_document(index: Index) -> None:
    copy = make_document("copy/of/cat.txt", CAT.text, "Copy")
    results = list(index.add([CAT, copy, DOG]))  # in one batch, and then in another
    assert [(r.document_id, r.uri, r.status) for r in results] == [
        (CAT.id, "cat.txt", "added"),
        (CAT.id, "copy/of/cat.txt", "added"),
        (DOG.id, "dog.txt", "added"),
    ]
    third = make_document("third", CAT.text)
    assert [r.document_id for r in index.add([third, copy])] == [CAT.id, CAT.id]
    assert (index.counts().documents, index.counts().chunks) == (2, 2)
    stored = index.documents()[0]
    assert (stored.uri, stored.aliases) == ("cat.txt", ("copy/of/cat.txt", "third"))
    assert index.aliases([CAT.id, DOG.id]) == {CAT.id: ("copy/of/cat.txt", "third")}
    assert index.find("third") == index.find("cat.txt") == CAT.id
    assert found(index, "mat", {"uri": "third"}) == ["cat.txt"]
    assert index.check() == []
    assert index.remove("cat.txt") == CAT.id
    assert (index.stored(CAT.id).uri, index.stored(CAT.id).aliases) == (
        "copy/of/cat.txt",
        ("third",),
    )
    assert found(index, "mat")[0] == "copy/of/cat.txt"
    with pytest.raises(UnknownDocument):
        index.find("cat.txt")
    index.remove(CAT.id)  # the document with all its names
    assert [d.uri for d in index.documents()] == ["dog.txt"]
    assert index.check() == []


def test_an_edited_copy_becomes_a_document_of_its_own(index: Index) -> None:
    copy = make_document("copy.txt", CAT.text)
    list(index.add([CAT, copy]))
    (edited,) = index.add([make_document("cat.txt", "The cat left.", "Cat")])
    assert (edited.status, edited.document_id == CAT.id) == ("replaced", False)
    assert index.document(index.find("cat.txt")).text == "The cat left."
    assert index.document(CAT.id).text == CAT.text
    assert index.stored(CAT.id).uri == "copy.txt"
    (back,) = index.add([CAT])
    assert (back.status, back.document_id) == ("replaced", CAT.id)
    assert index.counts().documents == 1
    assert index.check() == []


def test_bytes_that_are_read_in_two_ways_are_two_documents(index: Index) -> None:
    page = dataclasses.replace(CAT, uri="cat.html", id=document_id("cat.html"))
    page = dataclasses.replace(page, media_type="text/html")
    list(index.add([CAT, page]))
    assert index.counts().documents == 2


def test_a_copy_whose_original_is_removed_meanwhile_is_stored_itself(index: Index) -> None:
    list(index.add([CAT]))

    class Removes(WordEmbedder):
        def passages(self, texts):  # type: ignore[no-untyped-def]
            if found(index, "cat") == ["cat.txt"]:
                index.remove(CAT.id)
            return super().passages(texts)

    index.embedder = Removes()
    results = list(index.add([make_document("copy.txt", CAT.text), DOG]))
    assert [(r.uri, r.status) for r in results] == [("copy.txt", "added"), ("dog.txt", "added")]
    assert found(index, "mat")[0] == "copy.txt"
    assert index.check() == []


def test_removals_are_forgotten_after_a_while(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.sqlite.writer._REMEMBERED", 5)
    list(index.add([CAT, DOG]))
    other = Index(index.folder, WordEmbedder(), Chunking())
    assert len(found(other, "cat")) == 2
    for number in range(20):
        list(index.add([make_document("dog.txt", f"Dog number {number}.")]))
        found(index, "dog")
    with index._catalog.read() as snapshot:
        assert len(snapshot.removed_since(0)) == 5
    assert sorted(c.row.text for c in other.candidates("dog", 9)) == ["Dog number 19.", CAT.text]
    assert other.check() == index.check() == []
    other.close()


def test_reading_never_waits_for_writing(index: Index) -> None:
    list(index.add([CAT]))
    with index._catalog.write() as writer:
        writer.drop(CAT.id)
        assert found(index, "cat") == ["cat.txt"]
    assert found(index, "cat") == []


def test_a_second_writer_is_told(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.sqlite.catalog._BUSY_SECONDS", 0.05)
    other = Index(index.folder, WordEmbedder(), Chunking())
    with index._catalog.write(), pytest.raises(StoreBusy, match="try again"):
        list(other.add([CAT]))
    other.close()


def test_a_failed_write_changes_nothing(index: Index) -> None:
    list(index.add([CAT]))
    wrong = dataclasses.replace(DOG, metadata={"bad": object()})  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        list(index.add([OWL, wrong]))
    assert [d.uri for d in index.documents()] == ["cat.txt"]
    assert index.check() == []


def test_many_threads_ask_while_documents_come_and_go(index: Index) -> None:
    list(index.add([CAT]))
    failures: list[BaseException] = []
    stop = threading.Event()

    def ask() -> None:
        try:
            while not stop.is_set():
                assert "cat.txt" in found(index, "cat")
        except BaseException as error:  # noqa: BLE001 (a thread's error must reach the test)
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for round_ in range(15):
        list(index.add([make_document("new.txt", f"Round {round_} of the cat.")]))
        index.remove("new.txt")
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert index.check() == []


def test_check_finds_what_is_wrong(index: Index) -> None:
    list(index.add([CAT, DOG]))
    index.candidates("cat", 1)
    with index._catalog.write() as writer:
        writer._db.execute("UPDATE chunks SET start = start + 1 WHERE document_id = ?", (CAT.id,))
    assert any("is not the text of document" in problem for problem in index.check())
    with index._catalog.write() as writer:
        writer._db.execute("UPDATE chunks SET start = start - 1 WHERE document_id = ?", (CAT.id,))
        half = np.full(4096, 0.5, dtype=np.float32).tobytes()
        writer._db.execute("UPDATE chunks SET vector = ? WHERE document_id = ?", (half, DOG.id))
    assert any("not of length 1" in problem for problem in index.check())
    with index._catalog.write() as writer:
        writer._db.execute("DELETE FROM chunks WHERE document_id = ?", (CAT.id,))
    problems = index.check()
    assert any("full text differs" in problem for problem in problems)
    assert any(f"document {CAT.id} has no chunks" in problem for problem in problems)


def test_check_waits_for_a_writer_rather_than_blame_the_store(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.sqlite.catalog._BUSY_SECONDS", 0.05)
    list(index.add([CAT]))
    other = Index(index.folder, WordEmbedder(), Chunking())
    with index._catalog.write(), pytest.raises(StoreBusy):
        other.check()
    other.close()


ADDING = """
import sys
from pathlib import Path
from index.text.chunk import Chunking
from index.index import Index, Scored
from support import WordEmbedder, make_document

index = Index(Path(sys.argv[1]), WordEmbedder(), Chunking())
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
    tests = Path(__file__).parents[1]
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
    index = Index(tmp_path, WordEmbedder(), Chunking(), create=False)
    assert index.check() == []
    stored = {d.uri: index.document(d.id).text.split()[2] for d in index.documents()}
    # One more change may have been committed before it could be told.
    assert len(set(stored.items()) ^ set(expected.items())) <= 2
    uris = {c.row.uri for c in index.candidates("text", 1000)}
    assert uris == set(stored)
    index.close()
