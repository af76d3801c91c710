"""What is exported and imported is the same, into whatever store."""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support import CAT, DOG, OWL, WordEmbedder, found, make_document
from support_stores import STORES

from index.document import Document, Heading
from index.errors import StoreMismatch, UnreadableFile
from index.index import Index
from index.ingest import exported, importing
from index.ingest.exported import export_lines
from index.records import Added, Seen
from index.sqlite.store import SqliteStore
from index.store import Store
from index.text.chunk import Chunking

CAT_FILE = b"the file of the cat"
RICH = Document(
    "of another name",
    "docs/rich.pdf",
    "Rich — “é”",
    "One page.\nA heading\nAnother page, \U0001f63a.",
    "d1" * 32,
    "application/pdf",
    (0, 10),
    (Heading(10, 19, 2),),
    {"author": "Ann", "year": 1999, "share": 0.5, "draft": False},
    ((0, "p. 1"), (10, "p. 2")),
)


def of_file(document: Document, data: bytes) -> Document:
    return replace(document, sha256=hashlib.sha256(data).hexdigest(), original=data)


def opened(store: Store) -> Index:
    return Index(store, WordEmbedder(), Chunking(6, 0))


def filled(store: Store) -> Index:
    """With a document of two names, one that has kept the id of an older name, collections."""
    index = opened(store)
    cat = of_file(CAT, CAT_FILE)
    moved = make_document("old.txt", "It was here, and moved.")
    list(index.add([cat, replace(cat, uri="again.txt"), DOG, RICH, moved]))
    list(index.add([replace(moved, uri="new.txt")]))
    index.remove("old.txt")
    with store.write() as writer:
        writer.set_setting("tone", "dry")
        writer.collections.create("pets")
        writer.collections.include("pets", [writer.find("cat.txt")])
        writer.collections.feed("pets", "docs/")
        writer.folders.register("/home/docs", "docs")
        writer.folders.see("/home/docs", [Seen("docs/rich.pdf", "1", RICH.sha256)])
    return index


def lines_of(store: Store) -> list[bytes]:
    lost: list[str] = []
    lines = [
        line.model_dump_json(exclude_unset=True).encode()
        for line in export_lines(store, lost.append)
    ]
    assert lost == []
    return lines


def plain(lines: list[bytes]) -> list[Any]:
    """But for when it was exported, which is in the first line."""
    return [json.loads(line) for line in lines[1:]]


def imported(index: Index, lines: list[bytes]) -> tuple[list[Added], list[tuple[int, str]]]:
    added: list[Added] = []
    refused: list[tuple[int, str]] = []
    index.import_lines(lines, added.append, lambda *told: refused.append(told))
    return added, refused


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("kind", STORES)
def test_what_is_imported_is_what_was_exported(
    kind: str, back: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exported, "_PIECE_BYTES", 7)
    stores = [SqliteStore(tmp_path / "folder"), STORES[kind](tmp_path / "other")]
    source, target = reversed(stores) if back else stores
    with closing(source), closing(target):
        before, after = filled(source), opened(target)
        lines = lines_of(source)
        added, refused = imported(after, lines)
        assert refused == []
        assert {each.status for each in added} == {"added"}
        assert after.documents() == before.documents()
        assert plain(lines_of(target)) == plain(lines)
        assert after.original(after.find("again.txt")).read() == CAT_FILE
        assert after.document(after.find("docs/rich.pdf")) == replace(
            RICH, id=before.find("docs/rich.pdf")
        )
        with source.read() as old, target.read() as new:
            (pets,) = new.collections.all()
            assert (pets.name, pets.documents, pets.folders) == ("pets", 2, ("docs/",))
            for each in before.documents():
                assert (old.copied(each.id).vectors == new.copied(each.id).vectors).all()
            assert new.folders.known("/home/docs")["docs/rich.pdf"].is_stored
        assert found(after, "cat mat")[0] == "cat.txt"
        assert after.check() == []
        again, refused = imported(after, lines)
        assert ([each.status for each in again], refused) == (["unchanged"] * 4, [])
        assert plain(lines_of(target)) == plain(lines)


