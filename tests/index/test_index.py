"""The contract of `Index`, over every store."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence

import pytest
from support import CAT, DOG, OWL, WordEmbedder, found, make_document

from index.document import Document, document_id
from index.errors import (
    InvalidFilter,
    StoreMismatch,
    UnknownDocument,
)
from index.index import Index
from index.records import Excerpt, Scored
from index.text.chunk import Chunking


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
    assert by_uri["a"].lexical > 0 == by_uri["b"].lexical


def test_only_what_is_selected_is_read_in_that_order(index: Index) -> None:
    list(index.add([make_document(uri, f"red {uri}") for uri in ("green", "blue", "grey")]))
    every = index.candidates("red", 10)
    seen = []

    def last_two(scored: Sequence[Scored]) -> Sequence[Scored]:
        assert len(scored) == index.counts().chunks == 3
        seen.extend(scored)
        return scored[:0:-1]

    assert index.candidates("red", 10, select=last_two) == every[:0:-1]
    assert [(s.chunk_id, s.cosine, s.lexical) for s in seen] == [
        (c.row.chunk.id, c.cosine, c.lexical) for c in every
    ]


def test_a_lexical_candidate_outside_the_dense_ones_has_its_exact_cosine(index: Index) -> None:
    list(index.add([make_document("a", "red"), make_document("b", "red reds blue blue blue")]))
    dense_only = {c.row.uri: c.cosine for c in index.candidates("red", 1)}
    assert dense_only == pytest.approx(
        {c.row.uri: c.cosine for c in index.candidates("red", 10) if c.row.uri in dense_only}
    )
    assert "a" in dense_only


def test_a_quote_is_the_stretch_of_text_with_its_place(index: Index) -> None:
    text = "Ünïcödé cats 😺 sleep. Dogs bark.\nDogs bark."
    places = ((0, "p. 1"), (text.index("Dogs"), "p. 2"))
    pets = dataclasses.replace(
        make_document("pets", text, "Pets"), pages=(0, text.index("Dogs")), locations=places
    )
    list(index.add([CAT, pets]))
    start, end = text.index("😺"), text.index(" Dogs")
    assert index.quote(pets.id, start, end) == Excerpt(
        pets.id, "pets", "Pets", 1, "p. 1", start, "😺 sleep."
    )
    first, last = text.index("Dogs"), text.rindex("Dogs")
    for begin, at in ((0, first), (first, first), (first + 1, last), (last + 1, first)):
        excerpt = Excerpt(pets.id, "pets", "Pets", 2, "p. 2", at, "Dogs bark.")
        assert index.locate(pets.id, "Dogs bark.", begin) == excerpt
    assert index.locate(pets.id, "dogs bark.", 0) is None
    assert index.quote(pets.id, len(text) - 5, len(text) + 9).text == text[-5:]
    assert index.quote(CAT.id, 0, 3) == Excerpt(CAT.id, "cat.txt", "Cat", None, "", 0, "The")
    with pytest.raises(UnknownDocument, match="no document has the id or uri 'x'"):
        index.quote("x", 0, 1)
    with pytest.raises(UnknownDocument, match="no document has the id or uri 'x'"):
        index.locate("x", "cat", 0)


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


def test_what_becomes_of_a_document_follows_those_that_are_on_their_way(index: Index) -> None:
    documents = [make_document(f"{number}.txt", f"Text {number}.") for number in range(6)]
    documents.append(make_document("6.txt", "Text 5."))  # has the content of one of them
    documents.append(make_document("5.txt", "Newer."))  # takes the place of one
    assert [(each.uri, each.status) for each in index.add(documents)] == [
        *((f"{number}.txt", "added") for number in range(7)),
        ("5.txt", "replaced"),
    ]
    with index.store.read() as snapshot:
        assert snapshot.aliases([snapshot.find("6.txt")]) == {}
    assert index.check() == []


def test_an_edited_file_replaces_its_old_text_at_once(index: Index) -> None:
    list(index.add([CAT, DOG]))
    assert "cat.txt" in found(index, "mat")
    edited = make_document("cat.txt", "The cat moved to a sofa.", "Cat")
    assert [r.status for r in index.add([edited])] == ["replaced"]
    candidates = index.candidates("cat mat sofa", 10)
    assert [c.row.text for c in candidates if c.row.uri == "cat.txt"] == [edited.text]
    assert all(c.lexical == 0 for c in index.candidates("mat", 10))
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
    assert {c.row.uri for c in index.candidates("hunting", 10) if c.lexical > 0} == {"owl.txt"}


def test_pages_and_headings_come_with_a_passage(index: Index) -> None:
    text = "First page.\nSecond page about zebras."
    paged = Document(document_id("p"), "p", "P", text, "1", "application/pdf", pages=(0, 12))
    list(index.add([paged]))
    assert index.document(paged.id).page_at(12) == 2
    candidate = max(index.candidates("zebras", 10), key=lambda found: found.lexical)
    assert candidate.row.page == 2


def test_an_empty_store_finds_nothing(index: Index) -> None:
    assert index.candidates("anything", 10) == []
    assert index.documents() == []
    assert index.check() == []


def test_another_embedder_or_chunking_is_refused(index: Index) -> None:
    list(index.add([CAT]))
    with pytest.raises(StoreMismatch, match=r"'words', not 'other'; run `footnote reindex`"):
        Index(index.store, WordEmbedder(name="other"), Chunking())
    with pytest.raises(StoreMismatch, match=r"200 tokens .* not 100 .* `footnote reindex`"):
        Index(index.store, WordEmbedder(), Chunking(100, 40))


def test_a_model_whose_dimension_changed_is_refused_before_it_harms(index: Index) -> None:
    list(index.add([CAT]))
    changed = Index(index.store, WordEmbedder(dim=8), Chunking())
    with pytest.raises(StoreMismatch, match="vectors of 4096 numbers, 'words' now makes 8"):
        list(changed.add([DOG]))
    with pytest.raises(StoreMismatch, match="run `footnote reindex`"):
        changed.candidates("cat", 1)
    assert found(index, "cat") == ["cat.txt"]
    changed.close()


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
    with index.store.read() as snapshot:
        assert snapshot.aliases([CAT.id, DOG.id]) == {CAT.id: ("copy/of/cat.txt", "third")}
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


def test_reading_never_waits_for_writing(index: Index) -> None:
    list(index.add([CAT]))
    with index.store.write() as writer:
        writer.drop(CAT.id)
        assert found(index, "cat") == ["cat.txt"]
    assert found(index, "cat") == []


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
