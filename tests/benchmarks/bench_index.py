"""Indexing from files to the committed store, against sentence-transformers' float32 and the
packaged embedder alone on the same texts; and the most memory that `footnote add` takes.

Files are taken in rounds; in each round all ways run, in turning order, so that what else the
machine does falls on all. The arithmetic of the networks is set against numpy's matrix product.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from arithmetic import operations, peak
from common import documents_in, parse, show
from process import FOOTNOTE, peak_mb

from index.document import Document
from index.embed.embedder import embedder_of
from index.embed.sentence_transformer import SentenceTransformerEmbedder
from index.extract.limits import PARSING
from index.index import Index
from index.inference.session import cores
from index.load.parse import Refused
from index.load.sources import Loaded, file_source, load_each
from index.sqlite.store import SqliteStore
from index.sync.add_loaded import add_all
from index.text.chunk import Chunking, chunk
from index.text.embedded_text import embedded

arguments = parse(__doc__ or "", files=600, rounds=6, small=1000, large=20_000, characters=200)
home = Path(tempfile.mkdtemp())
folder = documents_in(home / "files", arguments.data, arguments.files)
paths = sorted(folder.iterdir())
chunking = Chunking()
packaged = embedder_of()
store = home / "store"
index = Index(SqliteStore(store), packaged, chunking)
theirs = SentenceTransformerEmbedder()
for embedder in (packaged, theirs):
    embedder.passages(["warm-up " * 50] * 32)
spent: dict[str, list[float]] = {"files to store": [], "packaged": [], "sentence-transformers": []}
chunks = 0
work = 0


def refuse(refused: Refused) -> None:
    raise refused.error


def _loaded(part: Sequence[Path]) -> Iterator[Loaded]:
    return load_each((file_source(path, PARSING) for path in part), PARSING)


def texts_of(part: Sequence[Path]) -> list[str]:
    """What is embedded of the files."""
    loaded = [each for each in _loaded(part) if isinstance(each, Document)]
    return [
        embedded(document.title, piece.heading, document.text[piece.start : piece.end])
        for document in loaded
        for piece in chunk(document, packaged.count_tokens, chunking)
    ]


most = peak()
for number in range(arguments.rounds):
    part = paths[number :: arguments.rounds]
    texts = texts_of(part)
    work += sum(operations(min(count + 2, 256)) for count in packaged.count_tokens(texts))
    ways = list(spent)
    for way in ways[number % 3 :] + ways[: number % 3]:
        start = time.perf_counter()
        if way == "packaged":
            packaged.passages(texts)
        elif way == "sentence-transformers":
            theirs.passages(texts)
        else:
            results = add_all(index, _loaded(part), refuse)
            chunks += sum(result.chunks for result in results)
        spent[way].append(time.perf_counter() - start)
index.close()
size = sum(file.stat().st_size for file in store.iterdir())
seconds = {way: sum(took) for way, took in spent.items()}
figures: dict[str, float | int | str] = {"files": len(paths), "chunks": chunks, "cores": cores()}
figures["embedder"] = packaged.name
for way, took in seconds.items():
    figures[f"{way}, s"] = took
    figures[f"{way}, chunks/s"] = chunks / took
    figures[f"{way}, share of numpy's float32 peak"] = work / took / most
whole, bare = spent["files to store"], spent["packaged"]
figures["sentence-transformers / files to store, median"] = statistics.median(
    other / mine for other, mine in zip(spent["sentence-transformers"], whole, strict=True)
)
figures["sentence-transformers / packaged, median"] = statistics.median(
    other / mine for other, mine in zip(spent["sentence-transformers"], bare, strict=True)
)
figures["files to store / packaged, median"] = statistics.median(
    all_of_it / alone for all_of_it, alone in zip(whole, bare, strict=True)
)
figures["numpy's float32 peak, GFLOP/s"] = most / 1e9
figures["store, bytes per chunk"] = size / chunks
for count in (arguments.small, arguments.large):
    short = documents_in(home / f"{count}", arguments.data, count, arguments.characters)
    start = time.perf_counter()
    most_mb = peak_mb([FOOTNOTE, "--store", home / f"store-{count}", "add", short])
    figures[f"footnote add, {count} short files, s"] = time.perf_counter() - start
    figures[f"footnote add, {count} short files, peak MB"] = most_mb
shutil.rmtree(home)
show("index", figures, arguments.out)
