"""The contract of a store: what holds of each, and that all find what the oracle finds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import CAT, DOG, OWL, WordEmbedder, found, make_document
from support_oracle import OracleStore
from support_stores import STORES

from index.document import Document
from index.errors import (
    CollectionExists,
    FootnoteError,
    InvalidCollection,
    StoreBusy,
    StoreMismatch,
    UnknownCollection,
    UnknownDocument,
    UnknownOriginal,
)
from index.filter import parse_filter
from index.index import Index
from index.ingest.reindex import reindex
from index.places import places
from index.records import Candidate, Counts, Key, Listing, Seen, Sort, Stored
from index.store import Store
from index.text.chunk import Chunking
from index.text.clean import clean

WORDS = "cat Cats dogs run running owl night the of Ünïcödé naïve 13,452 FY2022 C++ 7 😺".split()
URIS = ["a.txt", "b.txt", "old/night_run.txt", "new/owl_cats.txt"]
SENTENCES = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=7), max_size=6)
TEXTS = SENTENCES.map(lambda several: "\n".join(" ".join(words) + "." for words in several))
QUESTIONS = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "remove", "ask"]),
        st.sampled_from(URIS),
        st.integers(0, 3),
        st.sampled_from(["", "Cats", "Running by night", "night run"]),
        QUESTIONS,
    ),
    max_size=12,
)


@contextmanager
def every_store(chunking: Chunking) -> Iterator[list[Index]]:
    """An index over an empty store of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        opened = []
        for name, make in STORES.items():
            with suppress(pytest.skip.Exception):  # where it can't be had here
                opened.append(Index(make(Path(folder) / name), WordEmbedder(dim=256), chunking))
        try:
            yield opened
        finally:
            for index in opened:
                index.close()


def require_same_candidates(indexes: list[Index], question: str, **filter: object) -> None:
    """What the oracle finds is what every other store finds, with the same scores."""
    (expected,) = [
        index.candidates(question, 100, filter)
        for index in indexes
        if isinstance(index.store, OracleStore)
    ]
    for index in indexes:
        candidates = index.candidates(question, 100, filter)
        assert [c.row for c in candidates] == [c.row for c in expected]
        assert scores(candidates) == pytest.approx(scores(expected), abs=1e-5)
        assert all(0 <= c.lexical <= 1 for c in candidates)


def scores(candidates: list[Candidate]) -> list[float]:
    return [score for c in candidates for score in (c.cosine, c.lexical)]


def listed(index: Index) -> list[Any]:
    """Its documents, but for when they were added."""
    return [replace(each, added_at="") for each in index.documents(0, -1)]


