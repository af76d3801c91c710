"""The sentence of a passage that bears out best what an answer says, or a few in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.embed.embedder import Embedder
from index.text.sentences import sentence_spans
from rag.answer import Passage
from rag.cite.claims import without_markup
from rag.cite.markers import plain
from rag.cite.support import Quoted, Rarity, Support, contradicts, features

_IN_A_ROW = 3
_WORTH = 0.1  # what a quote's further sentence must add to its score


@dataclass(frozen=True, slots=True)
class Quote:
    """Sentences number `first` to before `last` of a passage: `passage.text[start:end]`."""

    passage: Passage
    first: int
    last: int
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]


def is_verbatim(claim: str, text: str) -> bool:
    """Whether `claim` is `text` but for line breaks, markup and bracketed numbers."""
    return _bare(claim) == _bare(text)


def verbatim(claim: str, passage: Passage) -> Quote | None:
    """The sentence, or the few in a row, that `claim` is word for word."""
    wanted = _bare(claim)
    return next((quote for quote in _quotes(passage) if _bare(quote.text) == wanted), None)


class Quotes:
    """Weighs sentences of an answer against the sentences of passages.

    `claims`, and every sentence of `passages`, are embedded in one call; words are as rare as they
    are in `pool`. Several sentences of a passage together have the mean of their vectors.
    """

    def __init__(
        self,
        claims: Sequence[str],
        passages: Sequence[Passage],
        pool: Sequence[Passage],
        embedder: Embedder,
        support: Support,
    ) -> None:
        self._support = support
        self._rarity = Rarity(s for p in pool for s in _sentences(p))
        self._quoted: dict[str, Quoted] = {}
        texts = [*claims, *(text for p in passages for text in _titled(p))]
        distinct = list(dict.fromkeys(texts))
        self._vectors = dict(zip(distinct, embedder.passages(distinct), strict=True))

    def best(self, claims: Sequence[str], passage: Passage) -> Quote | None:
        """The sentence of `passage` that bears out all of `claims` best, the first one of equals;
        more in a row where each of them adds something. None for a passage without a word."""
        best, worth = None, -1.0
        for quote in _quotes(passage):
            found = sum(self.score(claim, [quote]) for claim in claims) / len(claims)
            less = found - _WORTH * (quote.last - quote.first - 1)
            if less > worth:
                best, worth = quote, less
        return best

    def score(self, claim: str, quotes: Sequence[Quote]) -> float:
        """How well `quotes` together bear out `claim`, in [0, 1]; higher is better."""
        vectors = [v for quote in quotes for v in self._sentence_vectors(quote)]
        total: NDArray[np.float32] = np.sum(vectors, axis=0)
        length = float(np.linalg.norm(total))
        cosine = float(total @ self._vectors[claim]) / length if length else 0.0
        text = " ".join(quote.text for quote in quotes)
        title = " ".join(dict.fromkeys(_title(quote.passage) for quote in quotes))
        quoted = self._quoted.setdefault(f"{title}\n{text}", Quoted(text, title))
        found = self._support.score(features(claim, quoted, cosine, self._rarity))
        return self._support.capped(found, contradicts(claim, quoted))

    def _sentence_vectors(self, quote: Quote) -> list[NDArray[np.float32]]:
        return [self._vectors[text] for text in _titled(quote.passage)[quote.first : quote.last]]


def _quotes(passage: Passage) -> list[Quote]:
    """What may be quoted: every sentence, then every two in a row, then every three."""
    spans = sentence_spans(passage.text)
    return [
        Quote(passage, first, first + count, spans[first][0], spans[first + count - 1][1])
        for count in range(1, _IN_A_ROW + 1)
        for first in range(len(spans) - count + 1)
    ]


def _sentences(passage: Passage) -> list[str]:
    return [passage.text[start:end] for start, end in sentence_spans(passage.text)]


def _titled(passage: Passage) -> list[str]:
    title = f"{passage.title}: " if passage.title else ""
    return [title + sentence for sentence in _sentences(passage)]


def _title(passage: Passage) -> str:
    return " ".join(filter(None, (passage.title, passage.heading)))


def _bare(text: str) -> str:
    return plain(without_markup(plain(text)))
