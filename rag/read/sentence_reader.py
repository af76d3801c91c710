"""The embedded reader: chooses the sentences that answer, and says how sure it is.

It needs no language model: sentences are compared with the question by meaning, by rare words
they share, and by whether they hold the kind of thing that was asked for. The weights of these
were fitted by `rag/train/fit_sentence_reader.py` and lie in `models/sentence_reader.json`.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embed.embedder import Embedder
from index.text.sentences import sentence_spans
from rag.answer import Passage
from rag.read.choice import diverse
from rag.read.reader import Evidence, Reading

PARAMETERS = Path(__file__).parent / "models" / "sentence_reader.json"
_PASSAGES_READ = 5
_BROAD = re.compile(
    r"\s*(please )?(describe|explain|compare|contrast|summari[sz]e|outline|discuss|tell me|"
    r"give (me )?an? (overview|summary)|how (do|does|did)|why|what (is|are) the differences?)\b",
    re.IGNORECASE,
)
_HANDFUL, _FEW = 5, 2  # sentences for a broad question, and for another
_LEAST_WORDS = 4  # fewer make a heading or a label
_WORD = re.compile(r"\w+")
_NAME = r"\b(?!(?:The|This|That|These|Those|It|In|On|At|He|She|They|A|An|As|By|For)\b)[A-Z]\w+"
_ASKED = [  # how a question begins, and what a sentence that answers it holds
    (r"\b(when|what (year|date|day|month|century)|which (year|century))\b", r"\d{3,4}|\b\d"),
    (r"\bhow (many|much|long|old|far|high|tall|big|often)\b", r"\d|\b(one|two|three|four|five)\b"),
    (r"\b(who|whom|whose)\b", _NAME),
    (r"\b(where|what (city|country|place|state)|which (city|country|state))\b", _NAME),
    (r"\bwhy\b", r"\b(because|due|since|so that|in order|caused?|reasons?|therefore)\b"),
]
_STOP = frozenset(
    "a an and are as at be been by did do does for from had has have how in is it its of on or "
    "that the their there these they this to was were what when where which who whom whose why "
    "will with would".split()
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of passage number `passage` (from 1): offsets in that passage's text."""

    passage: int
    start: int
    end: int
    text: str


