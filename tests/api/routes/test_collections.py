"""`/v1/collections`, and questions that are asked of a part."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest

from rag.assistant import Assistant

TEXTS = {
    "hr/leave.md": "Staff have 28 days of leave a year.",
    "hr/2024/pay.md": "Staff are paid on the 25th of each month.",
    "hrx/trade.md": "Traders have 30 days of leave a year.",
}
LEAVE = "How many days of leave are there a year?"


@pytest.fixture(autouse=True)
def ids(client: httpx.Client) -> dict[str, str]:
    """Their ids by uri."""
    found = {}
    for uri, text in TEXTS.items():
        added = client.post("/v1/documents", json={"uri": uri, "text": text})
        found[uri] = added.json()["documents"][0]["id"]
    return found


def found(client: httpx.Client, filter: object) -> set[str]:
    response = client.post("/v1/search", json={"query": "days of leave", "filter": filter})
    assert response.status_code == 200, response.text
    return {passage["uri"] for passage in response.json()["passages"]}


def refused(response: httpx.Response, status: int, kind: str) -> str:
    """The words of a problem of that status and kind."""
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (response.status_code, problem["type"]) == (status, f"urn:footnote:problem:{kind}")
    return str(problem["detail"])


def test_a_folder_and_a_glob_are_filters(client: httpx.Client) -> None:
    assert found(client, {"uri": {"prefix": "hr"}}) == {"hr/leave.md", "hr/2024/pay.md"}
    assert found(client, {"uri": {"glob": "hr/*.md"}}) == {"hr/leave.md"}
    assert found(client, {"uri": {"glob": "**/pay.md"}}) == {"hr/2024/pay.md"}
    for wrong in ({"prefix": ""}, {"glob": "a**"}, {"prefix": "a", "glob": "b"}, {"suffix": "x"}):
        response = client.post("/v1/search", json={"query": "x", "filter": {"uri": wrong}})
        assert "filter on 'uri'" in refused(response, 422, "invalid-filter")


def test_a_collection_from_its_making_to_its_end(client: httpx.Client, ids: dict[str, str]) -> None:
    made = client.post(
        "/v1/collections", json={"name": "people", "documents": [ids["hr/leave.md"]]}
    )
    assert made.status_code == 201
    assert {**made.json(), "created_at": ""} == {
        "name": "people",
        "documents": 1,
        "chunks": 1,
        "folders": [],
        "created_at": "",
    }
    assert found(client, {"collection": "people"}) == {"hr/leave.md"}
    changed = client.post(
        "/v1/collections/people",
        json={
            "name": "staff",
            "add": ["hrx/trade.md"],
            "remove": ["hr/leave.md"],
            "add_folders": ["hr/2024"],
        },
    )
    assert changed.json()["folders"] == ["hr/2024/"]
    assert found(client, {"collection": ["staff"]}) == {"hrx/trade.md", "hr/2024/pay.md"}
    client.delete(f"/v1/documents/{ids['hrx/trade.md']}")
    (listed,) = client.get("/v1/collections").json()["collections"]
    assert (listed["name"], listed["documents"]) == ("staff", 1)
    assert client.get("/v1/collections/staff").json() == listed
    page = client.get("/v1/documents", params={"in": "staff"}).json()
    assert ([d["uri"] for d in page["documents"]], page["total"]) == (["hr/2024/pay.md"], 1)
    assert client.get("/v1/documents", params={"in": "hr/"}).json()["total"] == 2
    assert client.delete("/v1/collections/staff").status_code == 204
    assert client.get("/v1/collections").json() == {"collections": []}
    assert client.get("/v1/documents").json()["total"] == 2


def test_what_cannot_be_done_is_a_problem(client: httpx.Client) -> None:
    assert client.post("/v1/collections", json={"name": "hr"}).status_code == 201
    again = client.post("/v1/collections", json={"name": "hr"})
    assert "'hr'" in refused(again, 409, "collection-exists")
    wrong = client.post("/v1/collections", json={"name": "a/b"})
    assert "without /" in refused(wrong, 422, "invalid-collection")
    missing = client.post("/v1/collections/hr", json={"add": ["none"]})
    assert "'none'" in refused(missing, 404, "unknown-document")
    asks = [
        client.get("/v1/collections/none"),
        client.delete("/v1/collections/none"),
        client.post("/v1/collections/none", json={}),
        client.get("/v1/documents", params={"in": "none"}),
        client.post("/v1/search", json={"query": "x", "filter": {"collection": "none"}}),
        client.post("/v1/ask", json={"question": LEAVE, "filter": {"collection": "none"}}),
        client.post(
            "/v1/ask",
            json={"question": LEAVE, "filter": {"collection": "none"}, "stream": True},
        ),
    ]
    for response in asks:
        words = refused(response, 404, "unknown-collection")
        assert words.startswith("there is no collection 'none'; those there are: 'hr'")


def test_an_empty_collection_says_so(client: httpx.Client) -> None:
    client.post("/v1/collections", json={"name": "later"})
    words = "There is nothing to answer from in the collection 'later': it is empty."
    body = {"question": LEAVE, "filter": {"collection": "later"}}
    answer = client.post("/v1/ask", json=body).json()
    assert (answer["verdict"], answer["answer"].startswith(words)) == ("unanswered", True)
    searched = client.post("/v1/search", json={"query": "x", "filter": {"collection": "later"}})
    assert searched.json()["passages"] == []
    assert searched.json()["note"].startswith(words)


def test_answers_and_the_catalogue_keep_to_the_scope(client: httpx.Client) -> None:
    def ask(question: str, place: str) -> dict[str, object]:
        body = {"question": question, "filter": {"uri": {"prefix": place}}}
        answer: dict[str, object] = client.post("/v1/ask", json=body).json()
        return answer

    assert str(ask(LEAVE, "hr/")["short_answer"]).startswith("28")
    assert str(ask(LEAVE, "hrx/")["short_answer"]).startswith("30")
    listed = str(ask("What files do you have?", "hr/")["answer"])
    assert listed.startswith("There are 2 documents: leave.md and pay.md.")
    assert "trade.md" not in listed
    counted = str(ask("How many documents are there?", "hrx/")["answer"])
    assert counted.startswith("There is one document: trade.md.")
    summary = str(ask("Summarise leave.md", "hr/")["answer"])
    assert summary.startswith("Of 2 documents, this is from leave.md:")
    assert "Of " not in str(ask("Summarise leave.md", "hrx/")["answer"])


def test_an_upload_goes_into_its_collection(client: httpx.Client) -> None:
    files = [("file", ("a.txt", b"The roof leaks.")), ("file", ("b.txt", b"The door jams."))]
    sent = client.post("/v1/documents", files=files, data={"collection": "house"})
    assert sent.status_code == 201
    note = {"uri": "c", "text": "The bell rings.", "collection": "house"}
    assert client.post("/v1/documents", json=note).status_code == 201
    assert client.get("/v1/collections/house").json()["documents"] == 3
    wrong = client.post("/v1/documents", json={**note, "uri": "d", "collection": "a/b"})
    refused(wrong, 422, "invalid-collection")
    assert client.get("/v1/documents").json()["total"] == len(TEXTS) + 3


def test_a_large_upload_is_put_there_by_its_job(
    serve: Callable[..., str], assistant: Assistant
) -> None:
    address = serve(assistant, background_mb=0.0001)
    files = [("file", ("large.txt", b"The roof leaks again. " * 10))]
    sent = httpx.post(f"{address}/v1/documents", files=files, data={"collection": "house"})
    assert sent.status_code == 202
    job = f"{address}/v1/jobs/{sent.json()['job']['id']}"
    deadline = time.monotonic() + 300
    while (status := httpx.get(job, timeout=60).json()["status"]) not in ("done", "failed"):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert status == "done"
    house = httpx.get(f"{address}/v1/collections/house", timeout=60)
    assert house.json()["documents"] == 1


def test_places_complete_a_word(client: httpx.Client) -> None:
    client.post("/v1/collections", json={"name": "people", "folders": ["hr/"]})
    found = client.get("/v1/places", params={"query": "pe"}).json()["places"]
    assert found == [
        {
            "kind": "collection",
            "name": "people",
            "uri": "",
            "documents": 2,
            "filter": {"collection": "people"},
        }
    ]
    names = [one["name"] for one in client.get("/v1/places?query=hr").json()["places"]]
    assert names[:3] == ["hr/", "hrx/", "hr/2024/"]