@settings(max_examples=25, deadline=None)
@given(st.lists(TEXTS, min_size=4, max_size=4), CHANGES)
def test_added_replaced_and_removed_in_any_order_all_find_the_same(
    texts: list[str], changes: list[tuple[str, str, int, str, str]]
) -> None:
    texts = [f"{text}\nMark{number}." for number, text in enumerate(texts)]
    held: dict[str, int] = {}
    with every_store(Chunking(16, 4)) as indexes:
        for what, uri, number, title, question in changes:
            if what == "add":
                document = make_document(uri, texts[number], title, year=2000 + number)
                told = [[replace(a, note="") for a in index.add([document])] for index in indexes]
                assert all(each == told[0] for each in told)
                held[uri] = number
            elif what == "remove" and uri in held:
                assert len({index.remove(uri) for index in indexes}) == 1
                del held[uri]
            require_same_candidates(indexes, question)
            require_same_candidates(indexes, f"{title} mark{number}", year=2000 + number)
        for index in indexes:
            assert listed(index) == listed(indexes[0])
            assert index.check() == []
            assert {uri: index.document(index.find(uri)).text for uri in held} == {
                uri: texts[number] for uri, number in held.items()
            }
            for gone in {*range(len(texts))} - {*held.values()}:
                candidates = index.candidates(f"mark{gone}", 100)
                assert all(c.lexical == 0 for c in candidates)
                assert not any(f"Mark{gone}" in c.row.text for c in candidates)


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400), st.data())
def test_offsets_are_code_points_of_the_text(text: str, data: st.DataObject) -> None:
    text = clean(f"{text}\n{text}") or "."  # so that most of it stands there twice
    places = st.integers(0, len(text))
    pages = tuple(sorted({0, *data.draw(st.lists(places, max_size=3))}))
    labels = tuple((start, f"p. {number}") for number, start in enumerate(pages, start=1))
    document = replace(make_document("u", text, "T"), pages=pages, locations=labels)
    start, end = sorted((data.draw(places), data.draw(places)))
    begin, piece = data.draw(places), text[start:end]
    with every_store(Chunking(5, 2)) as indexes:
        for index in indexes:
            list(index.add([document]))
            assert index.document(document.id) == document
            covered = set[int]()
            for row in (c.row for c in index.candidates("?", 1000)):
                chunk = row.chunk
                assert row.text == text[chunk.start : chunk.end]
                assert row.text == index.quote(document.id, chunk.start, chunk.end).text
                assert row.page == document.page_at(chunk.start)
                covered.update(range(chunk.start, chunk.end))
            assert all(at in covered for at, sign in enumerate(text) if not sign.isspace())
            quote = index.quote(document.id, start, end)
            assert quote.text == piece
            assert (quote.page, quote.location) == (
                document.page_at(start),
                document.location_at(start),
            )
            if piece:
                at = text.find(piece, begin) if piece in text[begin:] else text.find(piece)
                located = index.locate(document.id, piece, begin)
                assert located == index.quote(document.id, at, at + len(piece))
            assert index.locate(document.id, text + "x", begin) is None


VALUES = st.sampled_from(["Ann", "Bob", "2023", "2023-11-08", "2024-02-01", 1, 2, 2.5, True])
BOUNDS = st.sampled_from(["2023", "2023-11", "2024-02-01", "B", 1, 2.5])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from(["author", "date"]), VALUES), max_size=5),
    st.lists(
        st.dictionaries(
            st.sampled_from(["author", "date", "title", "uri", "media_type"]),
            VALUES
            | st.lists(VALUES, min_size=1, max_size=3)
            | st.fixed_dictionaries({"from": BOUNDS}, optional={"to": BOUNDS}),
            max_size=2,
        ),
        max_size=6,
    ),
)
def test_filters_mean_the_same(
    stated: list[dict[str, Any]], filters: list[dict[str, object]]
) -> None:
    with every_store(Chunking()) as indexes:
        for index in indexes:
            documents = (
                make_document(f"202{number}", f"cat {number}", "Bob", **metadata)
                for number, metadata in enumerate(stated)
            )
            list(index.add(documents))
        for wanted in filters:
            require_same_candidates(indexes, "cat", **wanted)
            openings = [[c.row for c in index.openings(3, wanted)] for index in indexes]
            assert all(each == openings[0] for each in openings)


def test_a_store_that_holds_nothing(store: Store) -> None:
    with store.read() as snapshot:
        assert snapshot.identity() is None
        assert (snapshot.counts().documents, snapshot.counts().chunks) == (0, 0)
        assert snapshot.documents(0, -1) == snapshot.openings(9, ()) == []
        for ask in (snapshot.find, snapshot.document, snapshot.stored):
            with pytest.raises(UnknownDocument):
                ask("x")
    assert store.view_state() is None
    assert store.check() == []
    assert store.find("cat", lambda identity: np.zeros(0), 9, (), lambda scored: scored) == []


