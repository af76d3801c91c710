"""Adding, listing, reading and removing documents over HTTP."""

from __future__ import annotations

import hashlib
import io
import time
import zipfile
from typing import Any

import httpx
import pytest
from support_scan import scan

from index.document import document_id

NOTE = {
    "uri": "notes/lighthouse",
    "title": "The lighthouse",
    "text": "The keeper was called Ada Brandt. She kept the light for forty years.",
    "metadata": {"author": "M. Olsen", "date": "2024-05-01", "pages": 1},
}


def test_a_file_is_added_then_unchanged_then_replaced(client: httpx.Client) -> None:
    first = b"The keeper was called Ada Brandt."
    second = b"The keeper was called Tom Hale."
    statuses = []
    for data in (first, first, second):
        response = client.post("/v1/documents", files={"file": ("keeper.txt", data)})
        assert response.status_code == 201
        (added,) = response.json()["documents"]
        undoable = {"undo"} if added["status"] == "replaced" else set()
        assert set(added) == {"id", "uri", "title", "sha256", "chunks", "status"} | undoable
        assert added["id"] == document_id("keeper.txt")
        assert added["sha256"] == hashlib.sha256(data).hexdigest()
        assert added["chunks"] == 1
        statuses.append(added["status"])
    assert statuses == ["added", "unchanged", "replaced"]
    text = client.get(f"/v1/documents/{document_id('keeper.txt')}/text").text
    assert text == "The keeper was called Tom Hale."


def test_several_files_come_back_in_order(client: httpx.Client) -> None:
    names = ["c.txt", "a.md", "b.html"]
    bodies = [
        b"Coal was dug here.",
        b"# Ash\n\nAsh trees grew.",
        b"<html><body><p>Barley was sown.</p></body></html>",
    ]
    files = [("file", pair) for pair in zip(names, bodies, strict=True)]
    response = client.post("/v1/documents", files=files)
    assert response.status_code == 201
    assert [one["uri"] for one in response.json()["documents"]] == names
    assert "errors" not in response.json()


def test_the_good_files_of_a_batch_are_added_and_the_others_named(client: httpx.Client) -> None:
    files = [
        ("file", ("good.txt", b"Ada kept the light.")),
        ("file", ("tool.exe", b"MZ\x90\x00\x03")),
        ("file", ("empty.txt", b"")),
        ("file", ("broken.pdf", b"%PDF-1.7 and no more")),
    ]
    response = client.post("/v1/documents", files=files)
    assert response.status_code == 201
    body = response.json()
    assert [one["uri"] for one in body["documents"]] == ["good.txt"]
    assert [one["uri"] for one in body["errors"]] == ["tool.exe", "empty.txt", "broken.pdf"]
    assert all(one["uri"] in one["detail"] for one in body["errors"])
    assert client.get("/v1/documents").json()["total"] == 1


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([("a.exe", b"MZ\x90\x00\x03"), ("b.rar", b"Rar!")], 415),
        ([("a.exe", b"MZ\x90\x00\x03"), ("empty.txt", b"")], 422),
        ([("empty.txt", b"")], 422),
    ],
)
def test_a_batch_without_a_good_file_is_a_problem(
    client: httpx.Client, files: list[tuple[str, bytes]], status: int
) -> None:
    response = client.post("/v1/documents", files=[("file", pair) for pair in files])
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert [one["uri"] for one in response.json()["errors"]] == [name for name, _ in files]
    assert client.get("/v1/documents").json()["total"] == 0


def test_an_archive_is_added_member_by_member_and_keeps_in_step(client: httpx.Client) -> None:
    def add(members: dict[str, str]) -> dict[str, Any]:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        files = {"file": ("notes.zip", data.getvalue(), "application/x-zip-compressed")}
        return client.post("/v1/documents", files=files).json()

    lamps = "Lamp,Keeper\nNorth light,Ada Brandt\nSouth light,Tom Hale\n"
    body = add({"lamps.csv": lamps, "old/ash.txt": "Ash trees grew.", "bad.pdf": "no PDF"})
    uris = ["notes.zip!/lamps.csv", "notes.zip!/old/ash.txt"]
    assert [one["uri"] for one in body["documents"]] == uris
    assert [one["uri"] for one in body["errors"]] == ["notes.zip!/bad.pdf"]
    found = client.post("/v1/search", json={"query": "keeper of the south light Tom Hale"}).json()
    assert (found["passages"][0]["uri"], found["passages"][0]["location"]) == (uris[0], "row 1")
    answer = client.post("/v1/ask", json={"question": "Who is the keeper of the south light?"})
    cited = [(one["location"], one["quote"]) for one in answer.json()["citations"]]
    assert all(location == f"row {2 + ('South' in quote)}" for location, quote in cited)
    add({"lamps.csv": lamps})
    listed = client.get("/v1/documents").json()["documents"]
    assert [one["uri"] for one in listed] == uris[:1]


