"""An embedder that gives way to questions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.embed.embedder import Embedder
from index.store import Precedence

_EMBEDDED_AT_ONCE = 8  # texts


class Deferring:
    """`embedder`, whose passages are embedded a few of like length at a time; before each few,
    questions go first."""

    def __init__(self, embedder: Embedder, precedence: Precedence) -> None:
        self._embedder = embedder
        self._precedence = precedence
        self.queries = embedder.queries
        self.count_tokens = embedder.count_tokens

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dim(self) -> int:
        return self._embedder.dim

    @property
    def max_tokens(self) -> int:
        return self._embedder.max_tokens

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return self._embedder.passages(texts)
        by_length = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        vectors: NDArray[np.float32] | None = None
        for start in range(0, len(texts), _EMBEDDED_AT_ONCE):
            some = by_length[start : start + _EMBEDDED_AT_ONCE]
            with self._precedence.adding():
                found = self._embedder.passages([texts[at] for at in some])
            if vectors is None:
                vectors = np.empty((len(texts), found.shape[1]), dtype=np.float32)
            vectors[some] = found
        assert vectors is not None
        return vectors