def test_an_original_is_kept_until_the_last_document_of_its_digest_goes(index: Index) -> None:
    def originals() -> list[int | None]:
        with index.store.read() as snapshot:
            return [snapshot.originals.size(one.sha256) for one in (CAT, DOG)]

    list(index.add([CAT, DOG, replace(CAT, uri="copy.txt", media_type="text/markdown")]))
    with index.store.write() as writer:
        writer.originals.keep(CAT.sha256, b"the cat's file")
        writer.originals.keep(DOG.sha256, b"the dog's")
    assert originals() == [14, 9]
    with index.store.read() as snapshot:
        assert snapshot.originals.total() == 23
        with snapshot.originals.open(CAT.sha256) as file:
            assert file.read() == b"the cat's file"
    index.remove(CAT.uri)
    assert originals() == [14, 9]
    index.remove("copy.txt")
    list(index.add([replace(DOG, text="Another.", sha256="0" * 64)]))
    assert originals() == [None, None]
    with index.store.read() as snapshot, pytest.raises(UnknownOriginal, match="is not kept"):
        snapshot.originals.open(CAT.sha256)
    assert index.check() == []


def test_a_write_is_seen_as_a_whole_or_not_at_all(index: Index) -> None:
    list(index.add([CAT, DOG]))
    with index.store.read() as before:
        assert before.counts().documents == 2
        with index.store.write() as writer:
            writer.drop(CAT.id)
            assert writer.counts().documents == 1
            assert found(index, "cat mat")[0] == "cat.txt"
        assert before.counts().documents == 2
        assert before.document(CAT.id) == CAT
    with suppress(KeyboardInterrupt), index.store.write() as writer:
        writer.drop(DOG.id)
        raise KeyboardInterrupt
    assert [d.uri for d in index.documents()] == ["dog.txt"]
    assert index.check() == []


def test_the_question_is_embedded_for_the_store_as_it_is(index: Index) -> None:
    list(index.add([CAT]))
    asked = []

    def vector(identity: Any) -> Any:
        asked.append(identity)
        return index.embedder.queries(["cat"])[0]

    (candidate,) = index.store.find("cat", vector, 9, (), lambda scored: scored)
    assert candidate.row.uri == "cat.txt"
    assert [(each.embedder, each.dim, each.chunk_tokens) for each in asked] == [
        ("words", 4096, 200)
    ]


def test_chunks_made_anew_take_the_place_of_the_old_ones_at_once(index: Index) -> None:
    list(index.add([CAT, DOG, OWL]))
    store, other = index.store, WordEmbedder("other", dim=64)

    class Looks(WordEmbedder):
        def passages(self, texts):  # type: ignore[no-untyped-def]
            assert found(index, "cat mat")[0] == "cat.txt"
            return super().passages(texts)

    looking = Looks("other", dim=64)
    assert reindex(store, looking, Chunking(6, 0), lambda done, total: None).documents == 3
    with pytest.raises(StoreMismatch, match="embedded with 'other'"):
        index.candidates("cat", 1)
    with store.read() as snapshot:
        assert snapshot.identity().embedder == "other"  # type: ignore[union-attr]
        identity = snapshot.identity()
    assert identity is not None
    with store.write() as writer:
        assert writer.unstaged(identity) == [CAT.id, DOG.id, OWL.id]
    with store.write() as writer:
        writer.unstaged(replace(identity, chunk_tokens=9))
    with store.write() as writer, pytest.raises(StoreBusy, match="another reindex"):
        writer.stage(identity, CAT, [], other.passages([]))


def test_what_is_remembered_of_folders(index: Index) -> None:
    list(index.add([CAT]))
    seen = [Seen("cat.txt", "1", CAT.sha256), Seen("x", "2", "0", "is damaged")]
    with index.store.write() as writer:
        assert writer.folders.name("/home/one") is None
        assert writer.folders.register("/home/one", "docs") == "docs"
        assert writer.folders.register("/home/two", "docs") == "/home/two"
        assert writer.folders.register("/home/one", "other") == "docs"
        writer.folders.see("/home/one", seen)
    with index.store.read() as snapshot:
        known = snapshot.folders.known("/home/one")
        assert {uri: each.seen for uri, each in known.items()} == {s.uri: s for s in seen}
        assert (known["cat.txt"].document_id, known["x"].document_id) == (CAT.id, None)
        assert known["cat.txt"].is_stored
        assert known["x"].is_current
        assert snapshot.folders.known("/home/two") == {}
        assert snapshot.folders.paths() == ["/home/one", "/home/two"]
    with index.store.write() as writer:
        writer.folders.forget("/home/one", ["x"])
        assert [writer.folders.is_seen(uri) for uri in ("cat.txt", "x")] == [True, False]