@pytest.mark.parametrize("kind", STORES)
def test_what_a_folder_holds_by_any_name_was_not_put_in(kind: str, tmp_path: Path) -> None:
    stores = SqliteStore(tmp_path / "folder"), STORES[kind](tmp_path / "other")
    with closing(stores[0]), closing(stores[1]):
        index = opened(stores[1])
        list(index.add([CAT, replace(CAT, uri="hr/cat.txt"), DOG]))
        index.collections.create("HR")
        with stores[1].write() as writer:
            writer.collections.feed("HR", "hr/")
            writer.collections.include("HR", [writer.find("dog.txt")])
        after = opened(stores[0])
        assert imported(after, lines_of(stores[1]))[1] == []
        assert [each.documents for each in after.collections.all()] == [2]
        after.remove("hr/cat.txt")
        assert after.find("cat.txt")
        inside = [each.uri for each in after.documents(filter={"collection": "HR"})]
        assert inside == ["dog.txt"]


@pytest.mark.parametrize("kind", STORES)
def test_all_of_many_documents_are_exported_in_order(kind: str, tmp_path: Path) -> None:
    with closing(STORES[kind](tmp_path)) as store:
        assert [next(iter(each)) for each in plain(lines_of(store))] == ["end"]
        names = [f"{(7 * number) % 30}.txt" for number in range(30)]
        given = [
            make_document(name, f"text of {name}", "" if "1" in name else name) for name in names
        ]
        list(opened(store).add([*given, replace(given[4], uri="%.txt")]))
        *documents, end = plain(lines_of(store))
        assert [each["document"]["uri"] for each in documents] == names
        assert documents[4]["document"]["names"] == [names[4], "%.txt"]
        assert end == {"end": {"documents": 30}}


def test_one_that_was_cut_short_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_BATCH_CHUNKS", 1)
    with closing(SqliteStore(tmp_path / "a")) as source, closing(SqliteStore(tmp_path / "b")) as b:
        filled(source)
        lines = lines_of(source)
        index = opened(b)
        added, refused = imported(index, lines[:5])  # the third has no end
        assert [each.uri for each in added] == ["cat.txt", "dog.txt", "docs/rich.pdf"]
        assert refused == [(6, "the file ends here, before all of it; export it again")]
        added, refused = imported(index, lines)
        assert [each.status for each in added] == ["unchanged"] * 3 + ["added"]
        assert refused == []
        assert plain(lines_of(b)) == plain(lines)


def test_what_is_there_is_replaced_as_by_files_that_are_added(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "a")) as source, closing(SqliteStore(tmp_path / "b")) as b:
        filled(source)
        index = opened(b)
        old = make_document("cat.txt", "Another text of the cat.")
        list(index.add([old, make_document("mine.txt", old.text), OWL], collection="mine"))
        list(index.add([make_document("twin.txt", DOG.text, "Dog", author="Bob")]))
        added, refused = imported(index, lines_of(source))
        assert refused == []
        assert [(each.uri, each.status) for each in added][:2] == [
            ("cat.txt", "replaced"),
            ("dog.txt", "added"),
        ]
        assert index.document(index.find("cat.txt")).text == CAT.text
        assert index.document(index.find("mine.txt")).text == old.text
        assert index.find("again.txt") == index.find("cat.txt")
        assert index.find("dog.txt") == index.find("twin.txt")
        mine, pets = index.collections.all()
        assert (mine.documents, pets.documents) == (3, 2)  # the cat is in both
        assert index.check() == []


