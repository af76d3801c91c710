"""`POST /v1/search`."""

from __future__ import annotations

import httpx
import pytest


@pytest.fixture(autouse=True)
def two_documents(client: httpx.Client) -> None:
    for uri, author, date, text in (
        ("tides", "Olsen", "2022-03-04", "The tide turns twice a day in the harbour."),
        ("lamps", "Brandt", "2024-05-06", "The lamp of the lighthouse burns whale oil."),
    ):
        metadata = {"author": author, "date": date}
        note = {"uri": uri, "title": uri.title(), "text": text, "metadata": metadata}
        assert client.post("/v1/documents", json=note).status_code == 201


def found(client: httpx.Client, **body: object) -> list[str]:
    response = client.post("/v1/search", json=body)
    assert response.status_code == 200
    return [passage["uri"] for passage in response.json()["passages"]]


def test_the_best_passage_comes_first_with_where_it_is_from(client: httpx.Client) -> None:
    response = client.post("/v1/search", json={"query": "What does the lighthouse lamp burn?"})
    first, second = response.json()["passages"]
    assert (first["uri"], first["title"], first["rank"]) == ("lamps", "Lamps", 1)
    assert (second["uri"], second["rank"]) == ("tides", 2)
    assert first["score"] > second["score"]
    text = client.get(f"/v1/documents/{first['document_id']}/text").text
    assert text[first["start"] : first["end"]] == first["text"]
    assert first["metadata"] == {"author": "Brandt", "date": "2024-05-06"}
    assert (first["page"], first["location"]) == (None, "")
    assert set(first) == {
        *("chunk_id", "document_id", "uri", "title", "heading", "page", "location"),
        *("start", "end", "text", "score", "rank", "metadata", "also_in"),
    }


def test_k_bounds_the_number_of_passages(client: httpx.Client) -> None:
    assert len(found(client, query="harbour lamp", k=1)) == 1
    assert len(found(client, query="harbour lamp", k=100)) == 2


@pytest.mark.parametrize(
    "condition",
    [
        {"author": "Olsen"},
        {"author": ["Olsen", "Nobody"]},
        {"date": {"from": "2022-01-01", "to": "2022-12-31"}},
        {"uri": "tides"},
        {"author": "Olsen", "date": {"to": "2023-01-01"}},
    ],
)
def test_a_filter_leaves_the_other_document_out(
    client: httpx.Client, condition: dict[str, object]
) -> None:
    assert found(client, query="whale oil lamp", filter=condition) == ["tides"]


@pytest.mark.parametrize(
    "body",
    [
        {"query": ""},
        {"query": " \n "},
        {"query": "x" * 100_000},
        {"query": ["lamp"]},
        {"query": "lamp", "k": 0},
        {"query": "lamp", "k": 101},
        {"query": "lamp", "k": "3"},
        {"query": "lamp", "k": True},
        {"query": "lamp", "top": 3},
        {"query": "lamp", "filter": "author"},
        {"query": "lamp", "filter": {"date": {"since": "2022"}}},
        {},
    ],
)
def test_a_bad_search_is_a_problem(client: httpx.Client, body: dict[str, object]) -> None:
    response = client.post("/v1/search", json=body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]
    assert "xxxxxxxxxx" not in response.text