def test_documents_are_called_by_title_and_by_file_name(index: Index) -> None:
    report = make_document("a/Report.final.md", "One.", "The Report")
    other = make_document("b/report.final.txt", "Two.", "Über uns")
    list(index.add([report, other]))
    for name in ("the report", "REPORT.FINAL.MD"):
        assert index.called(name) == [report.id]
    assert index.called("Über uns") == index.called("report.final.txt") == [other.id]
    assert index.called("Report.Final") == [report.id, other.id]
    assert index.called("report") == index.called("final") == index.called("") == []


def test_members_aliases_and_twins(index: Index) -> None:
    copy = make_document("b.zip!/copy.txt", CAT.text, "Cat")
    other = make_document("a.zip!/other.txt", "Other words.")
    list(index.add([CAT, copy, other]))
    with index.store.read() as snapshot:
        assert snapshot.members("b.zip") == ["b.zip!/copy.txt"]
        assert snapshot.members("a.zip") == ["a.zip!/other.txt"]
        assert snapshot.members(".zip") == []
        assert snapshot.aliases([CAT.id, other.id, "x"]) == {CAT.id: ("b.zip!/copy.txt",)}
        assert snapshot.twins(CAT.sha256) == [
            (CAT.id, "cat.txt", "text/plain"),
            (CAT.id, "b.zip!/copy.txt", "text/plain"),
        ]
        assert snapshot.named("b.zip!/copy.txt") == (CAT.id, CAT.sha256)
        assert snapshot.named("copy.txt") is None


def test_what_a_store_was_told_to_keep(store: Store) -> None:
    def kept() -> list[str | None]:
        with store.read() as snapshot:
            told = [snapshot.setting("tone"), snapshot.setting("hue")]
            assert snapshot.settings() == {
                name: value for name, value in zip(("tone", "hue"), told, strict=True) if value
            }
            return told

    assert kept() == [None, None]
    with store.write() as writer:
        writer.set_setting("tone", "dry")
        writer.set_setting("hue", "red")
    with store.write() as writer:
        writer.set_setting("tone", "wry")
        writer.set_setting("hue", None)
    assert kept() == ["wry", None]


def test_nobody_waits_for_ever(store: Store) -> None:
    with store.precedence.asking(), store.precedence.asking():
        pass
    with store.precedence.adding():
        pass


def test_a_document_comes_back_as_it_was(store: Store) -> None:
    index = Index(store, WordEmbedder(), Chunking())
    text, places = "Größe: 5 µm\n😺", ((3, "p. 2"), (9, "p. 3"))
    odd = Document("0", "ü/ß.txt", "Ünï", text, "9", "text/x", (0, 3), (), {"n": 1.5}, places)
    (added,) = index.add([odd])
    assert index.document(added.document_id) == replace(odd, id=added.document_id)