@pytest.mark.parametrize("kind", STORES)
def test_two_documents_that_have_changed_places_are_both_stored(kind: str, tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "a")) as a, closing(STORES[kind](tmp_path / "b")) as b:
        cat, dog = of_file(CAT, CAT_FILE), of_file(DOG, b"dog")
        list(opened(a).add([replace(dog, uri=CAT.uri), replace(cat, uri=DOG.uri), OWL]))
        index = opened(b)
        list(index.add([cat, dog]))
        added, refused = imported(index, lines_of(a))
        assert refused == []
        assert {each.uri: each.status for each in added} == {
            "cat.txt": "replaced",
            "dog.txt": "replaced",
            "owl.txt": "added",
        }
        assert index.document(index.find("cat.txt")).text == DOG.text
        assert index.document(index.find("dog.txt")).text == CAT.text
        assert index.original(index.find("dog.txt")).read() == CAT_FILE
        assert found(index, "cat mat")[0] == "dog.txt"
        assert (index.counts().documents, index.check()) == (3, [])
        again, refused = imported(index, lines_of(a))
        assert ({each.status for each in again}, refused) == ({"unchanged"}, [])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: d.pop("text"), "document.text: Field required"),
        (lambda d: d.update(text=""), "document.text: String should have at least 1 character"),
        (lambda d: d.update(pages=[0, 99]), "lies outside the text"),
        (lambda d: d.update(pages=[9, 0]), "pages are not in order"),
        (lambda d: d.update(headings=[[1, 2]]), "a heading is [start, end, level]"),
        (lambda d: d.update(locations=[[3, "a"], [3, "b"]]), "two are at one place"),
        (lambda d: d.update(names=["b.txt"]), "uri is not among the names"),
        (lambda d: d.update(metadata={"a": [1]}), "document.metadata.a"),
        (lambda d: d.update(id="cat"), "document.id: String should match pattern"),
        (lambda d: d.update(colour="red"), "document.colour: Extra inputs are not permitted"),
        (lambda d: d.update(text="a\0b"), "the text holds a NUL"),
    ],
)
def test_wrong_lines_are_named_and_the_rest_goes_on(tmp_path: Path, change: Any, why: str) -> None:
    with closing(SqliteStore(tmp_path / "a")) as source, closing(SqliteStore(tmp_path / "b")) as b:
        list(opened(source).add([OWL, CAT, DOG]))
        lines = lines_of(source)
        wrong = json.loads(lines[2])
        change(wrong["document"])
        lines[2] = json.dumps(wrong).encode()
        index = opened(b)
        added, refused = imported(index, lines)
        assert [each.uri for each in added] == ["owl.txt", "dog.txt"]
        ((number, said),) = refused
        assert number == 3
        assert why in said
        assert index.check() == []


def test_originals_that_are_amiss_are_named_and_their_documents_stored(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "a")) as source, closing(SqliteStore(tmp_path / "b")) as b:
        list(opened(source).add([of_file(CAT, CAT_FILE), of_file(DOG, b"dog"), OWL]))
        lines = lines_of(source)
        assert [next(iter(json.loads(line))) for line in lines] == [
            *("export", "document", "original", "document", "original", "document", "end")
        ]
        wrong = json.loads(lines[2])
        wrong["original"]["data"] = base64.b64encode(b"another").decode()
        half = json.loads(lines[4])
        half["original"]["of"] = 2
        lines[2:5] = [json.dumps(wrong).encode(), lines[3], json.dumps(half).encode()]
        lines.insert(1, b"{")
        lines.insert(2, json.dumps(half).encode())
        index = opened(b)
        added, refused = imported(index, lines)
        assert [each.uri for each in added] == ["cat.txt", "dog.txt", "owl.txt"]
        assert [number for number, _ in refused] == [2, 3, 5, 6]
        assert [why for _, why in refused][1:] == [
            "an original without its document before it; it is left out",
            "the original of cat.txt has another SHA-256 than it says; it is left out",
            "the original of dog.txt is not whole",
        ]
        with b.read() as snapshot:
            assert snapshot.originals.total() == 0


def test_a_file_of_another_kind_or_a_later_form_is_refused(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path)) as store:
        index = opened(store)
        for line in (b"", b"{}", b"%PDF-1.4", b'{"end": {"documents": 0}}'):
            with pytest.raises(UnreadableFile, match="line 1 is not that of an export"):
                imported(index, [line])
        first = {"format": 2, "footnote": "9.1", "made_at": "", "documents": 0}
        with pytest.raises(StoreMismatch, match=r"of form 2, .* use Footnote 9.1 or a later"):
            imported(index, [json.dumps({"export": first}).encode()])
        first["format"] = 1
        lines = [json.dumps({"export": first}).encode()] * 2
        assert imported(index, lines)[1][0] == (2, "only the first line says what the file is")
