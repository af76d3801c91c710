"""Question and passage to the spans that may answer: the only place that runs a reader's network.

The model is ours, in `models/reader/`, or any extractive question-answering model of the user's
own, by hub name or folder.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelUnavailable
from index.processor import has_bfloat16, inference

SHIPPED = "footnote-reader"
FOLDER = Path(__file__).parent / "models" / "reader"
_WINDOW = 384  # tokens of question, title and passage together
_QUESTION = 128  # tokens; a longer question is cut, so that the passage has room
_ANSWER_TOKENS = 30


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` may answer; `score` is its logit less that of "no answer here": above 0
    it is likelier than none."""

    start: int
    end: int
    score: float


class SpanModel:
    """A model with a start and an end logit for each token, both at the first token for "no
    answer" (SQuAD 2.0; Devlin et al., 2019). It loads on first use and may be used by many
    threads. Raises `ModelUnavailable` on loading.
    """

    def __init__(self, name: str = SHIPPED, precision: str = "auto") -> None:
        self.name = name
        self._bfloat16 = precision == "bfloat16" or (precision == "auto" and has_bfloat16())
        self._loading = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def warm_up(self) -> None:
        """Loads the model, so that the first question is as fast as the next."""
        self.spans("warm-up", [("", "warm-up")], 1)

    def spans(
        self, question: str, passages: Sequence[tuple[str, str]], most: int
    ) -> list[list[Span]]:
        """For each (title, text) the `most` best spans of its text, best first, no two of which
        overlap. All passages go through the network in one padded batch."""
        if not passages:
            return []
        model, tokenizer = self._load()
        prefixes = [f"{title}: " if title else "" for title, _ in passages]
        asked = tokenizer(
            question,
            truncation=True,
            max_length=_QUESTION,
            add_special_tokens=False,
            return_offsets_mapping=True,
        )
        question = question[: asked["offset_mapping"][-1][1]] if asked["offset_mapping"] else ""
        encoded = tokenizer(
            [question] * len(passages),
            [prefix + text for prefix, (_, text) in zip(prefixes, passages, strict=True)],
            truncation="only_second",
            max_length=_WINDOW,
            padding=True,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets_of = encoded.pop("offset_mapping").numpy()
        with inference(self._bfloat16):
            output = model(**encoded)
        start, end = output.start_logits.float().numpy(), output.end_logits.float().numpy()
        found = []
        for row, prefix in enumerate(prefixes):
            offsets = offsets_of[row] - len(prefix)
            in_text = np.array([kind == 1 for kind in encoded.sequence_ids(row)])
            allowed = in_text & (offsets[:, 0] >= 0) & (offsets[:, 1] > offsets[:, 0])
            none = float(start[row, 0] + end[row, 0])
            best = best_spans(start[row], end[row], allowed, most)
            found.append(
                [
                    Span(int(offsets[first, 0]), int(offsets[last, 1]), score - none)
                    for first, last, score in best
                ]
            )
        return found

    def _load(self) -> tuple[Any, Any]:
        with self._loading:
            if self._loaded is None:
                self._loaded = _load(self.name)
                self._loaded[1](["warm-up"], ["warm-up"], padding=True)
            return self._loaded


def best_spans(
    start: NDArray[np.float32], end: NDArray[np.float32], allowed: NDArray[np.bool_], most: int
) -> list[tuple[int, int, float]]:
    """(first token, last token, start logit + end logit) of the best spans of allowed tokens [n],
    best first, each at most 30 tokens long, none overlapping a better one."""
    n = len(start)
    scores = np.where(
        _in_order(n) & allowed[:, None] & allowed[None, :], start[:, None] + end[None, :], -np.inf
    )
    chosen: list[tuple[int, int, float]] = []
    while len(chosen) < most:
        first, last = divmod(int(np.argmax(scores)), n)
        score = float(scores[first, last])
        if score == -np.inf:
            break
        chosen.append((first, last, score))
        scores[: last + 1, first:] = -np.inf  # every span that touches this one
    return chosen


@lru_cache(maxsize=32)
def _in_order(n: int) -> NDArray[np.bool_]:
    """[n, n], true where a span may begin at the row's token and end at the column's."""
    legal: NDArray[np.bool_] = np.tri(n, n, _ANSWER_TOKENS - 1, dtype=bool)
    legal &= ~np.tri(n, n, -1, dtype=bool)
    return legal


def _load(name: str) -> tuple[Any, Any]:
    from safetensors import SafetensorError
    from transformers import AutoConfig, AutoModelForQuestionAnswering, AutoTokenizer

    source = str(FOLDER) if name == SHIPPED else name
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        if name == SHIPPED:
            model = AutoModelForQuestionAnswering.from_config(AutoConfig.from_pretrained(source))
            model.load_state_dict(stored_weights(FOLDER / "model.safetensors"))
        else:
            model = AutoModelForQuestionAnswering.from_pretrained(source)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ModelUnavailable(
            f"reader '{name}' could not be loaded ({reason}); set FOOTNOTE_READER to a folder or "
            f"hub name of an extractive question-answering model, or to '{SHIPPED}'"
        ) from error
    return model.eval(), tokenizer


def stored_weights(path: Path) -> dict[str, Any]:
    """Float32 weights from the shipped form: each matrix as int8 `name` [rows, columns] with a
    float16 `name.scale` [rows], everything else as float16."""
    from safetensors.torch import load_file

    stored = load_file(path)
    return {
        name: tensor.float()
        if tensor.is_floating_point()
        else tensor.float() * stored[f"{name}.scale"].float()[:, None]
        for name, tensor in stored.items()
        if not name.endswith(".scale")
    }
