"""A store of which only some collections are seen, over every kind of store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from support import WordEmbedder, make_document
from support_stores import STORES

from index.confined import Confined
from index.errors import FootnoteError, StoreUnusable, UnknownCollection, UnknownDocument
from index.index import Index
from index.places import places
from index.store import Store
from index.text.chunk import Chunking

OPEN = {
    "hr/pay.txt": "Pay comes on the 25th.",
    "hr/leave.txt": "Leave is thirty days.",
    "shared/both.zip!/rota.txt": "The rota hangs in the hall.",
}
SHUT = {
    "legal/orchid.txt": "Orchid buys Lumen for nine million.",
    "legal/leave.txt": "Leave of a director ends on demand.",
    "shared/both.zip!/deal.txt": "The deal closes in May.",
}


@pytest.fixture(params=STORES)
def whole(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """An index of all, with the collections `hr`, a folder and a document, and `legal`."""
    index = Index(STORES[request.param](tmp_path), WordEmbedder(), Chunking())
    list(index.add([make_document(uri, text) for uri, text in (OPEN | SHUT).items()]))
    index.collections.create("hr", ["shared/both.zip!/rota.txt"], ["hr/"])
    index.collections.create("legal", ["shared/both.zip!/deal.txt"], ["legal/"])
    yield index
    index.close()


def confined(whole: Index, *collections: str) -> Index:
    return Index(Confined(whole.store, collections), whole.embedder, whole.chunking)


def said(call: Callable[[], object]) -> str:
    """The error that `call` ends in: its kind and its words."""
    with pytest.raises(FootnoteError) as caught:
        call()
    return f"{type(caught.value).__name__}: {caught.value}"


def test_what_is_open_is_seen_as_it_is(whole: Index) -> None:
    hr = confined(whole, "hr")
    assert [each.uri for each in hr.documents()] == list(OPEN)
    assert (hr.counts().documents, whole.counts().documents) == (3, 6)
    for uri, text in OPEN.items():
        found = hr.find(uri)
        assert found == hr.find(found) == whole.find(uri)
        assert hr.document(found) == whole.document(found)
        assert hr.stored(found) == whole.stored(found)
        assert hr.quote(found, 0, 4).text == text[:4]
        assert hr.locate(found, text[4:], 0) == whole.locate(found, text[4:], 0)
    assert [each.name for each in hr.collections.all()] == hr.collections.names() == ["hr"]
    assert hr.collections.one("hr") == whole.collections.one("hr")
    assert {each.row.uri for each in hr.candidates("leave of the deal", 10)} <= set(OPEN)
    assert [each.row.uri for each in hr.openings(10)] == list(OPEN)
    assert hr.called("leave") == [whole.find("hr/leave.txt")]
    with hr.store.read() as snapshot:
        assert snapshot.members("shared/both.zip") == ["shared/both.zip!/rota.txt"]
    assert [(each.kind, each.name or each.uri) for each in places(hr.store, "hr")] == [
        *(("collection", "hr"), ("folder", "hr/")),
        *(("document", uri) for uri in list(OPEN)[:2]),
    ]


def test_what_is_shut_is_as_if_it_were_not_there(whole: Index) -> None:
    hr = confined(whole, "hr")
    for uri in SHUT:
        hidden = whole.find(uri)
        for of in (
            *(hr.find, hr.document, hr.stored, hr.original),
            *(lambda name: hr.quote(name, 0, 1), lambda name: hr.locate(name, "e", 0)),
        ):
            unknown = "0" * len(hidden)
            assert said(lambda of=of, hidden=hidden: of(hidden)) == said(
                lambda of=of, unknown=unknown: of(unknown)
            ).replace(unknown, hidden)
        assert said(lambda uri=uri: hr.find(uri)) == said(lambda: hr.find("x")).replace("x", uri)
        with hr.store.read() as snapshot:
            assert snapshot.locations([(hidden, 0)]) == [""]
            assert snapshot.aliases([hidden]) == {}
        assert (
            hr.documents(filter={"uri": uri}) == hr.documents(filter={"document_id": hidden}) == []
        )
    for shut in ({"collection": "legal"}, {"collection": ["hr", "legal"]}):
        asked: tuple[Callable[[], object], ...] = (
            lambda shut=shut: hr.documents(filter=shut),
            lambda shut=shut: hr.counts(shut),
            lambda shut=shut: hr.openings(5, shut),
            lambda shut=shut: hr.candidates("leave", 5, shut),
        )
        for ask in asked:
            assert said(ask) == (
                "UnknownCollection: there is no collection 'legal'; those there are: 'hr' "
                "(a folder is written 'legal/')"
            )
    assert places(hr.store, "orchid") == places(hr.store, "legal") == hr.called("orchid") == []
    with pytest.raises(UnknownCollection, match="'legal'; those there are: 'hr' "):
        hr.collections.one("legal")


class Foreign(WordEmbedder):
    """Knows no word as a whole."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [2 * len(text.split()) for text in texts]


def test_no_word_of_what_is_shut_is_offered(whole: Index) -> None:
    whole.embedder = Foreign()
    assert whole.corrected("Who buys Lumeen?") == "Who buys Lumen?"
    assert confined(whole, "hr").corrected("Who buys Lumeen?") == "Who buys Lumeen?"


def test_it_follows_the_collections_as_they_are(whole: Index) -> None:
    both, none = confined(whole, "hr", "legal"), confined(whole, "sales")
    assert both.counts() == whole.counts()
    assert (none.documents(), none.counts().documents, none.collections.names()) == ([], 0, [])
    assert none.candidates("leave", 5) == none.openings(5) == []
    whole.collections.delete("legal")
    assert [each.uri for each in both.documents()] == list(OPEN)
    list(whole.add([make_document("hr/sick.txt", "Sick pay lasts six weeks.")]))
    assert both.find("hr/sick.txt") == whole.find("hr/sick.txt")


def test_it_is_for_reading_and_leaves_the_store_open(whole: Index) -> None:
    hr = confined(whole, "hr")
    with pytest.raises(StoreUnusable, match="open for reading only"):
        hr.remove("hr/pay.txt")
    with pytest.raises(StoreUnusable, match="open for reading only"):
        hr.collections.create("mine")
    hr.close()
    with pytest.raises(UnknownDocument):
        whole.find("x")
    assert whole.find("hr/pay.txt")
    store: Store = hr.store
    assert (store.name, store.folder) == (whole.store.name, whole.store.folder)
