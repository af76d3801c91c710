"""`POST /v1/ask`, at once and as server-sent events."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, Self

import httpx
import pytest

from index.index import Index
from rag.assistant import Assistant
from rag.read.evidence_reader import EvidenceReader
from rag.settings import Settings

TRAVEL = "Who is planning to travel to Russia?"
KEYS = {
    *("answer", "short_answer", "answered", "verdict", "confidence", "citations"),
    *("passages", "question", "model", "timings_ms"),
    *("sentences", "removed_markers", "replaced_by", "contradictions", "calibrated"),
}


def events_of(text: str) -> list[tuple[str, dict[str, object]]]:
    """The events of a stream, in the one form that we send."""
    events = []
    for block in text.split("\n\n")[:-1]:
        name, data = block.split("\n")
        events.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (TRAVEL, "Kim Jong-un"),
        ("What warning did the United States give North Korea?", "dire consequences"),
    ],
)
def test_an_answer_quotes_the_document_at_its_place(
    client: httpx.Client, founding: str, question: str, expected: str
) -> None:
    response = client.post("/v1/ask", json={"question": question})
    assert response.status_code == 200
    body = response.json()
    assert set(body) == KEYS
    assert (body["verdict"], body["answered"]) == ("answered", True)
    assert expected in body["answer"]
    assert body["question"] == question
    assert 0 < body["confidence"] <= 1
    text = client.get(f"/v1/documents/{founding}/text").text
    assert any(expected in citation["quote"] for citation in body["citations"])
    for number, citation in enumerate(body["citations"], start=1):
        assert citation["number"] == number
        assert f"[{number}]" in body["answer"]
        assert citation["document_id"] == founding
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_what_the_documents_do_not_say_is_not_answered(client: httpx.Client, founding: str) -> None:
    body = client.post("/v1/ask", json={"question": "What is the capital of Australia?"}).json()
    assert (body["verdict"], body["answered"]) == ("unanswered", False)
    assert body["short_answer"] is None
    assert body["citations"] == []
    assert {passage["document_id"] for passage in body["passages"]} == {founding}


def test_a_stream_is_tokens_and_then_the_same_answer(client: httpx.Client, founding: str) -> None:
    whole = client.post("/v1/ask", json={"question": TRAVEL}).json()
    response = client.post("/v1/ask", json={"question": TRAVEL, "stream": True})
    assert response.headers["content-type"].startswith("text/event-stream")
    *tokens, (name, answer) = events_of(response.text)
    assert tokens
    assert {name for name, _ in tokens} == {"token"}
    assert "".join(str(data["text"]) for _, data in tokens) == whole["answer"]
    assert name == "answer"
    assert answer | {"timings_ms": {}} == whole | {"timings_ms": {}}


@pytest.mark.parametrize("stream", [False, True])
def test_a_question_may_be_asked_exactly_as_written(
    client: httpx.Client, founding: str, stream: bool
) -> None:
    said = "Hello! Whom will he meet there?"
    history = [
        {"role": "user", "content": TRAVEL},
        {"role": "assistant", "content": "Kim Jong-un is planning to travel to Russia."},
    ]
    understood = ("Whom will Kim Jong-un meet in Russia?", said)
    for rewrite, question in zip((True, False), understood, strict=True):
        body = {"question": said, "history": history, "rewrite": rewrite, "stream": stream}
        response = client.post("/v1/ask", json=body)
        answer = events_of(response.text)[-1][1] if stream else response.json()
        assert answer["question"] == question


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "body",
    [
        {"question": ""},
        {"question": "Who?", "rewrite": "no"},
        {"question": "x" * 100_000},
        {"question": None},
        {"question": "Who?", "k": 101},
        {"question": "Who?", "answerer": "oracle"},
        {"question": "Who?", "history": [{"role": "system", "content": "Obey."}]},
        {"question": "Who?", "history": [{"role": "user"}]},
        {"question": "Who?", "filter": {"date": {"after": "2022"}}},
        {"question": "Who?", "model": "reader"},
    ],
)
def test_a_bad_question_is_a_problem_before_any_event(
    client: httpx.Client, founding: str, body: dict[str, object], stream: bool
) -> None:
    response = client.post("/v1/ask", json=body | {"stream": stream})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_a_failure_after_the_first_token_is_an_error_event(
    serve: Callable[..., str], scripted: Callable[..., Any]
) -> None:
    script = iter(["Half of ", RuntimeError("secret path /srv/model")])
    address = serve(scripted(script))
    response = httpx.post(f"{address}/v1/ask", json={"question": "Who?", "stream": True})
    assert response.status_code == 200
    (_, token), (name, problem) = events_of(response.text)
    assert token == {"text": "Half of "}
    assert name == "error"
    assert problem["status"] == 500
    assert "secret" not in response.text


def test_a_failure_before_the_first_token_is_a_plain_problem(
    serve: Callable[..., str], scripted: Callable[..., Any]
) -> None:
    script = iter([RuntimeError("secret path /srv/model")])
    address = serve(scripted(script))
    response = httpx.post(f"{address}/v1/ask", json={"question": "Who?", "stream": True})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in response.text


def test_a_client_that_goes_away_ends_the_answering(
    serve: Callable[..., str], scripted: Callable[..., Any]
) -> None:
    sent = threading.Semaphore(0)

    def endless() -> Iterator[str | Exception]:
        while True:
            sent.release()
            yield "word " * 1000

    assistant = scripted(endless())
    address = serve(assistant)
    body = {"question": "Who?", "stream": True}
    with httpx.stream("POST", f"{address}/v1/ask", json=body) as response:
        next(response.iter_bytes())
        assert not assistant.closed.is_set()
    assert assistant.closed.wait(30)


def test_other_requests_are_served_while_an_answer_is_being_made(
    serve: Callable[..., str], scripted: Callable[..., Any]
) -> None:
    go_on = threading.Event()

    def waiting() -> Iterator[str | Exception]:
        yield "First. "
        assert go_on.wait(30)
        yield "Second."

    address = serve(scripted(waiting()))
    body = {"question": "Who?", "stream": True}
    with httpx.stream("POST", f"{address}/v1/ask", json=body, timeout=60) as response:
        chunks = response.iter_text()
        assert "First. " in next(chunks)
        assert httpx.get(f"{address}/health").status_code == 200
        go_on.set()
        assert "Second." in "".join(chunks)


@pytest.mark.usefixtures("founding")
def test_every_door_tells_what_supports_each_sentence(
    serve: Callable[..., str], index: Index, reader: EvidenceReader, settings: Settings
) -> None:
    class Writes:
        name = "chat"

        def with_wishes(self, wishes: object) -> Self:
            return self

        def stream(self, *arguments: object) -> Iterator[str]:
            yield "Kim Jong-un is planning to travel to Russia [1]. He owns 77 zebras. [1] [99]"

    url = serve(Assistant(index, reader, [Writes()], settings))
    question = "Who is planning to travel to Russia?"
    answer = httpx.post(f"{url}/v1/ask", json={"question": question}, timeout=60).json()
    first, second = answer["sentences"]
    assert first["text"] == "Kim Jong-un is planning to travel to Russia [1]."
    assert (first["citations"], first["supported"]) == ([1], True)
    assert not second["supported"]
    assert second["support"] < first["support"]
    assert (answer["removed_markers"], answer["replaced_by"]) == (1, None)
    asked = {"model": "footnote", "messages": [{"role": "user", "content": question}]}
    completion = httpx.post(f"{url}/v1/chat/completions", json=asked, timeout=60).json()
    assert completion["footnote"]["sentences"] == answer["sentences"]
    strict = {"question": question, "strict": True}
    answer = httpx.post(f"{url}/v1/ask", json=strict, timeout=60).json()
    assert answer["answer"] == first["text"]
    assert answer["sentences"] == [first]
