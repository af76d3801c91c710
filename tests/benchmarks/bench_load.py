"""Many clients at one server: 64 that search, with and without documents being added meanwhile, in
blocks by turns; 200 questions at once; memory over searches.

The server is a process of its own, as in use, and shares its cores with the clients. All the while
`/health` is asked ten times a second. A client that is told to come again later (503) does so after
a moment, and is counted; everything else but 200 and 201 is an error. Memory is what the server
holds (resident), after so many searches that each document has been found once.
"""

from __future__ import annotations

import itertools
import json
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from common import parse, percentile, show, squad
from process import Server, serving

from index.inference.session import cores
from rag.build import build
from rag.settings import Settings

arguments = parse(
    __doc__ or "",
    documents=2000,
    clients=64,
    blocks=3,
    seconds=20,
    burst=200,
    searches=4000,
    longest=170,
)
documents, questions = squad(arguments.data)
queries = (
    f"{question.question} {turn or ''}".strip()
    for turn in itertools.count()
    for question in questions
)
_taking = threading.Lock()
figures: dict[str, float | int | str] = {"cores": cores(), "load": f"{os.getloadavg()[0]:.1f}"}


@dataclass
class Heard:
    """What clients were answered: how often which status, and how long the good ones took, in
    milliseconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)


class Asker:
    """One connection, made anew where it broke, whose answers go into `heard`."""

    def __init__(self, server: Server, heard: Heard) -> None:
        self._address = server.url.removeprefix("http://")
        self._heard = heard
        self._connection = HTTPConnection(self._address, timeout=600)

    def send(self, path: str, body: dict[str, object] | None = None) -> None:
        start = time.perf_counter()
        try:
            self._connection.request(
                "GET" if body is None else "POST",
                path,
                None if body is None else json.dumps(body),
                {"Content-Type": "application/json"},
            )
            response = self._connection.getresponse()
            response.read()
            status = response.status
        except (OSError, HTTPException):
            self._connection.close()
            self._connection = HTTPConnection(self._address, timeout=600)
            status = 0
        took = (time.perf_counter() - start) * 1000
        with _taking:
            self._heard.statuses[status] += 1
            if status in (200, 201):
                self._heard.took.append(took)
        if status == 503:
            time.sleep(1)


def query() -> str:
    with _taking:
        return next(queries)


@contextmanager
def watched(server: Server) -> Iterator[Heard]:
    """`/health` asked all the while."""
    heard, over = Heard(), threading.Event()

    def watch() -> None:
        asker = Asker(server, heard)
        while not over.wait(0.1):
            asker.send("/health")

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield heard
    finally:
        over.set()
        thread.join()


def searching(server: Server, seconds: float, most: int = 2**62) -> Heard:
    """All clients search for so long, or so often together."""
    heard, until = Heard(), time.monotonic() + seconds

    def search() -> None:
        asker = Asker(server, heard)
        while time.monotonic() < until and sum(heard.statuses.values()) < most:
            asker.send("/v1/search", {"query": query(), "k": 8})

    with ThreadPoolExecutor(arguments.clients) as clients:
        for done in [clients.submit(search) for _ in range(arguments.clients)]:
            done.result()
    return heard


@contextmanager
def adding(server: Server, texts: Iterator[str]) -> Iterator[Heard]:
    """One document after the other is added meanwhile."""
    heard, over = Heard(), threading.Event()

    def add() -> None:
        asker = Asker(server, heard)
        while not over.is_set():
            text = next(texts)
            asker.send("/v1/documents", {"uri": f"new/{hash(text)}", "text": text})

    thread = threading.Thread(target=add)
    thread.start()
    try:
        yield heard
    finally:
        over.set()
        thread.join()


def resident_mb(server: Server) -> float:
    fields = Path(f"/proc/{server.process.pid}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def told(name: str, heard: Heard) -> None:
    wrong = {one: n for one, n in heard.statuses.items() if one not in (200, 201, 503)}
    figures[f"{name}: answered / 503 / errors"] = (
        f"{len(heard.took)} / {heard.statuses[503]} / {wrong or 0}"
    )
    if heard.took:
        shares = (0.5, 0.95, 1.0)
        figures[f"{name}: p50 / p95 / longest, ms"] = " / ".join(
            f"{percentile(heard.took, share):,.0f}" for share in shares
        )


def by_turns(server: Server) -> None:
    """Blocks with and without documents being added, by turns."""
    alone, along, added, health = Heard(), Heard(), Heard(), Heard()
    texts = (
        f"{number}. {document.text}"
        for number, document in enumerate(itertools.cycle(documents[arguments.documents :]))
    )
    for _ in range(arguments.blocks):
        with watched(server) as looks:
            _join(alone, searching(server, arguments.seconds))
            with adding(server, texts) as more:
                _join(along, searching(server, arguments.seconds))
        _join(added, more)
        _join(health, looks)
    told(f"{arguments.clients} clients that search", alone)
    told("the same while documents are added", along)
    told("documents added meanwhile", added)
    told("/health meanwhile", health)
    if alone.took and along.took:
        ratio = percentile(along.took, 0.95) / percentile(alone.took, 0.95)
        figures["p95 while adding, times without"] = ratio


def at_once(server: Server) -> None:
    """Questions, all at once."""
    heard, ready = Heard(), threading.Barrier(arguments.burst)

    def ask() -> None:
        asked = query()
        asker = Asker(server, heard)
        ready.wait()
        asker.send("/v1/ask", {"question": asked})

    with watched(server) as looks, ThreadPoolExecutor(arguments.burst) as clients:
        for done in [clients.submit(ask) for _ in range(arguments.burst)]:
            done.result()
    told(f"{arguments.burst} questions at once", heard)
    told("/health during them", looks)


def memory(server: Server) -> None:
    """What is held after each tenth of the searches."""
    until = time.monotonic() + arguments.longest
    held, done = [], 0
    searching(server, arguments.longest, arguments.searches // 10)  # what is read once is in memory
    while done < arguments.searches and time.monotonic() < until:
        heard = searching(server, until - time.monotonic(), arguments.searches // 10)
        done += len(heard.took)
        held.append(resident_mb(server))
    figures["searches for memory"] = done
    figures["held after each tenth, MB"] = " ".join(f"{each:.0f}" for each in held)
    if held:
        figures["most held, times least"] = max(held) / min(held)


def _join(all_: Heard, more: Heard) -> None:
    all_.statuses += more.statuses
    all_.took += more.took


with tempfile.TemporaryDirectory() as folder:
    assistant = build(Settings(store=Path(folder)))
    for _ in assistant.index.add(documents[: arguments.documents]):
        pass
    figures["chunks"] = assistant.index.counts().chunks
    assistant.index.close()
    with serving(Path(folder), {"FOOTNOTE_RATE_LIMIT": ""}) as server:
        searching(server, 3)
        if arguments.blocks:
            by_turns(server)
        if arguments.burst:
            at_once(server)
        if arguments.searches:
            memory(server)
    figures["load afterwards"] = f"{os.getloadavg()[0]:.1f}"
show("load", figures, arguments.out)
