"""Chunks → vectors, a few at a time, here or elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.document import Chunk, Document
from index.embed.embedder import Embedder
from index.text.embedded_text import embedded

_AT_ONCE = 8  # texts: what is to be interrupted, or told, waits for no more
_MOST_WAITING = 256  # chunks, before the thread that reads waits too

Batch = Sequence[tuple[Document, Sequence[Chunk]]]


class Embedding(Protocol):
    """Who embeds for a thread that stores. It is told of documents before they are asked for, in
    the same order."""

    @property
    def most_waiting(self) -> int:
        """Chunks that documents may have which wait to be asked for."""
        ...

    def begin(self, document: Document, chunks: Sequence[Chunk]) -> None:
        """Tells of the next document; may wait, while much is under way."""
        ...

    def each(self, batch: Batch) -> Iterator[NDArray[np.float32]]:
        """One vector for each chunk of the next documents, in order, a few at a time: [≥ 1, dim]
        each. Ends early once it is stopped."""
        ...

    def stop(self) -> None:
        """Lets go of what is under way."""
        ...


class EmbeddingHere:
    """`embedder`, in this process, when it is asked."""

    most_waiting = _MOST_WAITING

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def begin(self, document: Document, chunks: Sequence[Chunk]) -> None:
        """There is no hurry."""

    def each(self, batch: Batch) -> Iterator[NDArray[np.float32]]:
        return embed_each(self._embedder, batch)

    def stop(self) -> None:
        """Nothing is under way but what is asked for."""


def texts_of(document: Document, chunks: Sequence[Chunk]) -> list[str]:
    """What is embedded of each chunk."""
    return [
        embedded(document.title, chunk.heading, document.text[chunk.start : chunk.end])
        for chunk in chunks
    ]


def embed_each(embedder: Embedder, batch: Batch) -> Iterator[NDArray[np.float32]]:
    """One vector for each chunk of each document, in order, a few at a time: [≤ 8, dim] each."""
    pairs = [(document, chunk) for document, chunks in batch for chunk in chunks]
    for start in range(0, len(pairs), _AT_ONCE):
        yield embedder.passages(
            [
                text
                for document, chunk in pairs[start : start + _AT_ONCE]
                for text in texts_of(document, [chunk])
            ]
        )


def embed_chunks(embedder: Embedder, batch: Batch) -> NDArray[np.float32]:
    """One vector for each chunk of each document, in order: [n, dim]."""
    parts = list(embed_each(embedder, batch))
    return np.concatenate(parts) if parts else np.zeros((0, 0), dtype=np.float32)
