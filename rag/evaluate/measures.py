"""Measures of retrieval and of answers: pure functions, every score in [0, 1] and higher is
better unless its docstring says otherwise. A mean over nothing is None, never zero.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from rag.read.normal_form import normalise

_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Means over the questions that have relevant documents; `questions` counts them.
    Recall is the share of a question's relevant documents among the first k."""

    questions: int
    recall_at_1: float
    recall_at_5: float
    recall_at_10: float
    mrr_at_10: float
    ndcg_at_10: float


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Of a list of durations, in their unit, interpolated between neighbours; lower is better."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Bin:
    """The questions whose confidence lies between two bounds, `upper` left out: how many, their
    mean confidence, and the share of them that was answered rightly. Both None of none."""

    lower: float
    upper: float
    questions: int
    confidence: float | None
    right: float | None


def rank(scores: Mapping[str, float]) -> tuple[str, ...]:
    """The ids by falling score; equal scores are ordered by id."""
    return tuple(sorted(scores, key=lambda key: (-scores[key], key)))


def retrieval(
    relevant: Mapping[str, Mapping[str, int]], ranked: Mapping[str, Sequence[str]]
) -> Retrieval | None:
    """Retrieval measured with `ir_measures`.

    `relevant` maps question id to document id to gain (at least 1); `ranked` maps question id to
    document ids, best first. A question without relevant documents is left out; one that is
    missing from `ranked` scores zero. None when no question is left.
    """
    import ir_measures
    from ir_measures import RR, R, nDCG

    qrels = {question: dict(gains) for question, gains in relevant.items() if gains}
    if not qrels:
        return None
    # The providers break ties each in its own way, so every place gets a score of its own.
    run = {
        question: {document: float(-place) for place, document in enumerate(ranked[question])}
        for question in qrels
        if ranked.get(question)
    }
    found = ir_measures.calc_aggregate([R @ 1, R @ 5, R @ 10, RR @ 10, nDCG @ 10], qrels, run)
    return Retrieval(
        questions=len(qrels),
        recall_at_1=found[R @ 1],
        recall_at_5=found[R @ 5],
        recall_at_10=found[R @ 10],
        mrr_at_10=found[RR @ 10],
        ndcg_at_10=found[nDCG @ 10],
    )


def exact_match(prediction: str, answers: Sequence[str]) -> float:
    """1 when the prediction equals one of the answers in normal form, else 0. No answers means
    that the question cannot be answered, and then only an empty prediction is right."""
    return max(float(normalise(prediction) == normalise(answer)) for answer in answers or [""])


def token_f1(prediction: str, answers: Sequence[str]) -> float:
    """The harmonic mean of precision and recall over the words in normal form, for the answer
    that fits best; no answers as in `exact_match`."""
    return max(_f1(prediction, answer) for answer in answers or [""])


def _f1(prediction: str, answer: str) -> float:
    given, wanted = normalise(prediction).split(), normalise(answer).split()
    if not given or not wanted:
        return float(given == wanted)
    shared = (Counter(given) & Counter(wanted)).total()
    return 2 * shared / (len(given) + len(wanted))


def rouge1(text: str, reference: str) -> float:
    """ROUGE-1 F1 (Lin, 2004): the harmonic mean of the shares of single words that the two have in
    common, each as often as in both; letters small, neither stemmed nor stopped."""
    words, wanted = (Counter(_WORD.findall(each.lower())) for each in (text, reference))
    shared = (words & wanted).total()
    return 2 * shared / (words.total() + wanted.total()) if shared else 0.0


@dataclass(frozen=True, slots=True)
class Overlap:
    """Words of quotes against words of gold evidence, each as often as in both; in [0, 1]."""

    precision: float
    recall: float
    f1: float


def word_overlap(quotes: Sequence[str], evidence: Sequence[str]) -> Overlap:
    """How far `quotes` are the `evidence`, both as bags of lower-case words."""
    given, wanted = (Counter(_WORD.findall(" ".join(t).lower())) for t in (quotes, evidence))
    shared = (given & wanted).total()
    if not shared:
        return Overlap(0.0, 0.0, 0.0)
    precision, recall = shared / given.total(), shared / wanted.total()
    return Overlap(precision, recall, 2 * precision * recall / (precision + recall))


def interval(values: Sequence[float]) -> tuple[float, float] | None:
    """The 95 % confidence interval of the mean, by 2,000 resamples with a fixed seed (percentile
    bootstrap; Efron, 1979). None of fewer than two values."""
    if len(values) < 2:
        return None
    rng = np.random.default_rng(0)
    drawn = rng.choice(np.asarray(values, dtype=np.float64), (2000, len(values)))
    low, high = np.quantile(drawn.mean(axis=1), (0.025, 0.975))
    return float(low), float(high)


