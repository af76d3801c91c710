"""A reader run by transformers: one of the user's own, or the shipped one as it was trained."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from index.errors import ModelUnavailable
from index.inference.processor import inference
from rag.read.span_logits import QUESTION_TOKENS, WINDOW, SpanLogits
from rag.read.span_network import FOLDER, stored_weights


class SpanTransformer:
    """An extractive question-answering model, by hub name or folder; without a name the shipped
    one. With `bfloat16` its matrices are multiplied in it. It loads on first use and may be used by
    many threads. Raises `ModelUnavailable` on loading.
    """

    def __init__(self, name: str | None = None, *, bfloat16: bool = False) -> None:
        self._name = name
        self._bfloat16 = bfloat16
        self._loading = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def logits(self, question: str, texts: Sequence[str]) -> list[SpanLogits]:
        """What the network makes of the `question` with each of the `texts`, in one padded
        batch."""
        model, tokenizer = self._load()
        asked = tokenizer(
            question,
            truncation=True,
            max_length=QUESTION_TOKENS,
            add_special_tokens=False,
            return_offsets_mapping=True,
        )
        question = question[: asked["offset_mapping"][-1][1]] if asked["offset_mapping"] else ""
        encoded = tokenizer(
            [question] * len(texts),
            list(texts),
            truncation="only_second",
            max_length=WINDOW,
            padding=True,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = encoded.pop("offset_mapping").numpy()
        with inference(self._bfloat16):
            if self._name:
                output = model(**encoded)
                start, end = output.start_logits, output.end_logits
                evidence = [None] * len(texts)
            else:  # transformers itself knows two logits
                hidden = model.bert(**encoded).last_hidden_state
                start, end, third = model.qa_outputs(hidden).unbind(-1)
                evidence = list(third.float().numpy())
        return [
            SpanLogits(
                start[row].float().numpy(),
                end[row].float().numpy(),
                offsets[row],
                np.array([part == 1 for part in encoded.sequence_ids(row)]),
                evidence[row],
            )
            for row in range(len(texts))
        ]

    def _load(self) -> tuple[Any, Any]:
        with self._loading:
            if self._loaded is None:
                self._loaded = _load(self._name)
                self._loaded[1](["warm-up"], ["warm-up"], padding=True)
            return self._loaded


def _load(name: str | None) -> tuple[Any, Any]:
    import torch
    from safetensors import SafetensorError
    from transformers import AutoConfig, AutoModelForQuestionAnswering, AutoTokenizer

    source = name or str(FOLDER)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        if name:
            model = AutoModelForQuestionAnswering.from_pretrained(name)
        else:
            model = AutoModelForQuestionAnswering.from_config(AutoConfig.from_pretrained(source))
            weights = stored_weights(FOLDER / "model.safetensors")
            model.load_state_dict({key: torch.from_numpy(rows) for key, rows in weights.items()})
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ModelUnavailable(
            f"reader '{source}' could not be loaded ({reason}); set FOOTNOTE_READER to a folder or "
            "hub name of an extractive question-answering model, or to 'footnote-reader'"
        ) from error
    return model.eval(), tokenizer
