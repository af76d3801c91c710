"""Documents are stored as they are done, whatever comes after them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support import WordEmbedder, make_document

from index.document import Document
from index.index import Index
from index.progress import Step, Told
from index.records import Added
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking

LONG = " ".join(f"Sentence number {n} has these six words." for n in range(300))


class Counting(WordEmbedder):
    """Counts the texts that it is given, and stops at `most` until it is let go on."""

    def __init__(self, most: int = 10_000) -> None:
        super().__init__(dim=64)
        self.given = 0
        self.most = most
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.given += len(texts)
        if self.given >= self.most:
            self.reached.set()
            assert self.go_on.wait(60)
        return super().passages(texts)


def opened(folder: Path, embedder: WordEmbedder) -> Index:
    return Index(SqliteStore(folder), embedder, Chunking(32, 0))


def test_a_document_is_stored_while_the_next_is_being_read(tmp_path: Path) -> None:
    index = opened(tmp_path, Counting())
    stored = threading.Event()

    def documents() -> Iterator[Document]:
        yield make_document("short.txt", "A short text.")
        assert stored.wait(60)  # nobody has asked for its result
        assert [each.uri for each in index.documents()] == ["short.txt"]
        yield make_document("other.txt", "Another text.")

    def told(step: Told) -> None:
        if isinstance(step, Added):
            stored.set()

    assert [each.uri for each in index.add(documents(), told)] == ["short.txt", "other.txt"]
    index.close()


def test_interrupted_it_keeps_what_is_done_and_embeds_no_more(tmp_path: Path) -> None:
    embedder = Counting(most=20)
    index = opened(tmp_path, embedder)

    def documents() -> Iterator[Document]:
        for number in range(10):
            yield make_document(f"{number}.txt", f"Text {number}.")
        yield make_document("long.txt", LONG)
        assert embedder.reached.wait(60)  # in the middle of the long one
        threading.Timer(0.2, embedder.go_on.set).start()
        raise KeyboardInterrupt

    told: list[Told] = []
    with pytest.raises(KeyboardInterrupt):
        list(index.add(documents(), told.append))
    assert [each.uri for each in index.documents()] == [f"{number}.txt" for number in range(10)]
    assert [step.uri for step in told if isinstance(step, Added)] == [
        f"{number}.txt" for number in range(10)
    ]
    given = embedder.given
    assert given < 40  # of over two hundred chunks
    assert index.check() == []
    index.close()
    assert embedder.given == given


def test_a_long_document_moves_by_chunks(tmp_path: Path) -> None:
    index = opened(tmp_path, Counting())
    told: list[Told] = []
    (added,) = index.add([make_document("long.txt", LONG)], told.append)
    steps = [step for step in told if isinstance(step, Step)]
    assert [(step.uri, step.doing, step.total) for step in steps] == [
        ("long.txt", "embedding", added.chunks)
    ] * len(steps)
    assert [step.done for step in steps] == [*range(8, added.chunks, 8), added.chunks]
    assert told[-1] == added
    index.close()


def test_an_error_of_the_embedder_comes_after_what_was_stored_before_it(tmp_path: Path) -> None:
    class Failing(Counting):
        def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if any("bad" in text for text in texts):
                raise ValueError("this text cannot be embedded")
            return super().passages(texts)

    index = opened(tmp_path, Failing())
    stored = threading.Event()

    def documents() -> Iterator[Document]:
        yield make_document("good.txt", "A good text.")
        assert stored.wait(60)
        yield make_document("bad.txt", "A bad text.")

    results = index.add(documents(), lambda step: stored.set() if isinstance(step, Added) else None)
    assert next(results).uri == "good.txt"
    with pytest.raises(ValueError, match="cannot be embedded"):
        list(results)
    assert [each.uri for each in index.documents()] == ["good.txt"]
    index.close()
