"""Fits the sentence reader: which sentence answers, and how sure that is.

    python -m rag.train.fit_sentence_reader SQUAD_TRAIN SQUAD_DEV NQ_OPEN [--store FOLDER]

Sentence weights come from questions of SQUAD_TRAIN, the confidence from SQUAD_DEV (answerable and
not) and NQ_OPEN (questions that nothing in the corpus answers), each asked of the paragraphs of
both SQuAD files together. Writes `models/sentence_reader.json`.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from index.embed.embedder import embedder_of
from index.index import Index
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking
from rag.evaluate.datasets import Question, read
from rag.evaluate.measures import contains_answer
from rag.read.sentence_reader import (
    PARAMETERS,
    SentenceReader,
    _logistic,
    confidence_features,
    sentences_of,
)
from rag.retrieve.retrieve import retrieve

SEED = 20261123
TRAIN_QUESTIONS, DEV_QUESTIONS, OPEN_QUESTIONS = 1000, 1200, 400
PRECISION = 0.9  # of which the coverage is reported
THRESHOLD = 0.5  # an answer likelier right than wrong is given

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("squad_train", type=Path)
parser.add_argument("squad_dev", type=Path)
parser.add_argument("nq_open", type=Path)
parser.add_argument("--store", type=Path, help="keep the index of the paragraphs here")
arguments = parser.parse_args()

random.seed(SEED)
embedder = embedder_of()
folder = arguments.store or Path(tempfile.mkdtemp())
index = Index(SqliteStore(folder), embedder, Chunking())
train = read(arguments.squad_train)
dev = read(arguments.squad_dev, unanswerable=arguments.nq_open)
documents = [*train.documents, *dev.documents]
for _ in tqdm(index.add(documents), total=len(documents), desc="index"):
    pass
reader = SentenceReader(embedder)


def read_question(asked: Question) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Features [n, 6] of the sentences that the reader would see, and which of them answer."""
    passages = retrieve(index, asked.question, k=8, depth=100)[:5]
    sentences = sentences_of(passages)
    right = [
        asked.answerable
        and passages[s.passage - 1].uri in asked.relevant
        and contains_answer([s.text], asked.answers)
        for s in sentences
    ]
    return reader.features(asked.question, passages, sentences), np.array(right)


answerable = [q for q in train.questions if q.answerable]
rows = [read_question(q) for q in tqdm(random.sample(answerable, TRAIN_QUESTIONS), desc="train")]
x, y = np.concatenate([r[0] for r in rows]), np.concatenate([r[1] for r in rows])
model = LogisticRegression(C=10, max_iter=1000).fit(x, y)
sentence = [*model.coef_[0].tolist(), float(model.intercept_[0])]

of_dev = [q for q in dev.questions if q.relevant or q.answerable]
outside = [q for q in dev.questions if not q.relevant and not q.answerable]
asked = random.sample(of_dev, DEV_QUESTIONS) + random.sample(outside, OPEN_QUESTIONS)
doubts, hits = [], []
for question in tqdm(asked, desc="dev"):
    features, right = read_question(question)
    scores = _logistic(features, sentence)
    order = np.argsort(-scores, kind="stable")
    doubts.append(confidence_features(features[order[0]], scores[order]))
    hits.append(bool(right[order[0]]))
x, y = np.array(doubts), np.array(hits)
model = LogisticRegression(C=10, max_iter=1000).fit(x, y)
confidence = [*model.coef_[0].tolist(), float(model.intercept_[0])]

sure = _logistic(x, confidence)
order = np.argsort(-sure)
precision = np.cumsum(y[order]) / np.arange(1, len(order) + 1)
reached = np.flatnonzero(precision >= PRECISION)
parameters = {
    "sentence": [round(w, 4) for w in sentence],
    "confidence": [round(w, 4) for w in confidence],
    "threshold": [THRESHOLD],
}
PARAMETERS.parent.mkdir(exist_ok=True)
PARAMETERS.write_text(json.dumps(parameters) + "\n", encoding="utf-8")
could = np.array([q.answerable for q in asked])
print(json.dumps(parameters))
print(f"right first sentence, answerable: {y[could].mean():.3f}")
print(f"AUROC right: {roc_auc_score(y, sure):.3f}, answerable: {roc_auc_score(could, sure):.3f}")
print(f"coverage at {PRECISION}: {(reached[-1] + 1) / len(order) if len(reached) else 0:.3f}")