class SentenceReader:
    """Reads the best passages, sentence by sentence. May be used by many threads."""

    name = "sentence-reader"

    def __init__(self, embedder: Embedder, parameters: Path = PARAMETERS) -> None:
        self._embedder = embedder
        self._path = parameters

    @cached_property
    def _parameters(self) -> dict[str, list[float]]:
        loaded: dict[str, list[float]] = json.loads(self._path.read_text(encoding="utf-8"))
        return loaded

    @property
    def threshold(self) -> float:
        return self._parameters["threshold"][0]

    @property
    def unsure_threshold(self) -> float:
        return self._parameters["unsure_threshold"][0]

    def read(self, question: str, passages: Sequence[Passage]) -> Reading:
        sentences = sentences_of(passages[:_PASSAGES_READ])
        if not sentences:
            return Reading((), None, 0.0)
        features, vectors = self._judged(question, passages, sentences, sentences)
        scores = _logistic(features, self._parameters["sentence"])
        order = np.argsort(-scores, kind="stable")
        doubt = confidence_features(features[order[0]], scores[order])
        confidence = float(_logistic(doubt[None, :], self._parameters["confidence"])[0])
        telling = np.array([len(s.text.split()) >= _LEAST_WORDS for s in sentences])
        weighed = np.where(telling, scores, 0.0) if telling.any() else scores
        chosen = diverse(weighed, vectors, _HANDFUL if _BROAD.match(question) else _FEW)
        evidence = [
            Evidence(s.passage, s.start, s.end, float(scores[i]))
            for i in chosen
            for s in [sentences[i]]
        ]
        return Reading(tuple(in_reading_order(evidence, passages)), None, confidence)

    def scores(
        self, question: str, passages: Sequence[Passage], sentences: Sequence[Sentence]
    ) -> NDArray[np.float64]:
        """How likely each sentence answers: [n], in [0, 1]."""
        features, _ = self._judged(question, passages, sentences, sentences)
        return _logistic(features, self._parameters["sentence"])

    def features(
        self,
        question: str,
        passages: Sequence[Passage],
        sentences: Sequence[Sentence],
        pool: Sequence[Sentence] = (),
    ) -> NDArray[np.float64]:
        """What speaks for each sentence: [n, 6]. Cosine with the question; share of the question's
        words found, by rarity, in the sentence and in the whole passage; agreement with the kind
        of answer asked for; the passage's cosine; the passage's score over the best one's. How
        rare a word is is told by `pool`, or by the sentences themselves."""
        return self._judged(question, passages, sentences, pool or sentences)[0]

    def _judged(
        self,
        question: str,
        passages: Sequence[Passage],
        sentences: Sequence[Sentence],
        pool: Sequence[Sentence],
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """`features` [n, 6], and the vectors [n, dim] of the sentences."""
        query = self._embedder.queries([question])[0]
        vectors = self._embedder.passages(
            [f"{passages[s.passage - 1].title}: {s.text}" for s in sentences]
        )
        rarity = _rarity(question, [s.text for s in pool])
        top = max(passage.score for passage in passages) or 1.0
        rows = []
        for sentence, vector in zip(sentences, vectors, strict=True):
            passage = passages[sentence.passage - 1]
            rows.append(
                (
                    float(vector @ query),
                    _overlap(rarity, sentence.text),
                    _overlap(rarity, f"{passage.title} {passage.text}"),
                    _agreement(question, sentence.text),
                    passage.cosine,
                    passage.score / top,
                )
            )
        return np.array(rows), vectors


def in_reading_order(evidence: Sequence[Evidence], passages: Sequence[Passage]) -> list[Evidence]:
    """Document by document in the order in which `evidence` first names them, and within each
    from its beginning to its end."""
    documents = list(dict.fromkeys(passages[e.passage - 1].document_id for e in evidence))

    def place(each: Evidence) -> tuple[int, int]:
        passage = passages[each.passage - 1]
        return documents.index(passage.document_id), passage.start + each.start

    return sorted(evidence, key=place)


def sentences_of(passages: Sequence[Passage]) -> list[Sentence]:
    """The sentences of `passages` in order, each place in a document once."""
    found: dict[tuple[str, int], Sentence] = {}
    for number, passage in enumerate(passages, start=1):
        for start, end in sentence_spans(passage.text):
            place = (passage.document_id, passage.start + start)
            found.setdefault(place, Sentence(number, start, end, passage.text[start:end]))
    return list(found.values())


def confidence_features(
    best: NDArray[np.float64], scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What tells whether the best sentence answers: its features [6], its score, and its lead
    over the next: [8]. `scores` are in falling order."""
    lead = scores[0] - (scores[1] if len(scores) > 1 else 0.0)
    return np.array([*best, scores[0], lead])


def _logistic(features: NDArray[np.float64], weights: Sequence[float]) -> NDArray[np.float64]:
    """Probabilities [n]; the last weight is the intercept."""
    return np.asarray(1 / (1 + np.exp(-(features @ np.array(weights[:-1]) + weights[-1]))))


def _content_words(text: str) -> set[str]:
    return {word[:6] for word in _WORD.findall(text.lower()) if word not in _STOP}


def _rarity(question: str, sentences: Sequence[str]) -> dict[str, float]:
    counts = Counter(word for sentence in sentences for word in _content_words(sentence))
    return {
        word: math.log(1 + len(sentences) / (1 + counts[word])) for word in _content_words(question)
    }


def _overlap(rarity: dict[str, float], text: str) -> float:
    words = _content_words(text)
    total = sum(rarity.values())
    return sum(weight for word, weight in rarity.items() if word in words) / total if total else 0.0


def _agreement(question: str, sentence: str) -> float:
    """1 when the sentence holds the kind of thing asked for, 0 when it does not, and a half when
    the question does not tell."""
    asked_words = _content_words(question)
    for asked, wanted in _ASKED:
        if re.search(asked, question.lower()):
            names = re.findall(wanted, sentence)
            if wanted == _NAME:
                names = [n for n in names if not _content_words(n) <= asked_words]
            return 1.0 if names else 0.0
    return 0.5
