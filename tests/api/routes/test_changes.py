"""Removing several documents, reading them anew, and undoing, over HTTP."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

LAMP, GULL = b"Ada kept the lamp.", b"Eve watched the gulls."


def send(client: httpx.Client, name: str, data: bytes) -> dict[str, Any]:
    """What became of a file."""
    response = client.post("/v1/documents", files={"file": (name, data)})
    response.raise_for_status()
    (added,) = response.json()["documents"]
    return dict(added)


def texts(client: httpx.Client) -> dict[str, str]:
    """By uri."""
    found = client.get("/v1/documents").json()["documents"]
    return {each["uri"]: client.get(f"/v1/documents/{each['id']}/text").text for each in found}


def test_a_removal_tells_how_it_is_undone(client: httpx.Client) -> None:
    added = send(client, "lamp.txt", LAMP)
    assert "undo" not in added
    gone = client.delete(f"/v1/documents/{added['id']}")
    assert gone.status_code == 204
    assert texts(client) == {}
    back = client.post(f"/v1/undo/{gone.headers['X-Footnote-Undo']}")
    assert back.status_code == 200
    (restored,) = back.json()["documents"]
    assert (restored["id"], restored["status"]) == (added["id"], "restored")
    assert texts(client) == {"lamp.txt": LAMP.decode()}
    assert client.get(f"/v1/documents/{added['id']}/original").content == LAMP
    again = client.post(f"/v1/undo/{gone.headers['X-Footnote-Undo']}")
    assert (again.status_code, again.json()["title"]) == (404, "Unknown undo")


def test_several_are_removed_at_once_or_none(client: httpx.Client) -> None:
    ids = [send(client, f"{n}.txt", f"Number {n} of many.".encode())["id"] for n in range(3)]
    refused = client.post("/v1/documents/remove", json={"documents": [ids[0], "0" * 16]})
    assert refused.status_code == 404
    assert len(texts(client)) == 3
    gone = client.post("/v1/documents/remove", json={"documents": ids[:2]}).json()
    assert gone["documents"] == ids[:2]
    assert texts(client).keys() == {"2.txt"}
    client.post(f"/v1/undo/{gone['undo']}").raise_for_status()
    assert texts(client).keys() == {"0.txt", "1.txt", "2.txt"}


def test_a_replacement_says_so_and_is_undone(client: httpx.Client) -> None:
    send(client, "a.txt", LAMP)
    replaced = send(client, "a.txt", GULL)
    assert replaced["status"] == "replaced"
    back = client.post(f"/v1/undo/{replaced['undo']}").json()
    assert texts(client) == {"a.txt": LAMP.decode()}
    client.post(f"/v1/undo/{back['undo']}").raise_for_status()
    assert texts(client) == {"a.txt": GULL.decode()}


def test_a_name_that_is_taken_is_a_problem(client: httpx.Client) -> None:
    added = send(client, "a.txt", LAMP)
    gone = client.delete(f"/v1/documents/{added['id']}")
    send(client, "a.txt", GULL)
    refused = client.post(f"/v1/undo/{gone.headers['X-Footnote-Undo']}")
    assert refused.status_code == 409
    assert "another document is called 'a.txt' by now" in refused.json()["detail"]


@pytest.mark.parametrize("documents", [[], ["x"] * 1001, [""], "all"])
def test_a_bad_list_is_a_problem(client: httpx.Client, documents: object) -> None:
    for way in ("remove", "reread"):
        answer = client.post(f"/v1/documents/{way}", json={"documents": documents})
        assert answer.status_code == 422


def test_documents_are_read_anew_by_a_job(client: httpx.Client) -> None:
    """What was given as text has no file to be read from."""
    added = send(client, "a.txt", LAMP)
    note = {"uri": "n", "title": "Note", "text": "A note of mine."}
    (text,) = client.post("/v1/documents", json=note).json()["documents"]
    answer = client.post("/v1/documents/reread", json={"documents": [added["id"], text["id"]]})
    assert answer.status_code == 202
    assert [each["uri"] for each in answer.json()["errors"]] == ["n"]
    path = f"/v1/jobs/{answer.json()['job']['id']}"
    until = time.monotonic() + 300
    while (job := client.get(path).json())["status"] in ("pending", "running"):
        assert time.monotonic() < until
        time.sleep(0.2)
    assert job["status"] == "done"
    assert [each["status"] for each in job["documents"]] == ["unchanged"]
    refused = client.post("/v1/documents/reread", json={"documents": [text["id"]]})
    assert refused.status_code == 422
    assert texts(client) == {"a.txt": LAMP.decode(), "n": "A note of mine."}
