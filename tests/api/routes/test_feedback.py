"""`/v1/feedback`: what is kept is what an evaluation reads."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from rag.evaluate.datasets import read

TEXT = "The tide turns twice a day. The harbour closes at nine."
ASKED = {"question": "When does the harbour close?"}


@pytest.fixture
def harbour(client: httpx.Client) -> str:
    note = {"uri": "tides", "title": "Tides", "text": TEXT}
    return str(client.post("/v1/documents", json=note).json()["documents"][0]["id"])


def test_the_right_place_becomes_a_question_with_its_answer_and_evidence(
    client: httpx.Client, harbour: str, tmp_path: Path
) -> None:
    place = {"document_id": harbour, "start": 28, "end": 55}
    history = [{"role": "user", "content": "Hello"}]
    body = {**ASKED, "history": history, "rating": "down", "places": [place]}
    kept = client.post("/v1/feedback", json=body)
    assert kept.status_code == 201
    client.post("/v1/feedback", json={**ASKED, "rating": "down", "answerable": False})
    client.post("/v1/feedback", json={"question": "Who?", "rating": "up"})
    got = client.get("/v1/feedback")
    assert got.headers["content-type"].startswith("application/jsonl")
    path = tmp_path / "feedback.jsonl"
    path.write_text(got.text, "utf-8")
    first, second, third = read(path).questions
    assert first.id == kept.json()["id"]
    assert first.answers == first.evidence == ("The harbour closes at nine.",)
    assert (dict(first.relevant), first.history[0].content) == ({"tides": 1}, "Hello")
    assert (second.answerable, second.answers) == (False, ())
    assert (third.answerable, third.answers, third.kind) == (True, (), "feedback")
    assert [json.loads(line)["rating"] for line in got.text.splitlines()] == ["down", "down", "up"]


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        ({"places": [{"document_id": "none", "start": 0, "end": 5}]}, 404, "none"),
        ({"places": [{"document_id": "?", "start": 0, "end": 99}]}, 422, "ends before"),
        ({"places": [{"document_id": "?", "start": 5, "end": 5}]}, 422, "more than start"),
        ({"answerable": True}, 422, "no place says where"),
        (
            {"places": [{"document_id": "?", "start": 0, "end": 5}], "answerable": False},
            422,
            "answerable is false",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_kept(
    client: httpx.Client, harbour: str, more: dict[str, object], status: int, said: str
) -> None:
    body = json.loads(
        json.dumps({**ASKED, "rating": "down", **more}).replace('"?"', f'"{harbour}"')
    )
    refused = client.post("/v1/feedback", json=body)
    assert (refused.status_code, said in refused.text) == (status, True)
    assert client.get("/v1/feedback").text == ""
