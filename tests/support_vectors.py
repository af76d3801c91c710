"""Stores of many small vectors, without an embedder."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index.document import Chunk, Document, document_id
from index.records import Identity
from index.sqlite.catalog import Catalog

DIM = 16


def clustered(n: int, seed: int, dim: int = DIM) -> NDArray[np.float32]:
    """Unit vectors around twenty centres: [n, dim]."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(20, dim))
    vectors = centres[random.integers(0, 20, n)] + 0.5 * random.normal(size=(n, dim))
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float32)


def put(catalog: Catalog, uri: str, vectors: NDArray[np.float32], text: str = "a word") -> None:
    """Stores a document of one chunk for each vector, each with the same `text`."""
    chunks = [
        Chunk(document_id(uri), start, start + len(text))
        for start in range(0, len(vectors) * len(text), len(text))
    ]
    document = Document(document_id(uri), uri, uri, text * len(vectors), uri)
    with catalog.write() as writer:
        writer.set_identity(Identity("none", vectors.shape[1], 200, 40))
        writer.put(document, chunks, vectors)
