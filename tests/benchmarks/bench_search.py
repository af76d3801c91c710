"""A search over HTTP against encoding the query alone, interleaved, and what its parts take; then
eight clients at once against one, in blocks by turns, for searches and for questions.

The server is a process of its own, as in use; what encodes alone, and the parts, run in this one.
Every query is asked once only, so that no cache of embeddings helps.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
from common import parse, percentile, show, squad
from process import serving

from api.schemas import Passage, Passages
from index.embed import embedder_of
from index.network import cores
from rag.build import build
from rag.retrieve import retrieve
from rag.settings import Settings

arguments = parse(__doc__ or "", documents=2000, queries=200, clients=8, blocks=4, asked=12)
documents, questions = squad(arguments.data)
queries = iter([question.question for question in questions])
folder = Path(tempfile.mkdtemp())
assistant = build(Settings(store=folder))
index = assistant.index
for _ in index.add(documents[: arguments.documents]):
    pass
alone = embedder_of()
figures: dict[str, float | int | str] = {"chunks": index.counts().chunks, "cores": cores()}
laps: dict[str, list[float]] = {}


@contextmanager
def lap(name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    laps.setdefault(name, []).append((time.perf_counter() - start) * 1000)


def parts(query: str) -> None:
    """What a search is made of, each on its own, in this process."""
    with lap("search without HTTP"):
        found = assistant.search(query)
    with lap("part: passages to JSON"):
        Passages(passages=[Passage.model_validate(one) for one in found]).model_dump_json()
    vector = index.embedder.queries([query])[0]  # cached
    with lap("part: retrieval, the query's vector given"):
        retrieve(index, query, k=16, depth=100)
    with index._catalog.read() as snapshot:
        with lap("part: vectors"):
            _, ids = index._view.search(snapshot, vector, 100)
        with lap("part: full text"):
            snapshot.lexical(query, 100)
        with lap("part: texts of 16 passages"):
            snapshot.rows(ids[:16].tolist())


def post(client: httpx.Client, path: str, field: str, query: str) -> None:
    client.post(path, json={field: query}).raise_for_status()


def rate(clients: Sequence[httpx.Client], path: str, field: str, count: int) -> float:
    """Requests a second while each of `clients` sends `count`, one after the other."""
    shares = [[next(queries) for _ in range(count)] for _ in clients]

    def send(client: httpx.Client, share: list[str]) -> None:
        for query in share:
            post(client, path, field, query)

    start = time.perf_counter()
    with ThreadPoolExecutor(len(clients)) as threads:
        list(threads.map(send, clients, shares))
    return len(clients) * count / (time.perf_counter() - start)


with serving(folder) as server:
    clients = [httpx.Client(base_url=server.url, timeout=300) for _ in range(arguments.clients)]
    first = clients[0]
    for _ in range(10):
        warm = next(queries)
        alone.queries([warm])
        post(first, "/v1/search", "query", warm)
        parts(warm)
    laps.clear()
    for number in range(arguments.queries):
        query = next(queries)
        ways = ("encode", "search", "health", "parts")
        for way in ways[number % 4 :] + ways[: number % 4]:
            if way == "parts":
                parts(query)
                continue
            with lap(way):
                if way == "encode":
                    alone.queries([query])
                elif way == "search":
                    post(first, "/v1/search", "query", query)
                else:
                    first.get("/health").raise_for_status()
    for path, field, count in (
        ("/v1/search", "query", 8 * arguments.asked),
        ("/v1/ask", "question", arguments.asked),
    ):
        rate(clients, path, field, 2)
        one, many, busy = [], [], []
        for _ in range(arguments.blocks):
            one.append(rate(clients[:1], path, field, count))
            before, start = server.seconds(), time.perf_counter()
            many.append(rate(clients, path, field, max(count // 4, 1)))
            wall = time.perf_counter() - start
            busy.append((server.seconds() - before) / wall / cores())
        figures[f"{path}, one client, requests/s"] = statistics.median(one)
        figures[f"{path}, {len(clients)} clients, requests/s"] = statistics.median(many)
        figures[f"{path}, {len(clients)} clients / (cores × one client)"] = statistics.median(
            several / (single * cores()) for several, single in zip(many, one, strict=True)
        )
        figures[f"{path}, share of the cores that the server had"] = statistics.median(busy)
    figures["server's peak memory, MB"] = server.peak_mb()
    for client in clients:
        client.close()
for name in ("encode", "search", "health"):
    for share in (0.5, 0.95, 0.99):
        figures[f"{name}, p{share * 100:.0f} ms"] = percentile(laps[name], share)
encode = percentile(laps["encode"], 0.5)
figures["search p50 / encode p50"] = percentile(laps["search"], 0.5) / encode
for name, took in laps.items():
    if name not in ("encode", "search", "health"):
        figures[f"{name}, p50 ms"] = percentile(took, 0.5)
index.close()
shutil.rmtree(folder)
show("search", figures, arguments.out)
