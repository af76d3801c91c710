"""Fits what the trained reader makes of its logits: which sentences it gives, how sure it is, and
the thresholds of the verdicts.

    python -m rag.train.fit_evidence FIELD_SET … [--squad ../shared/data/squad]
        [--outside ../shared/data/nq-open-dev-1800.jsonl.gz] [--cache FOLDER]

FIELD_SET … are sets that the reader was not trained on. Questions of SQuAD's dev file, answerable
or not, and of NQ-open, which nothing there answers, are asked of the paragraphs of SQuAD. Each
figure printed is of a set by weights fitted on the others; what is written to
`models/reader/evidence.json` was fitted on all.
"""

from __future__ import annotations

import argparse
import itertools
import pickle
import random
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
from rag.evaluate.evaluate import holds_answer
from rag.evaluate.measures import calibration_error, contains_answer, word_overlap
from rag.read.evidence_reader import (
    CALIBRATION,
    Calibration,
    Candidate,
    candidates,
    confidence_features,
    evidence,
    mark,
    relevance_features,
    score_of,
    sentences_in,
)
from rag.read.span_model import Marked, SpanModel
from rag.retrieve.retrieve import retrieve
from rag.rewrite.by_rule import standalone

SEED = 20261125
PRECISION = 0.75  # of what is answered
PARAGRAPHS_WEIGHT = 0.25  # of a question of SQuAD or NQ-open against one of a field set
FALSE_ANSWERS = 0.10  # of the unanswerable questions, most that may be answered
FALSE_REFUSALS = 0.10  # of the answerable ones, most that may be left unanswered
UNFITTED = Calibration(
    identifier=0,
    retrieval=0,
    least=0,
    behind=0,
    most=1,
    confidence=(0,) * 11,
    relevance=(0,) * 4,
    threshold=0.5,
    unsure_threshold=0.2,
)

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("sets", type=Path, nargs="+")
parser.add_argument("--squad", type=Path)
parser.add_argument("--outside", type=Path)
parser.add_argument("--questions", type=int, default=600, help="so many of SQuAD's")
parser.add_argument("--others", type=int, default=200, help="so many of NQ-open's")
parser.add_argument("--cache", type=Path, help="keep what was read of each set here")
parser.add_argument("--dry", action="store_true", help="write nothing")
arguments = parser.parse_args()


@dataclass(frozen=True, slots=True)
class Seen:
    """A question as it is read, its passages and what the model marks in them."""

    domain: str
    asked: Question
    question: str
    passages: Sequence[Passage]
    marked: Sequence[Marked]


def seen_of(name: str, documents: Any, questions: Iterable[Question]) -> list[Seen]:
    model = SpanModel()
    made = []
    with tempfile.TemporaryDirectory() as folder:
        index = Index(SqliteStore(Path(folder)), embedder_of(), Chunking())
        for _ in tqdm(index.add(documents), total=len(documents), desc=f"index {name}"):
            pass
        for asked in tqdm(list(questions), desc=f"read {name}"):
            question = standalone(asked.question, asked.history, 2000)
            passages = retrieve(index, question, k=8, depth=100)
            made.append(Seen(name, asked, question, passages, mark(model, question, passages)))
    return made


def kept(name: str, make: Any) -> list[Seen]:
    if arguments.cache is None:
        return list(make())
    arguments.cache.mkdir(parents=True, exist_ok=True)
    file = arguments.cache / f"{name}.pickle"
    if not file.exists():
        file.write_bytes(pickle.dumps(make()))
    return list(pickle.loads(file.read_bytes()))


def field(folder: Path) -> list[Seen]:
    dataset = read(folder)
    return seen_of(dataset.name, dataset.documents, dataset.questions)


def squad() -> list[Seen]:
    dev = read(arguments.squad / "dev.json.gz", corpora=[arguments.squad / "train.json.gz"])
    rng = random.Random(SEED)
    asked = rng.sample(dev.questions, arguments.questions)
    if arguments.outside:
        with_others = read(arguments.squad / "dev.json.gz", unanswerable=arguments.outside)
        others = with_others.questions[len(dev.questions) :]
        asked += rng.sample(others, arguments.others)
    return seen_of("squad", dev.documents, asked)


everything: list[Seen] = []
for folder in arguments.sets:
    everything += kept(folder.resolve().name, lambda folder=folder: field(folder))
if arguments.squad:
    everything += kept("squad", squad)
domains = np.array([each.domain for each in everything])
could = np.array([each.asked.answerable for each in everything])
of_field = domains != "squad"
worth = np.where(of_field, 1.0, PARAGRAPHS_WEIGHT)


# ---- which sentences --------------------------------------------------------------------------


def right(each: Seen, quotes: Sequence[str]) -> bool:
    return holds_answer(quotes, each.asked.kind, each.asked.answers)


def word_f1(quotes: Sequence[str], golds: Sequence[str]) -> float:
    return word_overlap(quotes, golds).f1


def quotes_of(each: Seen, found: Any, fitted: Calibration) -> list[str]:
    if not found:
        return []
    return [
        each.passages[e.passage - 1].text[e.start : e.end]
        for e in evidence(each.question, found, each.passages, fitted)
    ]


unweighed = [
    candidates(s.question, s.passages, s.marked, sentences_in(s.passages), UNFITTED)
    for s in everything
]


def found_with(fitted: Calibration) -> list[list[Candidate]]:
    """As `candidates` would find them, without reading the sentences anew."""
    weighed = [
        [
            replace(
                each,
                score=score_of(each.logit, each.lacks, seen.passages[each.passage - 1], fitted),
            )
            for each in some
        ]
        for seen, some in zip(everything, unweighed, strict=True)
    ]
    return [sorted(some, key=lambda each: (-each.score, each.passage)) for some in weighed]


