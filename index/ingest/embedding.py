"""Chunks → vectors, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from index.document import Chunk, Document
from index.embed.embedder import Embedder
from index.text.embedded_text import embedded

_AT_ONCE = 8  # texts: what is to be interrupted, or told, waits for no more


def embed_each(
    embedder: Embedder, batch: Sequence[tuple[Document, Sequence[Chunk]]]
) -> Iterator[NDArray[np.float32]]:
    """One vector for each chunk of each document, in order, a few at a time: [≤ 8, dim] each."""
    pairs = [(document, chunk) for document, chunks in batch for chunk in chunks]
    for start in range(0, len(pairs), _AT_ONCE):
        yield embedder.passages(
            [
                embedded(document.title, chunk.heading, document.text[chunk.start : chunk.end])
                for document, chunk in pairs[start : start + _AT_ONCE]
            ]
        )


def embed_chunks(
    embedder: Embedder, batch: Sequence[tuple[Document, Sequence[Chunk]]]
) -> NDArray[np.float32]:
    """One vector for each chunk of each document, in order: [n, dim]."""
    parts = list(embed_each(embedder, batch))
    return np.concatenate(parts) if parts else np.zeros((0, 0), dtype=np.float32)
