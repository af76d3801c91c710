"""Cost against size, from 1,000 chunks to `--largest`: searching by vector and by words, adding a
document, opening, memory, disk; with recall against exact search.

Vectors are those of SQuAD paragraphs with noise of length 0.2 added, of length 1 again, questions
SQuAD's own; texts are their sentences, mixed, so that words are as frequent as they are. One store
grows through all sizes. `--store FOLDER` keeps it, and a later run goes on from it; `growth.json`
in `--out` gathers the sizes of all runs, and what was embedded is kept there too.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
import time
from pathlib import Path

import numpy as np
from common import percentile, squad
from rich.console import Console
from rich.table import Table

from index.document import Chunk, Document, document_id
from index.embed.sentence_transformer import SentenceTransformerEmbedder
from index.records import Identity
from index.sqlite.catalog import Catalog
from index.sqlite.replica import Outrun
from index.sqlite.vector_view import View
from index.sqlite.word_view import FullText
from index.vectors.vector_store import unit

SIZES = [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000]
PER_DOCUMENT = 50
NOISE = 0.2
QUESTIONS = 200

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", type=Path, required=True)
parser.add_argument("--out", type=Path, default=Path("results"))
parser.add_argument("--store", type=Path, default=None)
parser.add_argument("--largest", type=int, default=100_000)
parser.add_argument("--paragraphs", type=int, default=2_000)
arguments = parser.parse_args()
arguments.out.mkdir(parents=True, exist_ok=True)
folder = arguments.store or Path(tempfile.mkdtemp())

documents, questions = squad(arguments.data)
asked = [q.question for q in questions if 9 <= len(q.question.split()) <= 11][:QUESTIONS]
embedded = arguments.out / "growth-vectors.npz"
if not embedded.exists():
    embedder = SentenceTransformerEmbedder()
    texts = [document.text[:800] for document in documents[: arguments.paragraphs]]
    np.savez(embedded, base=embedder.passages(texts), queries=embedder.queries(asked))
base, queries = (np.load(embedded)[name] for name in ("base", "queries"))
sentences = [
    sentence
    for document in documents
    for sentence in re.split(r"(?<=[.!?])\s+", document.text)
    if len(sentence) > 20
]
chance, noise = random.Random(1), np.random.default_rng(1)


def made(uri: str, n: int) -> tuple[Document, list[Chunk], np.ndarray]:
    parts, chunks, start = [], [], 0
    for _ in range(n):
        part = " ".join(chance.choices(sentences, k=chance.choice((3, 4, 5))))[:900]
        chunks.append(Chunk(document_id(uri), start, start + len(part)))
        parts.append(part)
        start += len(part) + 1
    near = noise.normal(size=(n, base.shape[1])) * NOISE / base.shape[1] ** 0.5
    vectors = unit((base[noise.integers(0, len(base), n)] + near).astype(np.float32))
    return Document(document_id(uri), uri, parts[0][:30], " ".join(parts), uri), chunks, vectors


def grow(catalog: Catalog, size: int) -> None:
    with catalog.write() as writer:
        writer.set_identity(Identity("all-MiniLM-L6-v2", base.shape[1], 200, 40))
        held = writer.chunk_sums()[0]
    while held < size:
        with catalog.write() as writer:
            for _ in range(min(100, -(-(size - held) // PER_DOCUMENT))):
                writer.put(*made(f"{held}-{time.time_ns()}", min(PER_DOCUMENT, size - held)))
                held += min(PER_DOCUMENT, size - held)


def on_disk(name: str) -> int:
    return sum(f.stat().st_size for f in folder.rglob(name) if f.is_file())


def search(catalog: Catalog, view: View, words: FullText, number: int, k: int) -> list[float]:
    """Milliseconds of the vectors and of the words, and of processor time of the vectors."""
    number %= len(asked)
    while True:
        try:
            with catalog.read() as snapshot:
                start, processor = time.perf_counter(), time.thread_time()
                view.search(snapshot, queries[number], k)
                middle, processor = time.perf_counter(), time.thread_time() - processor
                if words.search(snapshot, asked[number], 100) is None:
                    snapshot.lexical(asked[number], 100)
                end = time.perf_counter()
            return [1000 * taken for taken in (middle - start, end - middle, processor)]
        except Outrun:
            continue


def nearest(catalog: Catalog, k: int) -> list[set[int]]:
    """The ids of the exact nearest of each query, by reading every vector."""
    scores, ids = np.zeros((len(queries), 0), np.float32), np.zeros((len(queries), 0), np.int64)
    with catalog.read() as snapshot:
        for some, blob in snapshot.vectors_after(0, 16_384):
            more = queries @ np.frombuffer(blob, dtype=np.float32).reshape(len(some), -1).T
            scores = np.hstack([scores, more])
            ids = np.hstack([ids, np.broadcast_to(some, more.shape)])
            best = np.argsort(-scores, axis=1)[:, :k]
            scores, ids = np.take_along_axis(scores, best, 1), np.take_along_axis(ids, best, 1)
    return [set(row) for row in ids.tolist()]


def measure(size: int) -> dict[str, float | int | str]:
    catalog = Catalog(folder, create=True)
    grow(catalog, size)
    view, words = View(folder, base.shape[1], catalog.read), FullText(folder, catalog.read)
    start = time.perf_counter()
    search(catalog, view, words, 0, 10)
    first = time.perf_counter() - start
    view.settle()
    words.settle()
    built = time.perf_counter() - start
    for each in (view, words, catalog):
        each.close()
    del view, words

    start = time.perf_counter()
    catalog = Catalog(folder, create=False)
    view, words = View(folder, base.shape[1], catalog.read), FullText(folder, catalog.read)
    search(catalog, view, words, 0, 10)
    opened = time.perf_counter() - start

    ten = [search(catalog, view, words, n, 10) for n in range(len(asked))]
    hundred = [search(catalog, view, words, n, 100) for n in range(len(asked))]
    with catalog.read() as snapshot:
        state, count = view.state(snapshot), snapshot.chunk_sums()[0]
        found = [set(view.search(snapshot, query, 10)[1].tolist()) for query in queries]
        fts5 = []
        for question in asked[:20]:
            start = time.perf_counter()
            snapshot.lexical(question, 100)
            fts5.append(1000 * (time.perf_counter() - start))
    gold = nearest(catalog, 10)
    recall = sum(len(a & b) for a, b in zip(found, gold, strict=True)) / (10 * len(gold))

    written, seen = [], []
    for number in range(20):
        start = time.perf_counter()
        with catalog.write() as writer:
            writer.put(*made(f"one more {time.time_ns()}", 1))
        middle = time.perf_counter()
        search(catalog, view, words, number, 10)
        written.append(1000 * (middle - start))
        seen.append(1000 * (time.perf_counter() - start))
    for each in (view, words, catalog):
        each.close()
    return {
        "chunks": count,
        "index": state.index.split(",")[0],
        "recall@10": recall,
        "vector search, 10 best, p50 ms": percentile([v for v, *_ in ten], 0.5),
        "vector search, 100 best, p50 ms": percentile([v for v, *_ in hundred], 0.5),
        "processor time of 10 best, p50 ms": percentile([p for *_, p in ten], 0.5),
        "lexical search, p50 ms": percentile([w for _, w, _ in ten], 0.5),
        "lexical search, FTS5 alone, p50 ms": percentile(fts5, 0.5),
        "document added, p50 ms": percentile(written, 0.5),
        "document added and found, p50 ms": percentile(seen, 0.5),
        "open, s": opened,
        "first opening, s": first,
        "first opening until all is built, s": built,
        "memory of vectors, bytes per chunk": state.bytes_each,
        "disk, catalog, bytes per chunk": on_disk("footnote.sqlite3*") / count,
        "disk, views, bytes per chunk": (on_disk("vectors.view") + on_disk("full-text/*")) / count,
    }


def draw(rows: list[dict[str, float | int | str]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 7), layout="constrained")
    times, sizes = figure.subplots(2, sharex=True, height_ratios=(2, 1))
    for axes, unit_of, label in (
        (times, " ms", "milliseconds"),
        (sizes, "bytes per chunk", "bytes"),
    ):
        for what in rows[0]:
            if what.endswith(unit_of) and not what.startswith("processor"):
                name = what.removesuffix(", p50 ms").removesuffix(", bytes per chunk")
                points = [(row["chunks"], row[what]) for row in rows if row[what]]
                axes.loglog(*zip(*points, strict=True), marker="o", markersize=3, label=name)
        axes.set_ylabel(label)
        axes.grid(color="#dcdcdc", linewidth=0.5)
        axes.legend(fontsize=7, frameon=False)
    points = [(row["chunks"], 1000 * float(row["open, s"])) for row in rows]
    times.loglog(*zip(*points, strict=True), marker="o", markersize=3, color="black", label="open")
    times.legend(fontsize=7, frameon=False)
    sizes.set_xlabel("chunks in the store")
    figure.savefig(path, dpi=150)


results = arguments.out / "growth.json"
rows = json.loads(results.read_text(encoding="utf-8")) if results.exists() else []
with Catalog(folder, create=True).read() as snapshot:
    already = snapshot.chunk_sums()[0]
for size in SIZES:
    if already * 0.98 <= size <= arguments.largest:
        row = measure(size)
        rows = sorted(
            [*(r for r in rows if r["chunks"] != row["chunks"]), row], key=lambda r: r["chunks"]
        )
        results.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
table = Table(title="growth")
table.add_column("what")
for row in rows:
    table.add_column(f"{row['chunks']:,}", justify="right")
for what in list(rows[0])[1:]:
    figures = [row[what] for row in rows]
    table.add_row(what, *(f"{f:,.3f}" if isinstance(f, float) else str(f) for f in figures))
Console(width=200).print(table)
draw(rows, arguments.out / "growth.png")
