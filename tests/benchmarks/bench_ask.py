"""A question over HTTP, against the reader's bare forward pass over the passages that came back
and a search, interleaved.

The server is a process of its own, as in use; the reader that passes alone runs in this one. A
question is asked, and searched for, once only, so that no cache of embeddings helps.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from common import parse, percentile, show, squad
from numpy.typing import NDArray
from process import Client, serving

from index.inference.session import Ids, Network, cores
from rag.open_index import open_index
from rag.read import span_network
from rag.read.span_model import SpanModel
from rag.read.span_reader import PASSAGES_READ
from rag.settings import Settings

arguments = parse(__doc__ or "", documents=2000, questions=150)
documents, questions = squad(arguments.data)
folder = Path(tempfile.mkdtemp())
index = open_index(Settings(store=folder))
for _ in index.add(documents[: arguments.documents]):
    pass
figures: dict[str, float | int | str] = {"chunks": index.counts().chunks, "cores": cores()}
index.close()
laps: dict[str, list[float]] = {"ask": [], "bare pass": [], "search": [], "bare pass + search": []}
ratios: list[float] = []
steps: dict[str, list[float]] = {}


class Clocked(Network):
    """The reader's network, timed."""

    def run(self, texts: Sequence[tuple[Ids, Ids]]) -> list[NDArray[np.float32]]:
        start = time.perf_counter()
        results = super().run(texts)
        laps["bare pass"].append((time.perf_counter() - start) * 1000)
        return results


span_network.Network = Clocked  # type: ignore[misc]  # before the reader is built
reader = SpanModel()
reader.warm_up()


def post(client: Client, path: str, field: str, text: str) -> tuple[float, Any]:
    """Milliseconds, and what came back."""
    start = time.perf_counter()
    answer = client.post(path, {field: text})
    return (time.perf_counter() - start) * 1000, answer


step = max(len(questions) // (2 * arguments.questions + 10), 1)
words = [question.question for question in questions[::step]]
start = time.perf_counter()
with serving(folder) as server, closing(Client(server.url)) as client:
    post(client, "/v1/ask", "question", words[-1])
    figures["serve to first answer, s"] = time.perf_counter() - start
    for other in words[-6:-1]:
        post(client, "/v1/ask", "question", other)
    laps["bare pass"].clear()
    for question, other in zip(words[0:-10:2], words[1:-10:2], strict=False):
        asked, answer = post(client, "/v1/ask", "question", question)
        passages = [(each["title"], each["text"]) for each in answer["passages"][:PASSAGES_READ]]
        reader.spans(question, passages, 1)
        searched, _ = post(client, "/v1/search", "query", other)
        laps["ask"].append(asked)
        laps["search"].append(searched)
        laps["bare pass + search"].append(laps["bare pass"][-1] + searched)
        ratios.append(asked / laps["bare pass + search"][-1])
        for name, took in answer["timings_ms"].items():
            steps.setdefault(name, []).append(took)
    figures["server's peak memory, MB"] = server.peak_mb()
shutil.rmtree(folder)
for name, took in laps.items():
    for share in (0.5, 0.95, 0.99):
        figures[f"{name}, p{share * 100:.0f} ms"] = percentile(took, share)
figures["ask p50 / (bare pass + search) p50"] = percentile(laps["ask"], 0.5) / percentile(
    laps["bare pass + search"], 0.5
)
figures["ask / (bare pass + search), median"] = percentile(ratios, 0.5)
for name, took in steps.items():
    figures[f"in the server: {name}, p50 ms"] = percentile(took, 0.5)
show("ask", figures, arguments.out)
