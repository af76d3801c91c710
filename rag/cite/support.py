"""How well a quote bears out a sentence: by meaning, by the words they share and how rare those
are, by the facts of the sentence that the quote holds, and by what one denies and the other not.

The weights were fitted by `fit_support.py` and lie in `models/support.json`.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.text.content_words import content_words
from rag.facts.facts import Sources, missing, sources

PARAMETERS = Path(__file__).parent / "models" / "support.json"
_STEM = 6  # letters that stand for a word and its inflections
_DENIES = re.compile(
    r"\b(no|not|never|none|nobody|nothing|neither|nor|without|cannot)\b|n['’]t\b", re.IGNORECASE
)
_HARDLY_MORE = 1  # unmatched words of a sentence that denies what the quote says


class Rarity:
    """What each word weighs: the logarithm of 1 plus the number of `sentences` over 1 plus that of
    those it stands in (inverse document frequency; Spärck Jones, 1972)."""

    def __init__(self, sentences: Iterable[str]) -> None:
        stems = [set(_stems(sentence)) for sentence in sentences]
        self._counts = Counter(stem for of_sentence in stems for stem in of_sentence)
        self._sentences = len(stems)

    def __getitem__(self, stem: str) -> float:
        return math.log(1 + self._sentences / (1 + self._counts[stem]))


class Support:
    """The fitted weights. `threshold` is the score from which a sentence counts as supported."""

    def __init__(self, parameters: Path = PARAMETERS) -> None:
        self._path = parameters

    @cached_property
    def _parameters(self) -> Mapping[str, list[float]]:
        loaded: Mapping[str, list[float]] = json.loads(self._path.read_text(encoding="utf-8"))
        return loaded

    @property
    def threshold(self) -> float:
        return self._parameters["threshold"][0]

    def score(self, features: NDArray[np.float64]) -> float:
        """The probability, in [0, 1], that a sentence with these `features` [8] is borne out."""
        *weights, bias = self._parameters["weights"]
        return float(1 / (1 + np.exp(-(features @ np.array(weights) + bias))))

    def capped(self, score: float, refuted: bool) -> float:
        """`score`, or of a sentence that is `refuted` whatever else speaks for it, that share of
        the threshold."""
        return score * self.threshold if refuted else score


@dataclass(frozen=True)
class Quoted:
    """A quote and the title of its document, with what is looked up in them."""

    text: str
    title: str = ""

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset([*_stems(self.text), *_stems(self.title)])

    @cached_property
    def facts(self) -> Sources:
        return sources((self.title, self.text))

    @cached_property
    def denies(self) -> bool:
        return _DENIES.search(self.text) is not None


def features(sentence: str, quoted: Quoted, cosine: float, rarity: Rarity) -> NDArray[np.float64]:
    """What speaks for `sentence` being borne out by a quote: [8].

    The cosine of the two; the share of the sentence's words that quote or title hold, by number
    and by rarity; the logarithm of 1 plus the words they lack; whether they lack none; the
    logarithm of 1 plus the facts they lack; whether one of the two denies and the sentence says
    hardly anything else; the logarithm of 1 plus the sentence's words.
    """
    words = _stems(_DENIES.sub(" ", sentence))
    lacking = [word for word in words if word not in quoted.stems]
    total = sum(rarity[word] for word in words)
    denies = (_DENIES.search(sentence) is not None) != quoted.denies
    return np.array(
        [
            cosine,
            1 - len(lacking) / len(words) if words else 0.0,
            1 - sum(rarity[word] for word in lacking) / total if total else 0.0,
            math.log1p(len(lacking)),
            not lacking,
            math.log1p(len(missing(sentence, quoted.facts))),
            denies and len(lacking) <= _HARDLY_MORE,
            math.log1p(len(words)),
        ],
        dtype=np.float64,
    )


def contradicts(sentence: str, quoted: Quoted) -> bool:
    """Whether one of the two denies what the other states: the sentence says hardly anything that
    the quote does not, but for a denial; or the quote does."""
    words = set(_stems(_DENIES.sub(" ", sentence)))
    if (_DENIES.search(sentence) is not None) == quoted.denies:
        return False
    other = set(_stems(_DENIES.sub(" ", quoted.text))) if quoted.denies else words
    known = words if quoted.denies else quoted.stems
    return len(other - known) <= _HARDLY_MORE


def _stems(text: str) -> list[str]:
    return [word[:_STEM] for word in content_words(text)] if text.strip() else []
