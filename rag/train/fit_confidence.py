"""Fits what is made of the scores of an extractive model of one's own: the weight of retrieval, the
relevance of a passage, and the confidence.

    python -m rag.train.fit_confidence SQUAD_TRAIN SQUAD_DEV NQ_OPEN --reader NAME --out FILE
        [--store FOLDER]

Asks every question of SQUAD_DEV, answerable or not, and some of NQ_OPEN, which nothing in the
corpus answers, of the paragraphs of both SQuAD files together. The figures printed come from the
half of the questions that the weights were not fitted on; the weights that are written come from
all of them. FILE is for the setting `reader_calibration`.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from index.embed.embedder import embedder_of
from index.index import Index
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking
from rag.answer import Passage
from rag.evaluate.datasets import Question, read
from rag.evaluate.fit import FALSE_REFUSALS
from rag.evaluate.measures import (
    calibration_error,
    contains_answer,
    coverage,
    exact_match,
    token_f1,
)
from rag.read.sentence_reader import SentenceReader
from rag.read.span_model import Span, SpanModel
from rag.read.span_reader import (
    PASSAGES_READ,
    Calibration,
    Found,
    SpanReader,
    combine,
    sentence_around,
)
from rag.retrieve.retrieve import retrieve

SEED = 20261123
PRIORS = (0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 30.0)
THRESHOLD = 0.5  # an answer likelier right than wrong is given

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("squad_train", type=Path)
parser.add_argument("squad_dev", type=Path)
parser.add_argument("nq_open", type=Path)
parser.add_argument("--store", type=Path, help="keep the index of the paragraphs here")
parser.add_argument("--reader", required=True, help="a hub name or a folder")
parser.add_argument("--out", type=Path, default=Path("calibration.json"))
parser.add_argument("--questions", type=int, default=10_000, help="at most so many of SQUAD_DEV")
parser.add_argument("--outside", type=int, default=600, help="so many of NQ_OPEN")
arguments = parser.parse_args()

random.seed(SEED)
folder = arguments.store or Path(tempfile.mkdtemp())
index = Index(SqliteStore(folder), embedder_of(), Chunking())
dev = read(arguments.squad_dev, corpora=[arguments.squad_train])
outside = read(arguments.squad_dev, unanswerable=arguments.nq_open).questions[len(dev.questions) :]
for _ in tqdm(index.add(dev.documents), total=len(dev.documents), desc="index"):
    pass
model = SpanModel(arguments.reader)
asked: list[Question] = random.sample(
    dev.questions, min(len(dev.questions), arguments.questions)
) + random.sample(outside, min(len(outside), arguments.outside))
random.shuffle(asked)

seen: list[tuple[list[Passage], list[list[Span]]]] = []
for question in tqdm(asked, desc="read"):
    passages = retrieve(index, question.question, k=8, depth=100)
    texts = [(p.title, p.text) for p in passages[:PASSAGES_READ]]
    seen.append((passages, model.spans(question.question, texts, 3)))


def answers(prior: float) -> list[list[Found]]:
    return [combine(p[:PASSAGES_READ], s, prior) for p, s in seen]


def right(question: Question, passages: list[Passage], found: list[Found]) -> bool:
    """Whether the first sentence holds a gold answer, in the paragraph it was asked of."""
    if not question.answerable or not found:
        return False
    passage = passages[found[0].passage - 1]
    start, end = sentence_around(passage.text, found[0].span)
    return contains_answer([passage.text[start:end]], question.answers)


def hits_of(found: list[list[Found]]) -> NDArray[np.bool_]:
    return np.array(
        [right(q, p, f) for q, (p, _), f in zip(asked, seen, found, strict=True)], dtype=bool
    )


could = np.array([question.answerable for question in asked])

# Relevance: whether a passage that was read holds the answer, of its best span's score and what
# it scored in retrieval.
pairs = [
    (place, [spans[0].score, passage.score], passage)
    for place, (passages, of_passages) in enumerate(seen)
    for passage, spans in zip(passages, of_passages, strict=False)
    if spans
]
of_pair = np.array([row for _, row, _ in pairs])
holds = np.array(
    [
        asked[place].answerable
        and passage.uri in asked[place].relevant
        and contains_answer([passage.text], asked[place].answers)
        for place, _, passage in pairs
    ]
)
judge = LogisticRegression(C=100, max_iter=5000).fit(of_pair, holds)
relevance = [round(float(w), 4) for w in [*judge.coef_[0], judge.intercept_[0]]]


def recall_at_1(of_span: float, of_score: float) -> float:
    """Of answerable questions, when the passages that were read are put in this order."""
    best: dict[int, tuple[float, bool]] = {}
    for place, (span, score), passage in pairs:
        worth = of_span * span + of_score * score
        if asked[place].answerable and worth > best.get(place, (-np.inf, False))[0]:
            best[place] = (worth, passage.uri in asked[place].relevant)
    return float(np.mean([right for _, right in best.values()]))


print(f"recall@1: fused {recall_at_1(0, 1):.4f}, read {recall_at_1(*relevance[:2]):.4f}")
for prior in PRIORS:
    print(f"prior {prior}: sentence accuracy {hits_of(answers(prior))[could].mean():.4f}")
prior = max(PRIORS, key=lambda value: float(hits_of(answers(value))[could].mean()))
found = answers(prior)
hits = hits_of(found)
reader = SpanReader(model, SentenceReader(index.embedder))
features = np.array(
    [
        reader.evidence_features(q.question, p, f)
        for q, f, (p, _) in tqdm(zip(asked, found, seen, strict=True), desc="judge")
    ]
)
half = np.arange(len(asked)) % 2 == 0


def fit(rows: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    """Weights [n] and intercept for features as they come; fitted on features of equal spread."""
    mean, spread = features[rows].mean(axis=0), features[rows].std(axis=0)
    model = LogisticRegression(max_iter=5000).fit((features[rows] - mean) / spread, hits[rows])
    weights = model.coef_[0] / spread
    return weights, float(model.intercept_[0] - weights @ mean)


def sure_of(rows: NDArray[np.bool_], fitted: tuple[NDArray[np.float64], float]) -> NDArray[Any]:
    return np.asarray(1 / (1 + np.exp(-(features[rows] @ fitted[0] + fitted[1]))))


apart = np.zeros(len(asked))
for rows in (half, ~half):
    apart[~rows] = sure_of(~rows, fit(rows))
weights, bias = fit(np.ones(len(asked), dtype=bool))
unsure = round(float(np.quantile(apart[could], FALSE_REFUSALS)), 2)
calibration = Calibration(
    prior=prior,
    relevance=(relevance[0], relevance[1], relevance[2]),
    confidence=tuple(round(float(w), 4) for w in [*weights, bias]),
    threshold=THRESHOLD,
    unsure_threshold=min(unsure, THRESHOLD),
)
arguments.out.write_text(calibration.model_dump_json() + "\n", encoding="utf-8")

short = [(f[0].text, q.answers) for q, f in zip(asked, found, strict=True) if q.answerable]
f1 = np.mean([token_f1(*pair) for pair in short])
exact = np.mean([exact_match(*pair) for pair in short])
print(calibration.model_dump_json())
print(f"sentence accuracy, answerable: {hits[could].mean():.4f}; short F1 {f1:.4f}, EM {exact:.4f}")
print(
    f"AUROC answerable: {roc_auc_score(could, apart):.4f}; right: {roc_auc_score(hits, apart):.4f}"
)
given = apart >= THRESHOLD
print(f"answered {given.mean():.4f} of all, {hits[given].mean():.4f} of these rightly")
known = {question.id for question in outside}
outside_corpus = np.array([question.id in known for question in asked])
for name, kind in (("near the corpus", ~could & ~outside_corpus), ("outside it", outside_corpus)):
    print(f"unanswerable, {name}: left unanswered {1 - given[kind].mean():.4f} of {kind.sum()}")
print(f"coverage at 90 % precision: {coverage(apart.tolist(), hits.tolist())}")
print(f"the most that 90 % precision allows: {min(1.0, hits.mean() / 0.9):.4f}")
print(f"expected calibration error: {calibration_error(apart.tolist(), hits.tolist())}")
