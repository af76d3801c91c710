"""Small things that tests build on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.document import Document, document_id
from index.index import Index


class WordEmbedder:
    """An embedder whose every vector can be worked out by hand: each distinct word is a direction
    (of 4,096, by its digest), a text is the unit sum of its words; a token is a word."""

    def __init__(self, name: str = "words", dim: int = 4096, max_tokens: int = 1000) -> None:
        self.name = name
        self.dim = dim
        self.max_tokens = max_tokens

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                digest = hashlib.sha256(word.strip(".,;:!?").encode()).digest()
                vectors[row, int.from_bytes(digest[:4], "big") % self.dim] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.divide(vectors, lengths, out=vectors, where=lengths > 0)

    queries = passages

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


def make_document(uri: str, text: str, title: str = "", **metadata: str | int) -> Document:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(document_id(uri), uri, title, text, digest, metadata=metadata)


CAT = make_document("cat.txt", "The cat sat on the mat.", "Cat", author="Ann", date="2023-11-08")
DOG = make_document("dog.txt", "A dog ran in the park.", "Dog", author="Bob", date="2024-02-01")
OWL = make_document("owl.txt", "An owl hunts mice by night.", "Owl", author="Ann", year=1999)


def found(index: Index, question: str, filter: dict[str, object] | None = None) -> list[str]:
    """Uris, the best sum of both scores first."""
    candidates = index.candidates(question, 10, filter)
    return [c.row.uri for c in sorted(candidates, key=lambda c: -c.cosine - c.lexical)]
