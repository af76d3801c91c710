"""The generation of the store in responses, and what a client that sends it gets to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Route, expect
from support import WordEmbedder
from support_page import Visit
from support_postgres import EmptyStore, catch_up, replica, stand_still

from index.index import Index
from index.postgres.replicated import ReplicatedStore
from index.text.chunk import Chunking
from rag.assistant import Assistant
from rag.settings import Settings

HEADER = "X-Footnote-Generation"


@pytest.fixture
def index() -> Iterator[Index]:
    """A store whose replica stands still."""
    store = EmptyStore()
    copy = replica(store.address)
    catch_up()
    stand_still()
    replicated = ReplicatedStore(store, copy)
    yield Index(replicated, WordEmbedder(), Chunking())
    catch_up()
    replicated.close()


@pytest.fixture
def settings(index: Index) -> Settings:
    return Settings(store=index.store.address)  # type: ignore[attr-defined]


def test_who_adds_sees_it_at_once_and_others_when_the_replica_has_it(
    serve: Callable[..., str], scripted: Callable[..., Assistant]
) -> None:
    with httpx.Client(base_url=serve(scripted(iter(()))), timeout=120) as client:

        def total(**headers: str) -> int:
            listed = client.get("/v1/documents", headers=headers)
            assert int(listed.headers[HEADER]) >= int(headers.get(HEADER, 0))
            return int(listed.json()["total"])

        before = total()
        file = {"file": ("note.txt", b"A note on ships.")}
        added = client.post("/v1/documents", files=file)
        assert added.status_code == 201
        assert total() == before == 0
        assert total(**{HEADER: added.headers[HEADER]}) == 1
        removed = client.delete(f"/v1/documents/{added.json()['documents'][0]['id']}")
        assert int(removed.headers[HEADER]) > int(added.headers[HEADER])
        assert total(**{HEADER: removed.headers[HEADER]}) == 0


@pytest.mark.parametrize("sent", ["", "seven", "-1", "1" * 19])
def test_what_is_no_generation_is_told(
    serve: Callable[..., str], scripted: Callable[..., Assistant], sent: str
) -> None:
    address = serve(scripted(iter(())))
    refused = httpx.get(f"{address}/health", headers={HEADER: sent}, timeout=120)
    assert refused.status_code == 400
    assert f"{HEADER} is {sent!r}, which is no generation" in refused.json()["detail"]


def test_the_page_asks_for_what_it_has_seen(staged: Visit) -> None:
    sent: list[str | None] = []

    def tell(route: Route) -> None:
        sent.append(route.request.headers.get(HEADER.lower()))
        route.fulfill(
            json={"documents": [], "offset": 0, "limit": 100, "total": 0}, headers={HEADER: "7"}
        )

    staged.page.route("**/v1/documents?*", tell)
    for _ in range(2):
        with staged.page.expect_response("**/v1/documents?*"):
            staged.open_documents()
        staged.page.keyboard.press("Escape")
        expect(staged.page.locator("#panel")).to_be_hidden()
    assert sent[0] != "7"
    assert sent[-1] == "7"