def test_scope_means_the_same_in_every_store() -> None:
    """A hand-worked library: folders with like names, an archive, depth, signs that are literal."""
    uris = (
        "hr",
        "hr/pay.md",
        "hr/2024/pay.md",
        "hr/2024/q1/pay.txt",
        "hrx/pay.md",
        "hr.zip!/a/pay.md",
        "legal/hr/pay.md",
        "notes [1].md",
        "/abs/hr/pay.md",
    )
    expected = {
        ("prefix", "hr/"): {"hr/pay.md", "hr/2024/pay.md", "hr/2024/q1/pay.txt"},
        ("prefix", "hr"): {"hr", "hr/pay.md", "hr/2024/pay.md", "hr/2024/q1/pay.txt"},
        ("prefix", "hr.zip"): {"hr.zip!/a/pay.md"},
        ("prefix", "/"): {"/abs/hr/pay.md"},
        ("prefix", "no/"): set(),
        ("glob", "hr/*"): {"hr/pay.md"},
        ("glob", "hr/**"): {"hr/pay.md", "hr/2024/pay.md", "hr/2024/q1/pay.txt"},
        ("glob", "hr/**/*.md"): {"hr/pay.md", "hr/2024/pay.md"},
        ("glob", "hr/**/q?/*.txt"): {"hr/2024/q1/pay.txt"},
        ("glob", "**/hr/pay.md"): {"hr/pay.md", "legal/hr/pay.md", "/abs/hr/pay.md"},
        ("glob", "*/pay.md"): {"hr/pay.md", "hrx/pay.md"},
        ("glob", "*[1].md"): {"notes [1].md"},
        ("glob", "hr?"): set(),
        ("glob", "**"): {*uris},
    }
    with every_store(Chunking()) as indexes:
        for index in indexes:
            list(index.add(make_document(uri, f"cat {n}") for n, uri in enumerate(uris)))
            for (form, place), wanted in expected.items():
                scope = {"uri": {form: place}}
                assert {c.row.uri for c in index.candidates("cat", 50, scope)} == wanted, place
                assert {d.uri for d in index.documents(0, -1, scope)} == wanted
                assert {c.row.uri for c in index.openings(50, scope)} == wanted
                assert index.counts(scope) == Counts(len(wanted), len(wanted))
        for form, place in expected:
            require_same_candidates(indexes, "cat 3", uri={form: place})


PARTS = st.sampled_from(["a", "b", "ab", "a.md", "*", "?", "a*", "*b", "?b", "[a]", ""])
GLOBS = st.tuples(st.lists(PARTS, max_size=3), st.booleans(), st.lists(PARTS, max_size=3)).map(
    lambda each: "/".join([*each[0], *(["**"] if each[1] else []), *each[2]])
)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from(["a", "b", "ab", "a.md", "[a]", "ü"]), min_size=1, max_size=4),
        min_size=1,
        max_size=6,
        unique_by=tuple,
    ),
    st.lists(GLOBS.filter(bool), min_size=20, max_size=20),
)
def test_globs_and_prefixes_mean_the_same(paths: list[list[str]], globs: list[str]) -> None:
    with every_store(Chunking()) as indexes:
        for index in indexes:
            list(index.add(make_document("/".join(p), f"cat {n}") for n, p in enumerate(paths)))
        for place in globs:
            for form in ("prefix", "glob"):
                found = [
                    [d.uri for d in index.documents(0, -1, {"uri": {form: place}})]
                    for index in indexes
                ]
                assert all(each == found[0] for each in found), (form, place)


SCOPED = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "create", "delete", "in", "out", "feed", "unfeed"]),
        st.sampled_from(["a/1.txt", "a/2.txt", "ab/3.txt", "a/b/4.txt"]),
        st.sampled_from(["one", "two"]),
        st.integers(0, 2),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(SCOPED)
def test_collections_hold_the_same_after_any_changes(
    changes: list[tuple[str, str, str, int]],
) -> None:
    def changed(index: Index, what: str, uri: str, name: str, number: int) -> object:
        folder = uri.rpartition("/")[0] + "/"
        if what == "add":
            document = make_document(uri, f"cat {number}")
            return [a.status for a in index.add([document], collection=name if number else None)]
        with index.store.write() as writer:
            collections = writer.collections
            if what == "remove":
                return writer.drop_name(uri)
            if what in ("in", "out"):
                change = collections.include if what == "in" else collections.exclude
                return change(name, [writer.find(uri)])
            if what in ("feed", "unfeed"):
                return getattr(collections, what)(name, folder)
            return getattr(collections, what)(name)

    def outcome(index: Index, *change: Any) -> object:
        try:
            return changed(index, *change)
        except FootnoteError as error:
            return type(error)

    with every_store(Chunking()) as indexes:
        for change in changes:
            outcomes = [outcome(index, *change) for index in indexes]
            assert all(each == outcomes[0] for each in outcomes), change
            shown = [
                [(c.name, c.documents, c.chunks, c.folders) for c in index.collections.all()]
                for index in indexes
            ]
            assert all(each == shown[0] for each in shown)
            for name, *_ in shown[0]:
                require_same_candidates(indexes, "cat 1", collection=name)
        for index in indexes:
            assert index.check() == []


