"""`/v1/quotas`, and what is said where a collection is full."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx


def note(uri: str, text: str = "Ada kept the light.") -> dict[str, str]:
    return {"uri": uri, "text": text, "collection": "hr"}


def test_a_full_collection_is_told_with_507_and_holds_what_it_held(client: httpx.Client) -> None:
    asked = {"collection": "hr", "documents": 1, "bytes": 30}
    row = {**asked, "held_documents": 0, "held_bytes": 0}
    assert client.post("/v1/quotas", json=asked).json() == {"quotas": [row]}
    assert client.post("/v1/documents", json=note("a", "x" * 31)).status_code == 507
    assert client.post("/v1/documents", json=note("a")).status_code == 201
    files = [("file", (name, b"Bob kept the door.")) for name in ("b.txt", "c.txt")]
    for full in (
        client.post("/v1/documents", json=note("b", "Bob kept the door.")),
        client.post("/v1/documents", files=files, data={"collection": "hr"}),
    ):
        assert full.status_code == 507
        assert full.json()["type"] == "urn:footnote:problem:collection-full"
        assert full.json()["detail"].startswith("the collection 'hr' may hold 1 documents")
    listed = client.get("/v1/documents").json()
    assert [each["uri"] for each in listed["documents"]] == ["a"]
    (held,) = client.get("/v1/quotas").json()["quotas"]
    assert (held["held_documents"], held["held_bytes"]) == (1, len("Ada kept the light."))
    assert client.post("/v1/quotas", json={"collection": "hr"}).json() == {"quotas": []}
    assert client.post("/v1/documents", json=note("b")).status_code == 201


def test_of_many_at_once_as_many_are_let_in_as_fit(client: httpx.Client) -> None:
    client.post("/v1/quotas", json={"collection": "hr", "documents": 2})

    def status(number: int) -> int:
        named = note(f"n{number}", f"Note {number}.")
        return client.post("/v1/documents", json=named).status_code

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(status, range(6))) == [201, 201, 507, 507, 507, 507]
    assert client.get("/v1/documents").json()["total"] == 2


def test_what_is_no_quota_is_refused(client: httpx.Client) -> None:
    for wrong in ({"collection": "a/b", "documents": 1}, {"collection": "hr", "documents": -1}):
        assert client.post("/v1/quotas", json=wrong).status_code == 422
