"""From a question to its verified answer, against the reader's bare forward pass in the same call.

Everything runs in this process and one thread asks, so that the ratio tells what retrieval,
tokenising, choosing spans, judging and citing cost beside the network itself.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from common import parse, percentile, show, squad
from numpy.typing import NDArray

from index.inference.session import Ids, Network
from rag.build import build
from rag.read import span_network
from rag.settings import Settings

arguments = parse(__doc__ or "", documents=2000, questions=200)
documents, questions = squad(arguments.data)

bare: list[float] = []


class Clocked(Network):
    """The reader's network, timed."""

    def run(self, texts: Sequence[tuple[Ids, Ids]]) -> list[NDArray[np.float32]]:
        start = time.perf_counter()
        results = super().run(texts)
        bare.append((time.perf_counter() - start) * 1000)
        return results


span_network.Network = Clocked  # type: ignore[misc]  # before the reader is built
assistant = build(Settings(store=Path(tempfile.mkdtemp())))
for _ in assistant.index.add(documents[: arguments.documents]):
    pass
bare.clear()

asked: list[float] = []
steps: dict[str, list[float]] = {}
step = max(len(questions) // arguments.questions, 1)
for question in questions[::step][: arguments.questions]:
    passes = len(bare)
    start = time.perf_counter()
    answer = assistant.ask(question.question)
    took = (time.perf_counter() - start) * 1000
    if len(bare) == passes + 1:  # a question that asks for no span isn't read for one
        asked.append(took)
        for name, lap in answer.timings.items():
            steps.setdefault(name, []).append(lap)
figures: dict[str, float | int | str] = {
    "questions": len(asked),
    "chunks": assistant.index.counts().chunks,
}
for share in (0.5, 0.99):
    figures[f"ask, p{share * 100:.0f} ms"] = percentile(asked, share)
    figures[f"bare forward pass, p{share * 100:.0f} ms"] = percentile(bare, share)
figures["ask p50 / bare pass p50"] = percentile(asked, 0.5) / percentile(bare, 0.5)
for name, laps in steps.items():
    figures[f"{name}, p50 ms"] = percentile(laps, 0.5)
figures["cores"] = os.cpu_count() or 0
show("read", figures, arguments.out)
assistant.index.close()
