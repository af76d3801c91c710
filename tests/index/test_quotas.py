"""How much collections may hold."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from support import CAT, DOG, OWL, make_document

from index.document import Document
from index.errors import CollectionFull, InvalidCollection
from index.filter import within
from index.index import Index
from index.quotas import EVERY, Held, Quota, Quotas, Standing
from index.store import Store


@pytest.fixture
def quotas(store: Store) -> Quotas:
    return Quotas(store)


def put(index: Index, collection: str | None, *documents: Document) -> None:
    assert list(index.add(documents, collection=collection))


def uris(index: Index) -> set[str]:
    return {each.uri for each in index.documents(0, -1)}


def test_what_exceeds_the_number_is_refused_and_nothing_of_it_is_stored(
    index: Index, quotas: Quotas
) -> None:
    quotas.set("pets", Quota(documents=1))
    with pytest.raises(
        CollectionFull, match=r"'pets' may hold 1 documents, and would hold 2; nothing was stored"
    ):
        put(index, "pets", CAT, DOG)
    assert uris(index) == set()
    assert index.collections.names() == []
    put(index, "pets", CAT)
    put(index, None, DOG)
    put(index, "pets", make_document("cat.txt", "The cat sat on another mat."))
    with pytest.raises(CollectionFull):
        put(index, "pets", OWL)
    with pytest.raises(CollectionFull):
        index.collections.change("pets", add=["dog.txt"])
    put(index, None, make_document("more/owl.txt", "An owl hunts mice."))
    with pytest.raises(CollectionFull):
        index.collections.change("pets", add_folders=["more/"])
    index.remove("more/owl.txt")
    assert index.collections.one("pets").documents == 1
    assert uris(index) == {"cat.txt", "dog.txt"}
    index.remove("cat.txt")
    put(index, "pets", OWL)


def test_bytes_are_those_of_kept_files_and_of_texts(
    index: Index, store: Store, quotas: Quotas
) -> None:
    file = b"x" * 100
    with_file = replace(CAT, original=file, sha256=sha256(file).hexdigest())
    assert len(CAT.text) == 23
    quotas.set("pets", Quota(bytes=122))
    with pytest.raises(CollectionFull, match="may hold 122 bytes, and would hold 123"):
        put(index, "pets", with_file)
    assert uris(index) == set()
    quotas.set("pets", Quota(bytes=123))
    put(index, "pets", with_file)
    assert quotas.all() == [Standing("pets", Quota(bytes=123), Held(1, 123))]
    with store.read() as snapshot:
        assert snapshot.originals.total() == 100
        assert snapshot.size() == 123


def test_a_quota_belongs_to_the_name(index: Index, quotas: Quotas) -> None:
    quotas.set("pets", Quota(documents=1))
    put(index, "pets", CAT)
    index.collections.delete("pets")
    put(index, "pets", CAT)
    with pytest.raises(CollectionFull):
        put(index, "pets", DOG)
    index.collections.change("pets", new_name="animals")
    for name in ("pets", "animals"):
        with pytest.raises(CollectionFull):
            put(index, name, DOG, OWL)
    assert [one.name for one in quotas.all()] == ["animals", "pets"]


def test_one_for_every_collection_yields_to_its_own(index: Index, quotas: Quotas) -> None:
    quotas.set(EVERY, Quota(documents=1))
    quotas.set("birds", Quota(documents=2))
    put(index, "birds", CAT, OWL)
    with pytest.raises(CollectionFull):
        put(index, "pets", DOG, OWL)
    put(index, "pets", DOG)
    quotas.set(EVERY, Quota())
    put(index, "pets", OWL)
    assert quotas.all() == [Standing("birds", Quota(documents=2), Held(2, 50))]


def test_what_is_held_already_stays_and_hinders_nothing_else(index: Index, quotas: Quotas) -> None:
    put(index, "pets", CAT, DOG)
    quotas.set("pets", Quota(documents=1, bytes=10))
    put(index, "birds", OWL)
    put(index, "pets", CAT)  # unchanged
    index.collections.change("pets", remove=["dog.txt"])
    with pytest.raises(CollectionFull):
        index.collections.change("pets", add=["dog.txt"])


def test_a_folder_that_feeds_it_counts(index: Index, quotas: Quotas, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "a.txt").write_text("Ants work.")
    index.sync(folder, collection="papers")
    quotas.set("papers", Quota(documents=1))
    (folder / "b.txt").write_text("Bees work, too.")
    with pytest.raises(CollectionFull):
        index.sync(folder)
    assert index.counts(within("papers")).documents == 1
    assert len(index.documents(0, -1)) == 1


@pytest.mark.parametrize(
    ("name", "quota"), [("a/b", Quota(1)), ("", Quota(1)), ("a", Quota(-1)), ("a", Quota(2**60))]
)
def test_what_is_no_quota_is_refused(quotas: Quotas, name: str, quota: Quota) -> None:
    with pytest.raises(InvalidCollection):
        quotas.set(name, quota)
    assert quotas.all() == []
