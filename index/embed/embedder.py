"""Texts to unit vectors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from index.embed.minilm import PACKAGED, PackagedEmbedder
from index.embed.sentence_transformer import SentenceTransformerEmbedder
from index.inference.processor import Precision, in_bfloat16, in_int8


class Embedder(Protocol):
    """Turns texts into unit vectors of `dim` float32 numbers. `name` is stored beside the
    vectors; texts are cut at `max_tokens`, special tokens included."""

    @property
    def name(self) -> str: ...

    @property
    def dim(self) -> int: ...

    @property
    def max_tokens(self) -> int: ...

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts to be found: [n, dim], unit rows."""
        ...

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions: [q, dim], unit rows."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, without special tokens and never cut."""
        ...


def embedder_of(
    model: str = PACKAGED, precision: Precision = "auto", cache: Path | None = None
) -> Embedder:
    """The packaged embedder, or a sentence-transformers model by hub name or folder; it loads on
    first use, and is one and the same for all of this process. "auto" is int8 for the packaged one
    and bfloat16 for others where the processor is fast at it, and float32 elsewhere."""
    if model == PACKAGED and precision != "bfloat16":
        return _packaged("int8" if in_int8(precision) else "float32", cache)
    return _sentence_transformer(model, in_bfloat16(precision))


@cache
def _packaged(numerics: Literal["float32", "int8"], folder: Path | None) -> Embedder:
    return PackagedEmbedder(numerics, folder)


@cache
def _sentence_transformer(model: str, bfloat16: bool) -> Embedder:
    return SentenceTransformerEmbedder(model, bfloat16=bfloat16)
