"""What was removed or replaced is put back as it was; until then nothing of it is found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support import CAT, DOG, WordEmbedder, found, make_document
from support_stores import STORES

from index.document import Document, Heading
from index.errors import NameTaken, UnknownOriginal, UnknownUndo
from index.index import Index
from index.ingest.copying import digest_of
from index.ingest.former import Undo
from index.ingest.reindex import reindex
from index.store import Store
from index.text.chunk import Chunking

FILE = b"the file of the cat"
RICH = replace(
    make_document("a.pdf", "Page one.\nHead\nThe cat sat on the mat.", "Cats", author="Ann"),
    media_type="application/pdf",
    sha256="c2cd54b0de3b0b9fbb0a3bb2fe46c66a7e2f8e6bb8ad0a5e5a6bb9b0a1d7b3f0",
    pages=(0, 10),
    headings=(Heading(10, 14, 1),),
    locations=((0, "p. 1"), (10, "p. 2")),
)


@pytest.fixture(params=STORES)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    make: Callable[[Path], Store] = STORES[request.param]
    index = Index(make(tmp_path), WordEmbedder(), Chunking(8, 0))
    yield index
    assert index.check() == []
    index.close()


def undo() -> Undo:
    made = Undo.lasting(5)
    assert made
    return made


def digest(index: Index, document_id: str) -> bytes:
    """Of all that the store holds of a document, but for the numbers of its chunks."""
    with index.store.read() as snapshot:
        return digest_of(snapshot.copied(document_id))


def add(index: Index, document: Document, undo: Undo | None = None) -> str:
    (added,) = index.add([document], undo=undo)
    return added.status


def with_file(document: Document) -> Document:
    return replace(document, original=FILE, sha256=hashlib.sha256(FILE).hexdigest())


def test_a_removed_document_is_put_back_whole(index: Index) -> None:
    document = with_file(RICH)
    add(index, document)
    add(index, replace(document, uri="copy.pdf"))
    add(index, DOG)
    index.collections.create("pets", ["a.pdf", "dog.txt"])
    index.collections.create("fed", folders=["copies/"])
    before = digest(index, RICH.id)
    mine = undo()
    index.remove(RICH.id, mine)
    assert set(found(index, "cat")) == {"dog.txt"}
    assert index.counts().documents == 1
    back, again = index.put_back(mine.word)
    assert [(each.document_id, each.status) for each in back] == [(RICH.id, "restored")]
    assert again == ""
    assert digest(index, RICH.id) == before
    assert index.stored(RICH.id).aliases == ("copy.pdf",)
    assert found(index, "cat")[0] == "a.pdf"
    assert index.original(RICH.id).read() == FILE
    inside = {each.uri for each in index.documents(0, -1, {"collection": "pets"})}
    assert inside == {"a.pdf", "dog.txt"}
    assert index.collections.one("fed").documents == 0
    with pytest.raises(UnknownUndo, match="its time is over, or it is back already"):
        index.put_back(mine.word)


def test_several_are_removed_and_put_back_at_once(index: Index) -> None:
    for document in (CAT, DOG):
        add(index, document)
    mine = undo()
    assert index.remove_all([CAT.id, DOG.id], mine) == [CAT.id, DOG.id]
    assert index.documents() == []
    back, _ = index.put_back(mine.word)
    assert {each.uri for each in back} == {"cat.txt", "dog.txt"}
    assert {each.uri for each in index.documents()} == {"cat.txt", "dog.txt"}


def test_a_replacement_is_undone_and_that_too(index: Index) -> None:
    add(index, CAT)
    before = digest(index, CAT.id)
    mine = undo()
    changed = make_document("cat.txt", "The cat ran from the mat.", "Cat")
    assert add(index, changed, mine) == "replaced"
    after = digest(index, CAT.id)
    assert after != before
    (back,), again = index.put_back(mine.word)
    assert (back.uri, back.sha256) == ("cat.txt", CAT.sha256)
    assert digest(index, CAT.id) == before
    assert not any("ran" in c.row.text for c in index.candidates("ran", 9))
    index.put_back(again)
    assert digest(index, CAT.id) == after
    assert index.counts().documents == 1


def test_the_file_of_what_was_replaced_is_there_again(index: Index) -> None:
    add(index, with_file(CAT))
    mine = undo()
    add(index, make_document("cat.txt", "Another cat.", "Cat"), mine)
    with pytest.raises(UnknownOriginal):
        index.original(CAT.id)
    index.put_back(mine.word)
    assert index.original(CAT.id).read() == FILE


def test_a_document_of_two_names_gets_back_the_one_that_was_replaced(index: Index) -> None:
    add(index, CAT)
    add(index, replace(CAT, uri="b/copy.txt"))
    mine = undo()
    add(index, make_document("cat.txt", "The cat ran.", "Cat"), mine)
    assert index.counts().documents == 2
    index.put_back(mine.word)
    (only,) = index.documents()
    assert {only.uri, *only.aliases} == {"cat.txt", "b/copy.txt"}
    assert only.sha256 == CAT.sha256


def test_a_document_that_became_another_ones_is_put_back(index: Index) -> None:
    """The file was made equal to another that is stored."""
    add(index, CAT)
    add(index, DOG)
    mine = undo()
    add(index, replace(DOG, uri="cat.txt"), mine)
    assert index.counts().documents == 1
    index.put_back(mine.word)
    held = {each.uri: each.sha256 for each in index.documents()}
    assert held == {"cat.txt": CAT.sha256, "dog.txt": DOG.sha256}


def test_a_name_that_another_has_by_now(index: Index) -> None:
    add(index, CAT)
    mine = undo()
    index.remove(CAT.id, mine)
    add(index, make_document("cat.txt", "Quite another cat.", "New"))
    with pytest.raises(NameTaken, match=r"another document is called 'cat\.txt' by now"):
        index.put_back(mine.word)
    index.remove("cat.txt")
    index.put_back(mine.word)
    assert index.stored(CAT.id).title == "Cat"


def test_what_has_come_again_by_itself_stays(index: Index) -> None:
    add(index, CAT)
    mine = undo()
    index.remove(CAT.id, mine)
    add(index, CAT)
    index.put_back(mine.word)
    assert [each.uri for each in index.documents()] == ["cat.txt"]


def test_an_id_that_another_document_has_by_now(index: Index) -> None:
    add(index, CAT)
    add(index, replace(CAT, uri="b.txt"))
    index.remove("cat.txt")  # which keeps the id that this name made
    mine = undo()
    index.remove(CAT.id, mine)
    add(index, make_document("cat.txt", "Quite another cat.", "New"))
    (back,), _ = index.put_back(mine.word)
    assert back.document_id != CAT.id
    assert index.document(back.document_id).text == CAT.text
    assert {each.uri for each in index.documents()} == {"cat.txt", "b.txt"}


def test_its_time_is_over(index: Index) -> None:
    add(index, with_file(CAT))
    late = Undo("late", -1)
    index.remove(CAT.id, late)
    with pytest.raises(UnknownUndo):
        index.put_back("late")
    with index.store.read() as snapshot:
        assert snapshot.former.next() is not None
        assert snapshot.originals.size(with_file(CAT).sha256) == len(FILE)
    index.expire()
    with index.store.read() as snapshot:
        assert snapshot.former.next() is None
        assert snapshot.originals.size(with_file(CAT).sha256) is None


def test_nothing_is_kept_for_no_time_and_over_another_embedding(index: Index) -> None:
    assert Undo.lasting(0) is None
    add(index, CAT)
    add(index, DOG)
    mine = undo()
    index.remove(CAT.id, mine)
    reindex(index.store, WordEmbedder("other"), Chunking(5, 0), lambda *_: None)
    with index.store.read() as snapshot:
        assert snapshot.former.next() is None
