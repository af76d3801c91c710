"""What waits to be embedded is bounded, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from support import WordEmbedder, make_document

from index.document import Document
from index.index import Index
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking

CHARACTERS = 1_000_000


def test_documents_of_few_chunks_do_not_pile_up(tmp_path: Path) -> None:
    """A million characters of one word make sixteen chunks of 1,000 tokens; eight million are on
    their way at most, and the document that is being cut."""
    taken = stored = most = 0

    def documents() -> Iterator[Document]:
        nonlocal taken, most
        for number in range(20):
            taken += 1
            most = max(most, taken - stored)
            yield make_document(f"{number}.txt", f"{number} {'x' * CHARACTERS}")

    index = Index(SqliteStore(tmp_path), WordEmbedder(dim=8), Chunking(1000, 0))
    for added in index.add(documents()):
        stored += 1
        assert (added.uri, added.status) == (f"{stored - 1}.txt", "added")
        assert 15 < added.chunks < 20
    index.close()
    assert stored == 20
    assert most <= 10
