"""Question and passage to the spans that may answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.inference.processor import Precision, in_bfloat16, in_int8
from rag.read.span_logits import SpanLogits, SpanLogitsModel
from rag.read.span_network import SpanNetwork

SHIPPED = "footnote-reader"
_ANSWER_TOKENS = 30


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` may answer; `score` is its logit less that of "no answer here": above 0
    it is likelier than none."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Marked:
    """What the model marks in a text: its best spans, best first, no two of which overlap; and the
    logit of each token that it is evidence, with the token's (start, end) in the text: float32 [n]
    and int [n, 2], of no tokens where the model has no opinion."""

    spans: list[Span]
    evidence: NDArray[np.float32]
    offsets: NDArray[np.int64]

    def evidence_of(self, start: int, end: int) -> float | None:
        """The mean logit of the tokens in `text[start:end]`; None where it holds none that was
        read."""
        inside = (self.offsets[:, 0] < end) & (self.offsets[:, 1] > start)
        return float(self.evidence[inside].mean()) if inside.any() else None


class SpanModel:
    """The shipped reader, or any extractive question-answering model of the user's own, by hub name
    or folder. It loads on first use and may be used by many threads. "auto" is int8 for the shipped
    one and bfloat16 for others where the processor is fast at it, and float32 elsewhere. Raises
    `ModelUnavailable` on loading.
    """

    def __init__(
        self, name: str = SHIPPED, precision: Precision = "auto", cache: Path | None = None
    ) -> None:
        self.name = name
        self._network = _network(name, precision, cache)

    def warm_up(self) -> None:
        """Loads the model, so that the first question is as fast as the next."""
        self.spans("warm-up", [("", "warm-up")], 1)

    def spans(
        self, question: str, passages: Sequence[tuple[str, str]], most: int
    ) -> list[list[Span]]:
        """For each (context, text) the `most` best spans of its text, best first, no two of which
        overlap. The context, such as its title, is read before the text."""
        return [marked.spans for marked in self.mark(question, passages, most)]

    def mark(self, question: str, passages: Sequence[tuple[str, str]], most: int) -> list[Marked]:
        """As `spans`, and with what is evidence in each text."""
        if not passages:
            return []
        prefixes = [f"{context}: " if context else "" for context, _ in passages]
        texts = [prefix + text for prefix, (_, text) in zip(prefixes, passages, strict=True)]
        read = self._network.logits(question, texts)
        return [
            _marked(logits, len(prefix), most)
            for prefix, logits in zip(prefixes, read, strict=True)
        ]


def _marked(logits: SpanLogits, begin: int, most: int) -> Marked:
    """What is marked in the text that begins at character `begin` of what was read."""
    offsets = logits.offsets - begin
    allowed = logits.in_text & (offsets[:, 0] >= 0) & (offsets[:, 1] > offsets[:, 0])
    none = float(logits.start[0] + logits.end[0])
    best = best_spans(logits.start, logits.end, allowed, most)
    spans = [
        Span(int(offsets[first, 0]), int(offsets[last, 1]), score - none)
        for first, last, score in best
    ]
    if logits.evidence is None:
        return Marked(spans, np.empty(0, np.float32), np.empty((0, 2), np.int64))
    return Marked(spans, logits.evidence[allowed], offsets[allowed])


def _network(name: str, precision: Precision, cache: Path | None) -> SpanLogitsModel:
    if name == SHIPPED and precision != "bfloat16":
        return SpanNetwork("int8" if in_int8(precision) else "float32", cache)
    from rag.read.span_transformers import SpanTransformer

    own = None if name == SHIPPED else name
    return SpanTransformer(own, bfloat16=in_bfloat16(precision))


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
