"""Indexing from documents to a committed store, against the embedder alone on the same texts.

Documents are taken in rounds; in each round both ways run, in alternating order, so that what
else the machine does falls on both.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from common import parse, peak_memory_mb, show, squad

from index.chunk import Chunking, chunk
from index.embed import embedder_of
from index.index import Index
from index.searched import embedded

arguments = parse(__doc__ or "", documents=100_000, rounds=6)
documents, _ = squad(arguments.data)
documents = documents[: arguments.documents]
embedder = embedder_of()
chunking = Chunking()
folder = Path(tempfile.mkdtemp())
index = Index(folder, embedder, chunking)
embedder.passages(["warm-up " * 50] * 32)

alone = whole = 0.0
chunks = 0
for number in range(arguments.rounds):
    part = documents[number :: arguments.rounds]
    texts = [
        embedded(document.title, piece.heading, document.text[piece.start : piece.end])
        for document in part
        for piece in chunk(document, embedder.count_tokens, chunking)
    ]
    for way in ("alone", "whole") if number % 2 else ("whole", "alone"):
        start = time.perf_counter()
        if way == "alone":
            embedder.passages(texts)
            alone += time.perf_counter() - start
        else:
            chunks += sum(result.chunks for result in index.add(part))
            whole += time.perf_counter() - start
index.close()
size = sum(file.stat().st_size for file in folder.iterdir())
shutil.rmtree(folder)
show(
    "index",
    {
        "documents": len(documents),
        "chunks": chunks,
        "embedder alone, s": alone,
        "documents to committed store, s": whole,
        "ratio": whole / alone,
        "chunks per second": chunks / whole,
        "store, bytes per chunk": size / chunks,
        "peak memory, MB": peak_memory_mb(),
    },
    arguments.out,
)
