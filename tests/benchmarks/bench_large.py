"""Storing, replacing and removing a document of many chunks, without embedding: wall time and
processor time of the transaction."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from common import parse, show

from index.document import Chunk, Document, document_id
from index.sqlite.catalog import Catalog

arguments = parse(__doc__ or "", chunks=10_000)
folder = Path(tempfile.mkdtemp())
catalog = Catalog(folder, create=True)
chance = random.Random(0)
words = [f"word{number}" for number in range(30_000)]
vectors = np.full((arguments.chunks, 384), 384**-0.5, dtype=np.float32)
figures: dict[str, float | int | str] = {"chunks": arguments.chunks}


def document(version: int) -> tuple[Document, list[Chunk]]:
    parts, chunks, start = [], [], 0
    for _ in range(arguments.chunks):
        part = " ".join(chance.choices(words, k=150))
        chunks.append(Chunk(document_id("large"), start, start + len(part)))
        parts.append(part)
        start += len(part) + 1
    return Document(document_id("large"), "large", "Large", " ".join(parts), str(version)), chunks


for version, what in enumerate(("stored", "replaced", "removed")):
    large, chunks = document(version)
    start, processor = time.perf_counter(), time.process_time()
    with catalog.write() as writer:
        if what == "removed":
            writer.drop_name("large")
        else:
            writer.put(large, chunks, vectors)
    figures[f"{what}, s"] = time.perf_counter() - start
    figures[f"{what}, processor s"] = time.process_time() - processor
catalog.close()
shutil.rmtree(folder)
show("large", figures, arguments.out)