fitted = UNFITTED
best_share = -1.0
for identifier, retrieval in itertools.product((0, 1, 2, 4), (0, 2, 4, 8)):
    tried = fitted.model_copy(update={"identifier": identifier, "retrieval": retrieval})
    share = float(
        np.mean(
            [
                right(s, [found[0].text] if found else [])
                for s, found in zip(everything, found_with(tried), strict=True)
                if s.asked.answerable
            ]
        )
    )
    print(f"identifier {identifier}, retrieval {retrieval}: best sentence right {share:.4f}")
    if share > best_share:
        best_share, chosen = share, tried
fitted = chosen
found = found_with(fitted)
with_evidence = [i for i, s in enumerate(everything) if s.asked.evidence]
best_f1 = -1.0
for least, behind, most in itertools.product(
    (-3, -2, -1.5, -1, -0.5, 0, 0.5), (1, 1.5, 2, 3, 4), (3, 5, 7)
):
    tried = fitted.model_copy(update={"least": least, "behind": behind, "most": most})
    f1 = float(
        np.mean(
            [
                word_f1(quotes_of(everything[i], found[i], tried), everything[i].asked.evidence)
                for i in with_evidence
            ]
        )
    )
    if f1 > best_f1:
        best_f1, chosen = f1, tried
fitted = chosen
print(
    f"evidence: least {fitted.least}, behind {fitted.behind}, most {fitted.most}: F1 {best_f1:.4f}"
)
quotes = [quotes_of(s, f, fitted) for s, f in zip(everything, found, strict=True)]
hits = np.array([right(s, q) for s, q in zip(everything, quotes, strict=True)])
f1s = np.array([word_f1(q, s.asked.evidence) for s, q in zip(everything, quotes, strict=True)])

# ---- how sure ---------------------------------------------------------------------------------


def fit(
    features: NDArray[Any], truth: NDArray[Any], rows: NDArray[np.bool_], worth: NDArray[Any]
) -> NDArray[Any]:
    """Weights and intercept for features as they come; fitted on features of equal spread, each
    row by its `worth`."""
    mean, spread = features[rows].mean(axis=0), features[rows].std(axis=0) + 1e-9
    model = LogisticRegression(max_iter=5000)
    model.fit((features[rows] - mean) / spread, truth[rows], sample_weight=worth[rows])
    weights = model.coef_[0] / spread
    return np.append(weights, model.intercept_[0] - weights @ mean)


def sure(features: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(1 / (1 + np.exp(-(features @ weights[:-1] + weights[-1]))))


features = np.array(
    [
        confidence_features(s.question, s.passages, s.marked, f) if f else np.zeros(10)
        for s, f in zip(everything, found, strict=True)
    ]
)
apart = np.zeros(len(everything))
for domain in dict.fromkeys(domains):
    own = domains == domain
    others = ~own if (~own).any() else own
    apart[own] = sure(features[own], fit(features, hits, others, worth))


def threshold_for(rows: NDArray[np.bool_]) -> float:
    """The least at which both aims of "answered" hold."""
    for at in np.arange(0.3, 0.99, 0.01):
        given = rows & (apart >= at)
        false = (given & ~could).sum() / max((rows & ~could).sum(), 1)
        if given.any() and hits[given].mean() >= PRECISION and false <= FALSE_ANSWERS:
            return round(float(at), 2)
    return 0.99


threshold = threshold_for(of_field)
unsure = round(float(np.quantile(apart[could & of_field], FALSE_REFUSALS)), 2)
weights = fit(features, hits, np.ones(len(everything), dtype=bool), worth)

pairs = [
    (relevance_features(*each), contains_answer([each[0].text], s.asked.answers))
    for s in everything
    for each in zip(s.passages, s.marked, sentences_in(s.passages), strict=False)
    if s.asked.answerable
]
of_pair, holds = np.array([row for row, _ in pairs]), np.array([there for _, there in pairs])
relevance = fit(of_pair, holds, np.ones(len(pairs), dtype=bool), np.ones(len(pairs)))

for domain in [*dict.fromkeys(domains), "field"]:
    own = of_field if domain == "field" else domains == domain
    answerable, not_answerable = own & could, own & ~could
    answered, shown = own & (apart >= threshold), own & (apart >= unsure)
    line = {
        "right, best": hits[answerable].mean(),
        "answered right of all": (hits & answered)[answerable].mean(),
        "shown right of all": (hits & shown)[answerable].mean(),
        "answered are right": hits[answered].mean() if answered.any() else 0.0,
        "unanswerable answered": answered[not_answerable].mean(),
        "unanswerable unsure": (shown & ~answered)[not_answerable].mean(),
        "answerable refused": (~shown)[answerable].mean(),
        "AUROC": roc_auc_score(could[own], apart[own]),
        "AUROC right": roc_auc_score(hits[own], apart[own]),
        "calibration error": calibration_error(apart[own].tolist(), hits[own].tolist()),
        "evidence F1": f1s[answerable].mean(),
    }
    print(domain, {name: round(float(value or 0), 3) for name, value in line.items()})
print("confidence weights, by spread:", np.round(weights[:-1] * features.std(axis=0), 2).tolist())
fitted = fitted.model_copy(
    update={
        "confidence": tuple(round(float(w), 4) for w in weights),
        "relevance": tuple(round(float(w), 4) for w in relevance),
        "threshold": threshold,
        "unsure_threshold": unsure,
    }
)
print(fitted.model_dump_json())
if not arguments.dry:
    CALIBRATION.write_text(fitted.model_dump_json() + "\n", encoding="utf-8")
