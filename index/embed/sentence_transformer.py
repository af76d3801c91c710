"""The embedder that sentence-transformers runs: any model by hub name or folder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.embed.minilm import PACKAGED, packaged_folder, require_published
from index.errors import ModelUnavailable
from index.extras import require
from index.inference.processor import inference

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_QUERIES_KEPT = 256


class SentenceTransformerEmbedder:
    """A sentence-transformers model by hub name or folder; all-MiniLM-L6-v2 is the packaged one,
    whose checksum is verified. It loads on first use and may be used by many threads. With
    `bfloat16` its matrices are multiplied in it; vectors are close but not equal then, so `name`
    tells the two apart.

    Raises `ModelUnavailable` on loading when the weights are missing or not the published ones.
    """

    def __init__(
        self, model: str = PACKAGED, *, bfloat16: bool = False, batch_size: int = 32
    ) -> None:
        self._bfloat16 = bfloat16
        self.name = f"{model}, bfloat16" if self._bfloat16 else model
        self._source = model
        self._batch_size = batch_size
        self._loading = threading.Lock()
        self._loaded: tuple[SentenceTransformer, Any] | None = None
        self._query = lru_cache(maxsize=_QUERIES_KEPT)(self._encode_query)

    def __reduce__(self) -> tuple[Any, ...]:
        """As it was made: another process loads it for itself."""
        make = partial(
            SentenceTransformerEmbedder, bfloat16=self._bfloat16, batch_size=self._batch_size
        )
        return make, (self._source,)

    @property
    def dim(self) -> int:
        return int(self._model.get_embedding_dimension() or 0)

    @property
    def max_tokens(self) -> int:
        return int(self._model.max_seq_length or 512)

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        return self._encode(self._model.encode_document, texts)

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        if len(texts) == 1:  # one question is embedded to retrieve and again to read
            return self._query(texts[0]).copy()
        return self._encode(self._model.encode_query, texts)

    def _encode_query(self, text: str) -> NDArray[np.float32]:
        return self._encode(self._model.encode_query, [text])

    def _encode(
        self, encode: Callable[..., NDArray[np.float32]], texts: Sequence[str]
    ) -> NDArray[np.float32]:
        """sentence-transformers sorts the texts by length into batches, and back."""
        with inference(self._bfloat16):
            return encode(
                list(texts),
                batch_size=self._batch_size,
                normalize_embeddings=True,
                show_progress_bar=False,
            )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        if not texts:
            return []
        encodings = self._load()[1].encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    @property
    def _model(self) -> SentenceTransformer:
        return self._load()[0]

    def _load(self) -> tuple[SentenceTransformer, Any]:
        with self._loading:
            if self._loaded is None:
                model = _load_model(self._source)
                # The first call fixes padding and truncation in the tokenizer, which is not safe
                # while another thread uses it; tokens are counted with a copy that never cuts.
                model.encode(["warm-up"], show_progress_bar=False)
                counter = type(model.tokenizer.backend_tokenizer).from_str(
                    model.tokenizer.backend_tokenizer.to_str()
                )
                counter.no_truncation()
                counter.no_padding()
                self._loaded = model, counter
            return self._loaded


def _load_model(name: str) -> SentenceTransformer:
    require("transformers", f"embedder '{name}'")
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    if name == PACKAGED:
        disable_progress_bar()  # nothing is downloaded, so there is no progress to show
        require_published(packaged_folder() / "model.safetensors")
        return SentenceTransformer(str(packaged_folder()), local_files_only=True)
    try:
        return SentenceTransformer(name)
    except (OSError, ValueError, RuntimeError) as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ModelUnavailable(
            f"embedder '{name}' could not be loaded ({reason}); set FOOTNOTE_EMBEDDER to a "
            f"sentence-transformers folder or hub name, or to '{PACKAGED}', which needs no network"
        ) from error
