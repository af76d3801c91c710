"""Filings in PDF: seconds per 100 pages, and whether the page with the evidence is found.

All filings lie in one store, and every question is asked of all of them as it stands. It counts
as found when one of its evidence pages is the page of one of the first passages.

Nearly all of the time goes into embedding. `--files 6` takes the six smallest filings and the
questions about them; `--keep 1` keeps the store under `--out`, so that the next run embeds nothing.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from common import parse, peak_memory_mb, show
from numpy.typing import NDArray

from index.document import Document
from index.embed.minilm import PackagedEmbedder
from index.index import Index
from index.inference.processor import has_int8
from index.load.documents import load
from rag.answer import Passage
from rag.open_index import open_index
from rag.retrieve.retrieve import retrieve
from rag.settings import Settings

CUTS = (5, 10, 20)
DEEPEST = 50  # how far down the misses are looked for


class Clocked(PackagedEmbedder):
    """Adds up the seconds that embedding passages takes."""

    seconds = 0.0

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        start = time.perf_counter()
        try:
            return super().passages(texts)
        finally:
            self.seconds += time.perf_counter() - start


arguments = parse(__doc__ or "", keep=0, files=0)
folder = arguments.data / "financebench"
store = arguments.out / "financebench-store" if arguments.keep else Path(tempfile.mkdtemp())
settings = Settings(store=store)
index: Index = open_index(settings)
index.embedder = embedder = Clocked("int8" if has_int8() else "float32", settings.cache)
embedder.passages(["warm-up"])
embedder.seconds = 0.0

paths = sorted(folder.glob("*.pdf"), key=lambda path: path.stat().st_size)
start = time.perf_counter()
documents: dict[str, Document] = {
    path.stem: load(path) for path in paths[: arguments.files or len(paths)]
}
parsing = time.perf_counter() - start
start = time.perf_counter()
added = []
for result in index.add(documents.values()):
    added.append(result)
    print(f"{len(added)} of {len(documents)} filings stored, {embedder.seconds:.0f} s of embedding")
storing = time.perf_counter() - start - embedder.seconds
pages = sum(len(document.pages) for document in documents.values())
figures: dict[str, float | int | str] = {
    "pages": pages,
    "chunks": sum(result.chunks for result in added),
    "parse, s per 100 pages": parsing / pages * 100,
}
if all(result.status == "added" for result in added):
    figures["embed, s per 100 pages"] = embedder.seconds / pages * 100
    figures["cut and store, s per 100 pages"] = storing / pages * 100


def named(passage: Passage, document: Document) -> set[int]:
    """The page, from 0, that a citation of the passage's beginning names."""
    return {document.page_at(passage.start) or 0} if passage.document_id == document.id else set()


asked = [json.loads(line) for line in (folder / "questions.jsonl").open(encoding="utf-8")]
questions = [question for question in asked if question["doc_name"] in documents]
records = []
for question in questions:
    document = documents[question["doc_name"]]
    evidence = {int(each["evidence_page_num"]) + 1 for each in question["evidence"]}
    record = {"id": question["financebench_id"], "question": question["question"]}
    record |= {"filing": question["doc_name"], "pages": sorted(evidence)}
    for fusion in ("dense", "lexical", "convex"):
        asked_for = question["question"]
        found = retrieve(index, asked_for, k=DEEPEST, depth=settings.depth, fusion=fusion)
        ranks = [passage.rank for passage in found if named(passage, document) & evidence]
        record[fusion] = min(ranks, default=0)
    records.append(record)
figures["questions"] = len(questions)
for fusion in ("dense", "lexical", "convex"):
    for cut in CUTS:
        share = sum(1 <= record[fusion] <= cut for record in records) / len(records)
        figures[f"{fusion}, evidence page in {cut} passages"] = share
figures["peak memory, MB"] = peak_memory_mb()
index.close()
show("financebench", figures, arguments.out)
lines = "".join(json.dumps(record) + "\n" for record in records)
(arguments.out / "financebench.jsonl").write_text(lines, encoding="utf-8")