def contains_answer(quotes: Iterable[str], answers: Sequence[str]) -> bool:
    """Whether a quote holds an answer as a run of whole words.

    Words are those of the normal form, or those left when punctuation parts words instead of
    vanishing ("mid-20th" holds "20th", "U.S." is "US"). An answer of nothing but articles and
    punctuation has to stand in the quote letter for letter.
    """
    return any(_holds(quote, answer) for quote in quotes for answer in answers)


def _holds(quote: str, answer: str) -> bool:
    if not normalise(answer):
        return bool(answer.strip()) and answer in quote
    pairs = (
        (normalise(quote), normalise(answer)),
        (_parted(quote), _parted(answer)),
    )
    return any(inner and f" {inner} " in f" {outer} " for outer, inner in pairs)


def _parted(text: str) -> str:
    return normalise(" ".join(re.findall(r"\w+", text)))


def citation_precision(cited: Sequence[str], relevant: Collection[str]) -> float:
    """The share of citations that name a relevant document; 0 without citations."""
    return sum(uri in relevant for uri in cited) / len(cited) if cited else 0.0


def citation_recall(cited: Sequence[str], relevant: Collection[str]) -> float:
    """The share of relevant documents that are cited; 0 without relevant documents."""
    return len(set(cited) & set(relevant)) / len(set(relevant)) if relevant else 0.0


def auroc(confidence: Sequence[float], answerable: Sequence[bool]) -> float | None:
    """The probability that an answerable question gets more confidence than an unanswerable one,
    ties counting half: 0.5 is chance. None unless there are questions of both kinds."""
    from sklearn.metrics import roc_auc_score

    if len(set(answerable)) < 2:
        return None
    return float(roc_auc_score(answerable, confidence))


def coverage(
    confidence: Sequence[float], right: Sequence[bool], precision: float = 0.9
) -> float | None:
    """The largest share of all questions that can be answered, most confident first, so that at
    least `precision` of the answers are right. Equal confidences stand or fall together. None
    without questions, 0 when no threshold is precise enough."""
    if not confidence:
        return None
    reached = (given for given, correct in _thresholds(confidence, right) if correct >= precision)
    return max(reached, default=0) / len(confidence)


def risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """Points (coverage, risk) by rising coverage, one for each distinct confidence: the share of
    all questions that have at least that confidence, and the share of those answers that are
    wrong. Lower risk is better."""
    return [
        (given / len(confidence), 1 - correct) for given, correct in _thresholds(confidence, right)
    ]


def _thresholds(confidence: Sequence[float], right: Sequence[bool]) -> Iterator[tuple[int, float]]:
    """For each distinct confidence, falling: how many questions reach it, and how precisely."""
    given = correct = 0
    falling = sorted(zip(confidence, right, strict=True), key=lambda pair: -pair[0])
    for _, tied in groupby(falling, key=lambda pair: pair[0]):
        outcomes = [outcome for _, outcome in tied]
        given += len(outcomes)
        correct += sum(outcomes)
        yield given, correct / given


def calibration_bins(
    confidence: Sequence[float], right: Sequence[bool], bins: int = 10
) -> list[Bin]:
    """The questions in `bins` bins of equal width over [0, 1], the last one closed."""
    found: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for value, outcome in zip(confidence, right, strict=True):
        found[min(int(value * bins), bins - 1)].append((value, outcome))
    return [
        Bin(
            lower=place / bins,
            upper=(place + 1) / bins,
            questions=len(inside),
            confidence=mean(value for value, _ in inside),
            right=mean(outcome for _, outcome in inside),
        )
        for place, inside in enumerate(found)
    ]


def calibration_error(
    confidence: Sequence[float], right: Sequence[bool], bins: int = 10
) -> float | None:
    """Expected calibration error over the `calibration_bins`: the mean distance between
    confidence and share of right answers, weighted by questions. Lower is better. None without
    questions."""
    if not confidence:
        return None
    gaps = (
        each.questions * abs(each.confidence - each.right)
        for each in calibration_bins(confidence, right, bins)
        if each.confidence is not None and each.right is not None
    )
    return sum(gaps) / len(confidence)


def percentiles(durations: Sequence[float]) -> Percentiles | None:
    """The median, 95th and 99th percentile; None of nothing."""
    import numpy as np

    if not durations:
        return None
    p50, p95, p99 = np.percentile(durations, [50, 95, 99]).tolist()
    return Percentiles(p50, p95, p99)


def throughput(items: int, seconds: float) -> float | None:
    """Items per second; None when no time was taken."""
    return items / seconds if seconds > 0 else None


def mean(values: Iterable[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    kept = list(values)
    return sum(kept) / len(kept) if kept else None


def logistic_fit(values: Sequence[float], outcomes: Sequence[bool]) -> tuple[float, float]:
    """The (scale, offset) of the logistic of `scale` times a value plus `offset` that makes
    `outcomes` likeliest, with the mild penalty on the scale that scikit-learn has by default.
    Needs outcomes of both kinds."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(np.array(values)[:, None], outcomes)
    return float(model.coef_[0, 0]), float(model.intercept_[0])
