from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support import WordEmbedder, make_document

from index.errors import StoreBusy, StoreMismatch, StoreMissing
from index.index import Index
from index.ingest import reindex as reindexing
from index.records import Counts
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking


def reindex(
    folder: Path, embedder: WordEmbedder, chunking: Chunking, progress: Callable[[int, int], None]
) -> Counts:
    with closing(SqliteStore(folder, create=False)) as store:
        return reindexing.reindex(store, embedder, chunking, progress)


def fill(folder: Path) -> list[str]:
    index = Index(SqliteStore(folder), WordEmbedder(), Chunking())
    texts = [f"Sentence one of {n}. Sentence two of {n}. Sentence three." for n in range(5)]
    list(index.add(make_document(f"{n}", text) for n, text in enumerate(texts)))
    index.close()
    return texts


def test_another_embedder_and_chunking(tmp_path: Path) -> None:
    texts = fill(tmp_path)
    told: list[tuple[int, int]] = []
    other = WordEmbedder("other", dim=32)
    counts = reindex(tmp_path, other, Chunking(8 + 4, 0), lambda *done: told.append(done))
    assert (counts.documents, counts.chunks) == (5, 10)
    assert told == [(0, 5)]
    with pytest.raises(StoreMismatch):
        Index(SqliteStore(tmp_path), WordEmbedder(), Chunking())
    index = Index(SqliteStore(tmp_path), other, Chunking(12, 0))
    assert index.check() == []
    assert [index.document(d.id).text for d in index.documents()] == texts
    assert len({c.row.chunk.id for c in index.candidates("sentence", 100)}) == 10
    index.close()


class Breaks(WordEmbedder):
    """Fails at the second batch of passages."""

    calls = 0

    def passages(self, texts):  # type: ignore[no-untyped-def]
        self.calls += 1
        if self.calls == 2:
            raise KeyboardInterrupt
        return super().passages(texts)


def test_cut_short_it_changes_nothing_and_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.ingest.reindex._BATCH_DOCUMENTS", 2)
    fill(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        reindex(tmp_path, Breaks("other"), Chunking(), lambda *_: None)
    index = Index(SqliteStore(tmp_path), WordEmbedder(), Chunking())
    assert index.check() == []
    assert len(index.candidates("sentence", 100)) == 5
    list(index.add([make_document("0", "Changed meanwhile.")]))
    told: list[tuple[int, int]] = []
    reindex(tmp_path, WordEmbedder("other"), Chunking(), lambda *done: told.append(done))
    assert told == [(1, 5), (3, 5)]  # of the two staged, one had changed
    with pytest.raises(StoreMismatch, match="embedded with 'other'"):
        index.candidates("sentence", 10)
    index.close()
    index = Index(SqliteStore(tmp_path), WordEmbedder("other"), Chunking())
    assert any(c.row.text == "Changed meanwhile." for c in index.candidates("changed", 10))
    assert index.check() == []
    index.close()


def test_two_reindexes_at_once_never_mix(tmp_path: Path) -> None:
    fill(tmp_path)

    class Overtaken(WordEmbedder):
        """While it embeds, another reindex with another embedder runs from start to end."""

        def passages(self, texts):  # type: ignore[no-untyped-def]
            reindex(tmp_path, WordEmbedder("second"), Chunking(), lambda *_: None)
            return super().passages(texts)

    with pytest.raises(StoreBusy, match="another reindex"):
        reindex(tmp_path, Overtaken("first", dim=8), Chunking(), lambda *_: None)
    index = Index(SqliteStore(tmp_path), WordEmbedder("second"), Chunking())
    assert index.check() == []
    index.close()


def test_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        reindex(tmp_path, WordEmbedder(), Chunking(), lambda *_: None)
