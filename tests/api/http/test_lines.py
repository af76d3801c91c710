"""Under load: who is too many is told so at once, and what is busy holds nothing else up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

import anyio
import httpx
import pytest

from api.http.lines import Line
from index.errors import ServerBusy
from index.index import Index
from rag.answer import Answer
from rag.assistant import Assistant

ASKED = {"question": "Who kept the light?"}
CHAT = {"model": "footnote", "messages": [{"role": "user", "content": "Who kept the light?"}]}


class Held(Assistant):
    """The real assistant, whose questions and searches wait to be let go."""

    def __init__(self, assistant: Assistant) -> None:
        self.__dict__.update(assistant.__dict__)
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Event()

    def _wait(self) -> None:
        self.begun.release()
        assert self.let_go.wait(60)

    def search(self, query: str, **options: object) -> list[object]:  # type: ignore[override]
        self._wait()
        return []

    def stream(self, question: str, **options: object) -> Iterator[str | Answer]:  # type: ignore[override]
        self._wait()
        yield from super().stream(question)


@contextmanager
def calling() -> Iterator[Callable[..., Future[httpx.Response]]]:
    """Posts in threads."""
    with httpx.Client(timeout=120) as client, ThreadPoolExecutor(30) as threads:
        yield lambda *what, **more: threads.submit(client.request, *what, **more)


@pytest.mark.parametrize(
    ("path", "body", "least"),
    [
        ("/v1/ask", ASKED, 1),
        ("/v1/ask", ASKED | {"stream": True}, 1),
        ("/v1/search", {"query": "light"}, 0),
    ],
)
def test_one_too_many_is_told_to_come_again(
    assistant: Assistant, serve: Callable[..., str], path: str, body: dict[str, object], least: int
) -> None:
    held = Held(assistant)
    places = {
        "questions_at_once": 2,
        "questions_waiting": 1,
        "searches_at_once": 2,
        "searches_waiting": 1,
    }
    address = serve(held, **places)
    with calling() as call:
        running = [call("POST", address + path, json=body) for _ in range(2)]
        for _ in running:
            assert held.begun.acquire(timeout=60)
        several = [call("POST", address + path, json=body) for _ in range(6)]
        done, not_done = wait(several, timeout=60, return_when="FIRST_COMPLETED")
        while len(done) < 5:
            done, not_done = wait(several, timeout=1)
        assert len(not_done) == 1  # the one that may wait
        for refused in done:
            response = refused.result()
            assert response.status_code == 503
            assert int(response.headers["retry-after"]) > 0
            problem = response.json()
            assert problem["type"] == "urn:footnote:problem:server-busy"
            assert problem["detail"].startswith("2 ")
            assert "and 1 are waiting; " in problem["detail"]
            assert "or raise FOOTNOTE_" in problem["detail"]
        if least:
            told = httpx.post(f"{address}/v1/chat/completions", json=CHAT)
            assert told.status_code == 503
            assert told.json()["error"]["code"] == "server_busy"
            assert int(told.headers["retry-after"]) > 0
        ready = httpx.get(f"{address}/ready")
        assert ready.status_code == (503 if least else 200)
        assert httpx.get(f"{address}/health").json() == {
            "status": "ok",
            "documents": 0,
            "chunks": 0,
        }
        assert not any(one.done() for one in running)
        held.let_go.set()
        assert [one.result().status_code for one in [*running, *not_done]] == [200] * 3
    assert httpx.get(f"{address}/ready").json() == {"status": "ready"}


def _until_held(client: httpx.Client, documents: int) -> None:
    """Waits until the server says that its store holds so many."""
    for _ in range(200):
        if client.get("/health").json()["documents"] == documents:
            return
        time.sleep(0.05)
    raise AssertionError(client.get("/health").text)


def test_health_tells_what_it_knew_while_the_store_takes_long(
    client: httpx.Client, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.post("/v1/documents", json={"uri": "n1", "text": "Ada."}).status_code == 201
    _until_held(client, 1)
    asked, let_go, counts = threading.Semaphore(0), threading.Event(), index.counts

    def slow() -> object:
        asked.release()
        assert let_go.wait(60)
        return counts()

    monkeypatch.setattr(index, "counts", slow)
    for _ in range(3):
        assert client.get("/health").json()["documents"] == 1
    assert asked.acquire(timeout=10)
    assert not asked.acquire(blocking=False)  # one thread reads, whoever asks
    let_go.set()


def test_a_line_runs_so_many_at_once_and_is_left() -> None:
    async def seen() -> None:
        line = Line(2, 1, "{} run and {} wait", "wait")
        running, most, let_go = 0, 0, threading.Event()
        lock = threading.Lock()

        def work() -> str:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            assert let_go.wait(60)
            with lock:
                running -= 1
            return "done"

        results: list[str] = []

        async def run() -> None:
            results.append(await line.run(work))

        async with anyio.create_task_group() as group:
            group.start_soon(run)
            group.start_soon(run)
            while running < 2:
                await anyio.sleep(0.01)
            with anyio.move_on_after(0.2) as left:
                await line.run(work)
            assert left.cancelled_caught
            assert not line.is_full  # it has been left
            group.start_soon(run)
            while not line.is_full:
                await anyio.sleep(0.01)
            with pytest.raises(ServerBusy, match="2 run and 1 wait; wait"):
                await line.run(work)
            let_go.set()
        assert (results, most, line.is_full) == (["done"] * 3, 2, False)

    anyio.run(seen)
