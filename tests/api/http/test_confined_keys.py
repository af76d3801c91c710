"""A key for one collection, in an intruder's hands: nothing of the others is ever told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import WordEmbedder, make_document

from api.access.caller import Caller
from api.access.confined import ConfinedAssistants
from api.access.keys import Keys
from api.access.role import Role
from api.mcp.server import create_mcp, http_app
from index.index import Index
from rag.assistant import Assistant
from rag.open_index import open_index
from rag.read.evidence_reader import EvidenceReader
from rag.settings import Settings
from rag.write.answerer import ExtractiveAnswerer

OPEN = "Pay comes on the 25th of each month."
SHUT = "Project Orchid buys Lumen for nine million in May."
SECRETS = ("orchid", "lumen", "nine million", "project", "in may", "legal", "the deal")


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory,
    reader: EvidenceReader,
    server: Callable[[Assistant, Settings], AbstractContextManager[str]],
) -> Iterator[dict[str, str]]:
    """A server with the collections `hr` and `legal`, and a key for the first."""
    settings = Settings(store=tmp_path_factory.mktemp("confined") / "store")
    index = open_index(settings)
    index.embedder = WordEmbedder(dim=index.embedder.dim)
    pay = make_document("hr/pay.txt", OPEN, "Pay")
    deal = make_document("legal/orchid.txt", SHUT, "The deal")
    open_one, shut_one = (each.document_id for each in index.add([pay, deal]))
    index.collections.create("hr", folders=["hr/"])
    index.collections.create("legal", folders=["legal/"])
    keys = Keys(settings.store)
    held = {
        name: keys.create(name, Role.READER, collections)[1]
        for name, collections in (("hr", ["hr"]), ("none", ["gone"]), ("all", None))
    }
    with server(Assistant(index, reader, [ExtractiveAnswerer()], settings), settings) as address:
        yield {"address": address, "open": open_one, "shut": shut_one, **held}
    index.close()


def send(
    place: dict[str, str], who: str, path: str, body: Any = None, method: str = ""
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {place[who]}"}
    way = method or ("GET" if body is None else "POST")
    return httpx.request(way, place["address"] + path, json=body, headers=headers, timeout=120)


def tries(shut: str) -> list[tuple[str, Any]]:
    """What an intruder sends, who knows the id and the name of the other document."""
    asked = {"question": "Who buys Lumen for nine million?"}
    chat = [{"role": "user", "content": "Who buys Lumen?"}]
    document = f"/v1/documents/{shut}"
    stretch = {"document_id": shut, "start": 0, "end": 5}
    filters: list[dict[str, object]] = [
        {"document_id": shut},
        {"uri": "legal/orchid.txt"},
        {"uri": {"prefix": "legal/"}},
        {"uri": {"glob": "**/orchid*"}},
        {"title": "The deal"},
        {"collection": "legal"},
        {"collection": ["hr", "legal"]},
    ]
    return [
        *((path, None) for path in ("/health", "/v1/whoami", "/v1/collections", "/v1/models")),
        *((f"/v1/documents{query}", None) for query in ("", "?limit=1&offset=1", "?limit=1000")),
        *((f"/v1/documents?marks=1{rest}", None) for rest in ("&sort=name", "&query=orchid")),
        *((f"/v1/tree?folder={folder}", None) for folder in ("", "legal/")),
        *((f"{document}{part}", None) for part in ("", "/text", "/original", "/pages/1.png")),
        (f"{document}/rectangles?start=0&end=5", None),
        ("/v1/collections/legal", None),
        ("/v1/models/footnote/legal", None),
        *((f"/v1/places?query={word}", None) for word in ("a", "legal", "orchid", "deal")),
        *((f"/v1/{way}", body) for way, body in (("search", {"query": "Lumen"}), ("ask", asked))),
        *(("/v1/search", {"query": "Lumen", "filter": each}) for each in filters),
        *(("/v1/ask", {**asked, "filter": each}) for each in filters),
        ("/v1/ask", {**asked, "stream": True}),
        *(
            ("/v1/ask", {"question": question})
            for question in (
                *("Who buys Lumeen?", "What is in legal/orchid.txt?", "Summarise The deal."),
                *("What files do you have?", "How many documents are there?", "List legal/."),
            )
        ),
        ("/v1/chat/completions", {"model": "footnote", "messages": chat}),
        ("/v1/chat/completions", {"model": "footnote/legal", "messages": chat}),
        ("/v1/completions", {"model": "footnote", "prompt": "Who buys Lumen?"}),
        ("/v1/responses", {"model": "footnote", "input": "Who buys Lumen?"}),
        ("/v1/feedback", {"question": "?", "rating": "up", "places": [stretch]}),
    ]


def leaked(place: dict[str, str], who: str, path: str, body: Any) -> list[str]:
    """The secrets in an answer that were not in what was asked."""
    told = send(place, who, path, body)
    assert told.status_code < 500
    sent, text = json.dumps([path, body]).lower(), told.text.lower()
    return [word for word in SECRETS if word in text and word not in sent]


def test_nothing_of_the_other_collection_is_told(place: dict[str, str]) -> None:
    for path, body in tries(place["shut"]):
        assert leaked(place, "hr", path, body) == [], (path, body)
    told = sum(bool(leaked(place, "all", path, body)) for path, body in tries(place["shut"]))
    assert told > 20  # whom everything is open to learns of it in most of these ways


def test_the_same_is_said_of_what_is_shut_and_of_what_there_is_not(place: dict[str, str]) -> None:
    shut = place["shut"]
    unknown = "0" * len(shut)
    changes: list[tuple[str, str, Any]] = [
        ("DELETE", f"/v1/documents/{shut}", None),
        ("POST", "/v1/collections/legal", {"add": []}),
    ]
    for path, body in tries(shut):
        changes.append(("POST" if body is not None else "GET", path, body))
    for method, path, body in changes:
        if shut not in json.dumps([path, body]):
            continue
        told = send(place, "hr", path, body, method)
        other = json.loads(json.dumps([path, body]).replace(shut, unknown))
        expected = send(place, "hr", *other, method)
        assert told.status_code == expected.status_code
        assert untimed(told) == untimed(expected).replace(unknown, shut), path


def untimed(response: httpx.Response) -> str:
    """A body without how long it took."""
    try:
        body = response.json()
    except ValueError:
        return response.text
    if isinstance(body, dict):
        body.pop("timings_ms", None)
    return json.dumps(body)


def test_what_is_open_is_answered_and_counted(place: dict[str, str]) -> None:
    found = send(place, "hr", "/v1/documents").json()
    assert [each["uri"] for each in found["documents"]] == ["hr/pay.txt"]
    assert found["total"] == 1
    answer = send(place, "hr", "/v1/ask", {"question": "When does pay come?"}).json()
    assert [each["uri"] for each in answer["citations"]] == ["hr/pay.txt"]
    assert answer["citations"][0]["quote"] == OPEN
    assert send(place, "hr", f"/v1/documents/{place['open']}/text").text == OPEN
    said = {"question": "When?", "rating": "up"}
    where = [{"document_id": place["open"], "start": 0, "end": len(OPEN)}]
    assert send(place, "hr", "/v1/feedback", {**said, "places": where}).status_code == 201
    assert send(place, "hr", "/v1/whoami").json()["collections"] == ["hr"]
    models = [each["id"] for each in send(place, "hr", "/v1/models").json()["data"]]
    assert "footnote/hr" in models
    everything = send(place, "all", "/v1/documents").json()
    assert everything["total"] == 2


def test_a_key_for_what_there_is_not_sees_nothing(place: dict[str, str]) -> None:
    assert send(place, "none", "/v1/documents").json()["total"] == 0
    answer = send(place, "none", "/v1/ask", {"question": "When does pay come?"}).json()
    assert (answer["verdict"], answer["passages"], answer["citations"]) == ("unanswered", [], [])
    assert send(place, "none", f"/v1/documents/{place['open']}").status_code == 404


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMIN])
def test_who_writes_sees_all(role: Role) -> None:
    assert Caller("x", role=role).sees_all
    assert not Caller("x", role=Role.READER, collections=("hr",)).sees_all


def test_keys_for_collections_share_what_takes_room(reader: EvidenceReader, tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store")
    index = open_index(settings)
    whole = Assistant(index, reader, [ExtractiveAnswerer()], settings)
    confined = ConfinedAssistants(whole)
    hr, legal = confined.to(("hr",)), confined.to(("legal",))
    assert confined.to(("hr",)) is hr
    assert hr.index._pictures is legal.index._pictures is index._pictures
    assert hr.index.embedder is index.embedder
    assert hr._inquirer._desks is legal._inquirer._desks is whole._inquirer._desks
    index.close()


def test_mcp_over_http_takes_keys_that_open_everything(
    place: dict[str, str],
    reader: EvidenceReader,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    settings = Settings(store=tmp_path_factory.mktemp("mcp") / "store")
    index: Index = open_index(settings)
    key = Keys(settings.store).create("hr", Role.READER, ["hr"])[1]
    assistant = Assistant(index, reader, [ExtractiveAnswerer()], settings)
    app = http_app(create_mcp(assistant), settings)
    from starlette.testclient import TestClient

    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        refused = client.post("/mcp", json={}, headers=headers)
    assert refused.status_code == 403
    assert "opens some collections only" in refused.json()["detail"]
    index.close()
