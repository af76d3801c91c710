"""Nothing is retrieved or read for a client that has gone away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import httpx
import pytest

from index.index import Index
from rag.answer import Passage, Turn
from rag.assistant import Assistant
from rag.inquiry import _DESKS
from rag.read.reader import Reading
from rag.read.span_reader import SpanReader
from rag.rewrite.by_rule import Rewritten, by_rule
from rag.settings import Settings
from rag.stop import Stop
from rag.write.answerer import ExtractiveAnswerer

TRAVEL = "Who is planning to travel to Russia?"
DOORS = {
    "/v1/ask": {"question": TRAVEL},
    "/v1/chat/completions": {
        "model": "footnote",
        "messages": [{"role": "user", "content": TRAVEL}],
    },
}


class Waiting:
    """A rewriter that ends only when the client has hung up."""

    def __init__(self) -> None:
        self.ended = threading.Semaphore(0)

    def __call__(self, question: str, history: Sequence[Turn], most: int, stop: Stop) -> Rewritten:
        assert stop.wait(60)
        self.ended.release()
        return by_rule(question, history, most, stop)


@pytest.mark.usefixtures("founding")
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("stream", [False, True])
def test_nothing_is_retrieved_for_nobody(
    index: Index,
    reader: SpanReader,
    settings: Settings,
    serve: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    door: str,
    stream: bool,
) -> None:
    waiting = Waiting()
    embedded: list[str] = []
    queries = index.embedder.queries
    monkeypatch.setattr(index.embedder, "queries", lambda q: embedded.extend(q) or queries(q))
    assistant = Assistant(index, reader, [ExtractiveAnswerer()], settings, {"reader": waiting})
    address = serve(assistant)
    for _ in range(3):
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{address}{door}", json={**DOORS[door], "stream": stream}, timeout=0.5)
        assert waiting.ended.acquire(timeout=30)
    for _ in range(100):
        counted = httpx.get(f"{address}/metrics").text
        if f'footnote_requests_total{{method="POST",path="{door}",status="408"}} 3.0' in counted:
            break
        time.sleep(0.05)
    else:
        raise AssertionError(counted)
    assert embedded == []


class Slow:
    """A reader that takes its time, and counts."""

    name = "slow"
    threshold = 0.5
    unsure_threshold = 0.2

    def __init__(self) -> None:
        self.reads = 0

    def read(self, question: str, passages: Sequence[Passage]) -> Reading:
        self.reads += 1
        time.sleep(1)
        return Reading((), None, 0.0)

    def relevance(self, question: str, passages: Sequence[Passage]) -> tuple[float, ...]:
        return ()


@pytest.mark.usefixtures("founding")
def test_those_who_wait_in_line_leave_it(
    index: Index, settings: Settings, serve: Callable[..., str]
) -> None:
    slow = Slow()
    address = serve(Assistant(index, slow, [ExtractiveAnswerer()], settings))

    def hang_up() -> None:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{address}/v1/ask", json=DOORS["/v1/ask"], timeout=0.5)

    clients = [threading.Thread(target=hang_up) for _ in range(10)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert httpx.post(f"{address}/v1/ask", json=DOORS["/v1/ask"], timeout=60).status_code == 200
    assert slow.reads <= _DESKS + 1  # 10 where everyone's turn came
