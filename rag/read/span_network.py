"""The shipped reader, run without torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from index.inference.bert_graph import bert_graph
from index.inference.conversion_cache import converted, default_cache
from index.inference.session import Network
from rag.read.span_logits import QUESTION_TOKENS, WINDOW, SpanLogits

FOLDER = Path(__file__).parent / "models" / "reader"
PEAKS = FOLDER / "peaks.npz"
_FORM = 3  # counts the changes to the graph; one made before is not used any more


class SpanNetwork:
    """The reader in `models/reader/`, in "float32" as shipped or in "int8". It loads on first use,
    is converted on the very first into `cache`, and may be used by many threads."""

    def __init__(
        self, numerics: Literal["float32", "int8"] = "float32", cache: Path | None = None
    ) -> None:
        self._numerics = numerics
        self._cache = cache
        self._network = Network(self._converted)

    def logits(self, question: str, texts: Sequence[str]) -> list[SpanLogits]:
        """What the network makes of the `question` with each of the `texts`."""
        asked, pair = self._tokenizers
        offsets = asked.encode(question, add_special_tokens=False).offsets
        question = question[: offsets[-1][1]] if offsets else ""
        encodings = pair.encode_batch([(question, text) for text in texts])
        outputs = self._network.run([(each.ids, each.type_ids) for each in encodings])
        return [
            SpanLogits(
                output[:, 0],
                output[:, 1],
                np.array(encoding.offsets),
                np.array([part == 1 for part in encoding.sequence_ids]),
                output[:, 2],
            )
            for encoding, output in zip(encodings, outputs, strict=True)
        ]

    @cached_property
    def _tokenizers(self) -> tuple[Any, Any]:
        """For a question alone, and for one with its text."""
        from tokenizers import Tokenizer

        asked, pair = (Tokenizer.from_file(str(FOLDER / "tokenizer.json")) for _ in range(2))
        asked.enable_truncation(QUESTION_TOKENS)
        pair.enable_truncation(WINDOW, strategy="only_second")
        return asked, pair

    def _converted(self) -> Path | bytes:
        weights = FOLDER / "model.safetensors"
        digest = hashlib.sha256(weights.read_bytes() + PEAKS.read_bytes()).hexdigest()
        name = f"footnote-reader-{digest[:16]}-{self._numerics}-{_FORM}.onnx"
        return converted(self._cache or default_cache(), name, self._graph)

    def _graph(self) -> bytes:
        config = json.loads((FOLDER / "config.json").read_text(encoding="utf-8"))
        peaks = dict(np.load(PEAKS)) if self._numerics == "int8" else None
        weights = stored_weights(FOLDER / "model.safetensors")
        content: bytes = bert_graph(weights, config, "span", peaks).SerializeToString()
        return content


def stored_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """Float32 weights from the shipped form: each matrix as int8 `name` [rows, columns] with a
    float16 `name.scale` [rows], everything else as float16."""
    from safetensors.numpy import load_file

    stored = load_file(path)
    return {
        name: values.astype(np.float32)
        if values.dtype != np.int8
        else values.astype(np.float32) * stored[f"{name}.scale"].astype(np.float32)[:, None]
        for name, values in stored.items()
        if not name.endswith(".scale")
    }
