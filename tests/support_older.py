"""Makes the file of a small store as the code that is imported makes it: a fixture for those after.

Whoever raises `FORMAT` in `index/records.py` runs it with the code of before, and so were those of
`stores/` made (`git log -S'FORMAT = N' index/records.py` names the commit after which it was N):

    git worktree add /tmp/before COMMIT
    PYTHONPATH=/tmp/before python tests/support_older.py tests/index/sqlite/stores
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.document import Document, Heading, document_id
from index.index import Index
from index.records import FORMAT, Seen
from index.sqlite.catalog import FILE_NAME
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking

CAT_FILE = b"the file of the cat"


class Letters:
    """An embedder: the number of each letter, as a unit vector."""

    name = "letters"
    dim = 26
    max_tokens = 1000

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.full((len(texts), self.dim), 0.01, dtype=np.float32)
        for row, text in enumerate(texts):
            for letter in text.lower():
                if "a" <= letter <= "z":
                    vectors[row, ord(letter) - ord("a")] += 1
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    queries = passages

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


def cat() -> Document:
    digest = hashlib.sha256(CAT_FILE).hexdigest()
    text = "The cat sat on the mat."
    document = Document(document_id("cat.txt"), "cat.txt", "Cat", text, digest)
    if "original" in {field.name for field in fields(Document)}:
        return replace(document, original=CAT_FILE)
    return document


def rich() -> Document:
    return Document(
        document_id("docs/rich.pdf"),
        "docs/rich.pdf",
        "Rich",
        "The first page, 新的洗衣机.\nA heading\nThe second page.",
        "d1" * 32,
        "application/pdf",
        (0, 23),
        (Heading(23, 32, 1),),
        {"author": "Ann", "year": 1999},
        ((0, "p. 1"), (23, "p. 2")),
    )


def fill(folder: Path) -> None:
    index = Index(SqliteStore(folder), Letters(), Chunking(6, 0))
    gone = Document(document_id("gone.txt"), "gone.txt", "Gone", "A zebra that is gone.", "d2" * 32)
    list(index.add([cat(), replace(cat(), uri="again.txt"), gone, rich()]))
    index.remove("gone.txt")
    with index.store.write() as writer:
        writer.folders.register("/home/docs", "docs")
        writer.folders.see("/home/docs", [Seen("docs/rich.pdf", "1", "d1" * 32)])
        if hasattr(writer, "set_setting"):
            writer.set_setting("tone", "dry")
        if hasattr(writer, "collections"):
            writer.collections.create("pets")
            writer.collections.include("pets", [document_id("cat.txt")])
            writer.collections.feed("pets", "docs/")
    index.close()


def main() -> None:
    target = Path(sys.argv[1]) / f"format-{FORMAT}.sqlite3.gz"
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder))
        data = (Path(folder) / FILE_NAME).read_bytes()
    target.write_bytes(gzip.compress(data, mtime=0))
    found = importlib.util.find_spec("index")
    print(f"{target}: {target.stat().st_size:,} bytes, by {found.origin if found else '?'}")


if __name__ == "__main__":
    main()
