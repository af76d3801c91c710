"""Questions asked of a part of the store: 0.1 %, 1 % and 10 % of its documents, as a folder, a glob
and a collection. Recall of the 10 nearest against every allowed vector compared, and times. The
vectors are drawn, so no embedding is in the times; take `--chunks 1000000` for a large store."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from common import parse, percentile, show

from index.document import Chunk, Document, document_id
from index.filter import parse_filter
from index.records import Identity, Scored
from index.sqlite.store import SqliteStore

PER_DOCUMENT, DIM, NEAREST, DEPTH = 10, 384, 10, 50
SHARES = {"0.1 %": ("a", 1000, 0), "1 %": ("b", 100, 1), "10 %": ("c", 10, 2)}

arguments = parse(__doc__ or "", chunks=60_000, questions=50)
folder = Path(tempfile.mkdtemp())
chance, drawn = random.Random(0), np.random.default_rng(0)
words = [f"word{number}" for number in range(30_000)]
often = words[:300]
topics = drawn.standard_normal((500, DIM), dtype=np.float32)
store = SqliteStore(folder)


def place(number: int) -> str:
    for name, every, rest in SHARES.values():
        if number % every == rest:
            return name
    return "rest"


def vectors(count: int) -> np.ndarray:
    found = topics[drawn.integers(0, len(topics), count)]
    found = found + 0.7 * drawn.standard_normal((count, DIM), dtype=np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


begun = time.perf_counter()
kept: dict[str, list[np.ndarray]] = {name: [] for name in ("a", "b", "c", "rest")}
documents = arguments.chunks // PER_DOCUMENT
for first in range(0, documents, 500):
    with store.write() as writer:
        writer.set_identity(Identity("drawn", DIM, 200, 40))
        for number in range(first, min(first + 500, documents)):
            name = place(number)
            uri = f"{name}/{number % 7}/{number}.txt"
            parts = [
                " ".join(chance.choices(often, k=8) + chance.choices(words, k=12))
                for _ in range(PER_DOCUMENT)
            ]
            chunks, start = [], 0
            for part in parts:
                chunks.append(Chunk("", start, start + len(part)))
                start += len(part) + 1
            rows = vectors(PER_DOCUMENT)
            kept[name].append(rows)
            text = "\n".join(parts)
            writer.put(
                Document(document_id(uri), uri, f"Text {number}", text, str(number)), chunks, rows
            )
            if name != "rest":
                if name not in writer.collections.names():
                    writer.collections.create(name)
                writer.collections.include(name, [document_id(uri)])
held = {name: np.concatenate(rows) for name, rows in kept.items()}
every = np.concatenate([*held.values()])


def ask(question: str, vector: np.ndarray, filter: dict[str, object] | None) -> list[float]:
    scored: list[Scored] = []

    def select(found: object) -> list[Scored]:
        scored.extend(found)  # type: ignore[call-overload]
        return sorted(scored, key=lambda each: -each.cosine)[:NEAREST]

    store.find(question, lambda identity: vector, DEPTH, parse_filter(filter), select)
    return sorted((each.cosine for each in scored), reverse=True)[:NEAREST]


ask("word1", vectors(1)[0], None)
store._words.settle()
if store._vectors:
    store._vectors.settle()
ask("word1", vectors(1)[0], None)
figures: dict[str, float | int | str] = {
    "chunks": documents * PER_DOCUMENT,
    "stored and built, s": time.perf_counter() - begun,
    "index": getattr(store.view_state(), "index", ""),
}
asked = [
    (" ".join(chance.choices(often, k=2) + chance.choices(words, k=4)), vectors(1)[0])
    for _ in range(arguments.questions)
]
scopes: list[tuple[str, str, dict[str, object] | None]] = [("everything", "rest", None)]
for share, (name, *_) in SHARES.items():
    scopes += [
        (f"{share}, folder", name, {"uri": {"prefix": f"{name}/"}}),
        (f"{share}, glob", name, {"uri": {"glob": f"{name}/**/*.txt"}}),
        (f"{share}, collection", name, {"collection": name}),
    ]
for what, name, scope in scopes:
    allowed = every if scope is None else held[name]
    times, recalls = [], []
    for question, vector in asked:
        start = time.perf_counter()
        found = ask(question, vector, scope)
        times.append(1000 * (time.perf_counter() - start))
        least = np.sort(allowed @ vector)[::-1][:NEAREST][-1]
        recalls.append(sum(cosine >= least - 1e-5 for cosine in found) / min(NEAREST, len(allowed)))
    figures[f"{what}: recall at {NEAREST}"] = sum(recalls) / len(recalls)
    figures[f"{what}: p50, ms"] = percentile(times, 0.5)
    figures[f"{what}: p95, ms"] = percentile(times, 0.95)
store.close()
shutil.rmtree(folder)
show("scope", figures, arguments.out)
