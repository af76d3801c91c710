"""A search over HTTP against encoding the query alone, interleaved, and what its parts take; then
eight clients at once against one, in blocks by turns, for searches and for questions.

The server is a process of its own, as in use; what encodes alone, and the parts, run in this one.
Every query is asked once only, so that no cache of embeddings helps.
"""

from __future__ import annotations

import itertools
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from common import parse, percentile, show, squad
from process import Client, Server, serving

from api.schemas import Passage, Passages
from index.embed.minilm import PackagedEmbedder
from index.inference.processor import in_int8
from index.inference.session import cores
from index.sqlite.store import SqliteStore
from rag.build import build
from rag.retrieve.retrieve import retrieve
from rag.settings import Settings

arguments = parse(__doc__ or "", documents=2000, queries=200, clients=8, blocks=4, asked=12)
documents, questions = squad(arguments.data)
# when all have been asked they come again, with a number behind each
queries = (
    f"{question.question} {turn or ''}".strip()
    for turn in itertools.count()
    for question in questions
)
folder = Path(tempfile.mkdtemp())
assistant = build(Settings(store=folder))
index = assistant.index
for _ in index.add(documents[: arguments.documents]):
    pass
alone = PackagedEmbedder("int8" if in_int8("auto") else "float32")  # with a cache of its own
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
    store = index.store
    assert isinstance(store, SqliteStore)
    with store.read() as snapshot:
        with lap("part: vectors"):
            _, ids = store._view(len(vector)).search(snapshot, vector, 100)
        with lap("part: full text"):
            snapshot.lexical(query, 100)
        with lap("part: texts of 16 passages"):
            snapshot.rows(ids[:16].tolist())


def rate(clients: Sequence[Client], path: str, field: str, count: int) -> float:
    """Requests a second while each of `clients` sends `count`, one after the other."""
    shares = [[next(queries) for _ in range(count)] for _ in clients]

    def send(client: Client, share: list[str]) -> None:
        for query in share:
            client.post(path, {field: query})

    start = time.perf_counter()
    with ThreadPoolExecutor(len(clients)) as threads:
        list(threads.map(send, clients, shares))
    return len(clients) * count / (time.perf_counter() - start)


@dataclass(frozen=True, slots=True)
class Load:
    """Requests a second, and what share of all cores the server and the clients had."""

    rate: float
    server: float
    client: float


def load(server: Server, clients: Sequence[Client], path: str, field: str, count: int) -> Load:
    start, before, mine = time.perf_counter(), server.seconds(), time.process_time()
    requests = rate(clients, path, field, count)
    wall = (time.perf_counter() - start) * cores()
    shares = (server.seconds() - before) / wall, (time.process_time() - mine) / wall
    return Load(requests, *shares)


def together() -> float:
    """Queries a second that every core at once encodes, over cores × what one does: what this
    machine gives at most, whatever is run on it."""
    rates = []
    for threads in (1, cores()):
        some = [next(queries) for _ in range(40 * threads)]
        start = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda query: alone.queries([query]), some))
        rates.append(len(some) / (time.perf_counter() - start))
    return rates[1] / rates[0] / cores()


with serving(folder) as server:
    clients = [Client(server.url) for _ in range(arguments.clients)]
    first = clients[0]
    for _ in range(10):
        warm = next(queries)
        alone.queries([warm])
        first.post("/v1/search", {"query": warm})
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
                    first.post("/v1/search", {"query": query})
                else:
                    first.get("/health")
    figures["encoding on every core / (cores × on one)"] = statistics.median(
        together() for _ in range(arguments.blocks)
    )
    for path, field, count in (
        ("/v1/search", "query", 8 * arguments.asked),
        ("/v1/ask", "question", arguments.asked),
    ):
        rate(clients, path, field, 2)
        took: dict[str, list[Load]] = {"one client": [], f"{len(clients)} clients": []}
        for _ in range(arguments.blocks):
            took["one client"].append(load(server, clients[:1], path, field, count))
            some = max(count // 4, 1)
            took[f"{len(clients)} clients"].append(load(server, clients, path, field, some))
        for name, loads in took.items():
            figures[f"{path}, {name}, requests/s"] = statistics.median(each.rate for each in loads)
            share = statistics.median(each.server for each in loads)
            figures[f"{path}, {name}, the server's share of the cores"] = share
            share = statistics.median(each.client for each in loads)
            figures[f"{path}, {name}, the clients' share of the cores"] = share
        figures[f"{path}, {len(clients)} clients / (cores × one client)"] = statistics.median(
            many.rate / (one.rate * cores()) for one, many in zip(*took.values(), strict=True)
        )
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