def test_pages_left_out_are_noted(client: httpx.Client) -> None:
    files = {"file": ("part.pdf", scan("First page in words.", "photo"))}
    (added,) = client.post("/v1/documents", files=files).json()["documents"]
    assert added["note"].startswith("page 2 is scanned; ")


def test_a_text_is_added_with_its_metadata(client: httpx.Client) -> None:
    response = client.post("/v1/documents", json=NOTE)
    assert response.status_code == 201
    (added,) = response.json()["documents"]
    assert (added["uri"], added["title"], added["status"]) == (NOTE["uri"], NOTE["title"], "added")
    one = client.get(f"/v1/documents/{added['id']}").json()
    assert one["metadata"] == NOTE["metadata"]
    assert one["characters"] == len(str(NOTE["text"]))
    assert one["pages"] == []
    (listed,) = client.get("/v1/documents").json()["documents"]
    places: dict[str, list[str]] = {"pages": [], "page_labels": [], "headings": []}
    assert one == {**listed, **places, "original": None, "pictures": False, "opens": False}


def test_the_text_stands_in_for_a_missing_title(client: httpx.Client) -> None:
    client.post("/v1/documents", json={"uri": "n1", "text": "Ada kept the light."})
    (stored,) = client.get("/v1/documents").json()["documents"]
    assert stored["title"] == "Ada kept the light."


def test_the_text_is_served_to_the_code_point(client: httpx.Client) -> None:
    text = "𝔉𝔬𝔬𝔱 🕯️ naïve\n\nSecond — “quoted”."
    client.post("/v1/documents", json={"uri": "n1", "text": text})
    response = client.get(f"/v1/documents/{document_id('n1')}/text")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == text


def test_the_list_is_paged(client: httpx.Client) -> None:
    for number in range(5):
        note = {"uri": f"n{number}", "text": f"Lamp number {number} was lit."}
        client.post("/v1/documents", json=note)
    seen = []
    for offset in (0, 2, 4, 6):
        page = client.get("/v1/documents", params={"offset": offset, "limit": 2}).json()
        assert (page["offset"], page["limit"], page["total"]) == (offset, 2, 5)
        seen.append([one["uri"] for one in page["documents"]])
    assert seen == [["n0", "n1"], ["n2", "n3"], ["n4"], []]
    (first, *_) = client.get("/v1/documents").json()["documents"]
    assert first["chunks"] == 1
    assert first["characters"] == len("Lamp number 0 was lit.")


def test_a_removed_document_is_gone_everywhere(client: httpx.Client) -> None:
    client.post("/v1/documents", json=NOTE)
    path = f"/v1/documents/{document_id('notes/lighthouse')}"
    response = client.delete(path)
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(path).status_code == 404
    assert client.get(f"{path}/text").status_code == 404
    assert client.delete(path).status_code == 404
    assert client.post("/v1/search", json={"query": "Ada Brandt"}).json()["passages"] == []
    for _ in range(200):  # as last known, where the store takes long to tell
        told = client.get("/health").json()
        if not told["documents"]:
            break
        time.sleep(0.05)
    assert told == {"status": "ok", "documents": 0, "chunks": 0}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"uri": "n1"}}, 422),
        ({"json": {"uri": "", "text": "x"}}, 422),
        ({"json": {"uri": "n1", "text": ""}}, 422),
        ({"json": {"uri": "n1", "text": 7}}, 422),
        ({"json": {"uri": "n1", "text": "x", "body": "y"}}, 422),
        ({"json": {"uri": "n1", "text": "x", "metadata": {"tags": ["a"]}}}, 422),
        ({"json": [1]}, 422),
        ({"content": b'{"uri": ', "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"\xff\xfe", "headers": {"Content-Type": "application/json"}}, 400),
        (
            {
                "content": b'{"uri":"n1","text":"x","metadata":{"a":NaN}}',
                "headers": {"Content-Type": "application/json"},
            },
            422,
        ),
        ({"content": b"Ada", "headers": {"Content-Type": "text/plain"}}, 415),
        ({"content": b"Ada"}, 415),
        ({"files": {"upload": ("a.txt", b"Ada")}}, 422),
        ({"content": b"Ada", "headers": {"Content-Type": "multipart/form-data"}}, 400),
    ],
)
def test_a_bad_body_is_a_problem_and_adds_nothing(
    client: httpx.Client, sent: dict[str, object], status: int
) -> None:
    response = client.post("/v1/documents", **sent)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert client.get("/health").json()["documents"] == 0