def test_a_collection_from_hand_to_hand(index: Index) -> None:
    list(index.add([CAT, DOG]))
    made = index.collections.create("pets", documents=["cat.txt"])
    assert (made.name, made.documents, made.chunks, made.folders) == ("pets", 1, 1, ())
    assert [c.row.uri for c in index.candidates("dog", 9, {"collection": "pets"})] == ["cat.txt"]
    index.collections.change("pets", add=[DOG.id], new_name="animals")
    assert index.counts({"collection": "animals"}).documents == 2
    assert [d.uri for d in index.documents(0, -1, {"collection": ["animals"]})] == [
        "cat.txt",
        "dog.txt",
    ]
    index.remove("cat.txt")
    assert index.collections.one("animals").documents == 1
    list(index.add([CAT]))  # what comes back is a new document
    assert index.collections.one("animals").documents == 1
    list(index.add([replace(DOG, text="The dog sat.", sha256="new")]))
    assert index.counts({"collection": "animals"}).documents == 1  # replaced, it stays
    index.collections.delete("animals")
    assert [d.uri for d in index.documents()] == ["dog.txt", "cat.txt"]
    for ask in (index.openings, index.documents):
        with pytest.raises(UnknownCollection, match="no collection 'animals'"):
            ask(9, filter={"collection": "animals"})
    with pytest.raises(UnknownCollection):
        index.candidates("cat", 9, {"collection": ["animals"]})
    with pytest.raises(UnknownCollection):
        index.counts({"collection": "animals"})


def test_a_folder_feeds_a_collection_now_and_later(index: Index) -> None:
    index.collections.create("hr", folders=["hr"])
    assert index.collections.one("hr").documents == 0
    assert index.candidates("cat", 9, {"collection": "hr"}) == []
    pay, other = make_document("hr/pay.md", "cat pay"), make_document("hrx/pay.md", "cat other")
    list(index.add([pay, other]))
    assert [d.uri for d in index.documents(0, -1, {"collection": "hr"})] == ["hr/pay.md"]
    with pytest.raises(InvalidCollection):
        index.collections.change("hr", remove=["hr/pay.md"])
    index.collections.change("hr", add=["hrx/pay.md"], remove_folders=["hr/"])
    assert [d.uri for d in index.documents(0, -1, {"collection": "hr"})] == ["hrx/pay.md"]
    with pytest.raises(InvalidCollection):
        index.collections.change("hr", remove_folders=["hr/"])


def test_a_change_that_fails_leaves_a_collection_as_it_was(index: Index) -> None:
    list(index.add([CAT]))
    with pytest.raises(UnknownDocument):
        index.collections.create("pets", documents=["cat.txt", "none.txt"])
    assert index.collections.all() == []
    index.collections.create("pets")
    with pytest.raises(UnknownDocument):
        index.collections.change("pets", add=["cat.txt", "none.txt"], new_name="x")
    with pytest.raises(CollectionExists, match="'pets'"):
        index.collections.create("pets")
    for wrong in ("", " a", "a/b", "a*", "?", ".", "x" * 101, "a\nb"):
        with pytest.raises(InvalidCollection):
            index.collections.create(wrong)
        with pytest.raises(InvalidCollection):
            index.add([DOG], collection=wrong)
    assert [(c.name, c.documents) for c in index.collections.all()] == [("pets", 0)]


def test_what_is_added_to_a_collection_is_in_it_also_where_it_was_stored_before(
    index: Index,
) -> None:
    list(index.add([CAT]))
    copy = make_document("copy.txt", CAT.text, "Cat")
    added = list(index.add([CAT, DOG, copy], collection="pets"))
    assert [each.status for each in added] == ["unchanged", "added", "added"]
    assert index.collections.one("pets").documents == 2
    list(index.add([OWL], collection="pets"))
    assert index.collections.one("pets").documents == 3
    # The copy is edited: it is a document of its own, and stays in the collection.
    list(index.add([make_document("copy.txt", "Other words.", "Cat")]))
    listed = [d.uri for d in index.documents(0, -1, {"collection": "pets"})]
    assert sorted(listed) == ["cat.txt", "copy.txt", "dog.txt", "owl.txt"]


def test_places_that_a_word_may_mean(index: Index) -> None:
    uris = ("HR/pay.md", "hr/2024/leave.md", "legal/hrx.md", "/abs/pay.md")
    list(index.add(make_document(uri, f"cat {n}", f"Title {n}") for n, uri in enumerate(uris)))
    index.collections.create("The HR team", documents=["HR/pay.md", "legal/hrx.md"])
    found = [(p.kind, p.name, p.uri, p.documents) for p in places(index.store, "hR")]
    assert found == [
        ("collection", "The HR team", "", 2),
        ("folder", "HR/", "", 1),
        ("folder", "hr/", "", 1),
        ("folder", "hr/2024/", "", 1),
        ("document", "Title 0", "HR/pay.md", 1),
        ("document", "Title 1", "hr/2024/leave.md", 1),
        ("document", "Title 2", "legal/hrx.md", 1),
    ]
    assert [p.name for p in places(index.store, "title 3")] == ["Title 3"]
    assert [p.name for p in places(index.store, "abs")] == ["/abs/", "Title 3"]
    assert len(places(index.store, "", limit=3)) == 3
    assert places(index.store, "%") == places(index.store, "nothing") == []
    for place in places(index.store, ""):
        assert index.counts(place.filter).documents == place.documents


def walked(index: Index, listing: Listing, limit: int, **filter: object) -> list[Stored]:
    """A whole list, a stretch at a time."""
    conditions = parse_filter(filter)
    found: list[Stored] = []
    after: Key | None = None
    with index.store.read() as snapshot:
        while True:
            part = snapshot.listed(listing, limit, after, conditions)
            found += part.documents
            after = part.last
            if after is None:
                return found


def number_titles(index: Index) -> None:
    """Five documents of known order: by title, by size and by pages."""
    for uri, title, text, pages in (
        ("hr/b.txt", "Page 10", "One line and more of it.", 1),
        ("hr/pay/a.pdf", "Ärger", "Two.", 3),
        ("c.txt", "page 9", "Three of them.", 0),
        ("z.zip!/in/d.txt", "zebra", "Four.", 0),
        ("/abs/e.txt", "ARGER", "Five is long, longer than any of the others are.", 2),
    ):
        document = make_document(uri, text, title)
        list(index.add([replace(document, pages=tuple(range(pages)))]))


SORTED: tuple[tuple[Sort, str], ...] = (
    ("stored", "b a c d e"),
    ("name", "a e c b d"),
    ("size", "a d c b e"),
    ("pages", "c d b e a"),
)


def files(found: list[Stored]) -> str:
    return " ".join(Path(each.uri).stem for each in found)


@pytest.mark.parametrize("name", STORES)
def test_lists_are_sorted_and_read_in_stretches_of_any_length(name: str, tmp_path: Path) -> None:
    """Titles by their letters, whatever their capitals and accents, and by what numbers count;
    those alike in the order of storing, and in the other order when turned round."""
    index = Index(STORES[name](tmp_path), WordEmbedder(), Chunking())
    number_titles(index)
    for sort, order in SORTED:
        for limit in (1, 2, 5, 9):
            assert files(walked(index, Listing(sort), limit)) == order
            turned = Listing(sort, descending=True)
            assert files(walked(index, turned, limit)) == " ".join(reversed(order.split()))
    added = [each.added_at for each in walked(index, Listing("added"), 2)]
    assert added == sorted(added)
    assert len(added) == 5
    assert [each.page_count for each in walked(index, Listing(), 2)] == [1, 3, 0, 0, 2]
    with index.store.read() as snapshot:
        assert snapshot.listed(Listing("name"), 9, after=("zebra\0", 1)).documents == ()
    index.close()


@pytest.mark.parametrize("name", STORES)
def test_a_list_is_sought_in_by_words_of_titles_and_uris(name: str, tmp_path: Path) -> None:
    index = Index(STORES[name](tmp_path), WordEmbedder(), Chunking())
    number_titles(index)
    twin = make_document("hr/b.txt", "One line and more of it.", "Page 10")
    list(index.add([replace(twin, id="", uri="copies/Büro.txt")]))
    for text, order in (
        ("page", "b c"),
        ("PAGE 10", "b"),
        ("arger", "a e"),
        ("Ärger pdf", "a"),
        ("hr/", "b a"),
        ("buro", "b"),
        ("zip! zebra", "d"),
        ("%", ""),
        ("nothing", ""),
        ("  ", "b a c d e"),
    ):
        assert files(walked(index, Listing(text=text), 2)) == order
        with index.store.read() as snapshot:
            assert snapshot.extent(Listing(text=text), 0).total == len(order.split())
    assert files(walked(index, Listing("name", text="r"), 1, uri={"prefix": "hr/"})) == "a b"
    index.remove("copies/Büro.txt")
    assert walked(index, Listing(text="buro"), 2) == []
    index.remove("hr/b.txt")
    assert files(walked(index, Listing(text="page"), 2)) == "c"
    list(index.add([replace(twin, uri="hr/b.txt", title="Seite 10", text="New.", sha256="f" * 64)]))
    assert files(walked(index, Listing(text="seite"), 2)) == "b"
    index.close()


@pytest.mark.parametrize("name", STORES)
def test_marks_lead_into_the_middle_of_a_list(name: str, tmp_path: Path) -> None:
    index = Index(STORES[name](tmp_path), WordEmbedder(), Chunking())
    number_titles(index)
    with index.store.read() as snapshot:
        for sort, order in SORTED:
            for descending in (False, True):
                listing = Listing(sort, descending)
                wanted = order.split()[::-1] if descending else order.split()
                extent = snapshot.extent(listing, 2)
                assert extent.total == 5
                middle = [snapshot.listed(listing, 2, mark).documents for mark in extent.marks]
                assert [files(list(each)).split() for each in middle] == [wanted[2:4], wanted[4:]]
        hr = parse_filter({"uri": {"prefix": "hr/"}})
        assert snapshot.extent(Listing(), 1, hr).total == 2
        assert len(snapshot.extent(Listing(), 1, hr).marks) == 2
        assert snapshot.extent(Listing(), 0).marks == ()
    with index.store.read() as snapshot:
        mark = snapshot.extent(Listing(), 2).marks[0]
    index.remove("hr/pay/a.pdf")  # where the mark stands
    if name != "oracle":  # which counts anew each time
        with index.store.read() as snapshot:
            assert files(list(snapshot.listed(Listing(), 2, mark).documents)) == "c d"
    index.close()


@pytest.mark.parametrize("name", STORES)
def test_folders_are_counted_level_by_level(name: str, tmp_path: Path) -> None:
    index = Index(STORES[name](tmp_path), WordEmbedder(), Chunking())
    number_titles(index)
    list(index.add([make_document("hr/pay/deep/f.txt", "Two.", "Ärger")]))  # one document, 2 names
    with index.store.read() as snapshot:
        assert snapshot.subfolders("") == [("/", 1), ("hr/", 2), ("z.zip!/", 1)]
        assert snapshot.subfolders("hr/") == [("hr/pay/", 1)]
        assert snapshot.subfolders("hr/pay/") == [("hr/pay/deep/", 1)]
        assert snapshot.subfolders("/") == [("/abs/", 1)]
        assert snapshot.subfolders("hr/pay/deep/") == snapshot.subfolders("none/") == []
        pdf = parse_filter({"title": "Page 10"})
        assert snapshot.subfolders("", pdf) == [("hr/", 1)]
    index.close()
