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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
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
from rag.evaluate.fit import FALSE_REFUSALS, answered_from
from rag.evaluate.measures import calibration_error, contains_answer, word_overlap
from rag.read.boosting import Boosted, Tree
from rag.read.candidate import (
    COMPARED,
    Calibration,
    Candidate,
    candidates,
    cosines,
    mark,
    raised,
    score_of,
    sentences_in,
)
from rag.read.composition import evidence
from rag.read.confidence import confidence_features
from rag.read.evidence_reader import CALIBRATION, doubt_of, relevance_features, settle
from rag.read.span_model import Marked, SpanModel
from rag.retrieve.retrieve import retrieve
from rag.rewrite.by_rule import standalone

SEED = 20261125
PARAGRAPHS_WEIGHT = 0.5  # of a question of SQuAD or NQ-open against one of a field set
F1_FOR_RIGHT = 0.02  # of F1 that more sentences may cost where more answers are right by them
RISING = [1, 1, 0, 0, 1, 0, -1, -1, -1, -1, 1, 1, 0, 0, 0, 0, 0, -1, -1, -1, -1]
"""By feature of the confidence: whether more of it may speak only for (1) or against (-1) a right
answer, or either way (0)."""
UNFITTED = Calibration(
    identifier=0,
    retrieval=0,
    meaning=0,
    least=0,
    behind=0,
    most=1,
    behind_unsure=3,
    most_unsure=4,
    confidence=Boosted(baseline=0, trees=()),
    relevance=(0,) * 4,
    threshold=0.5,
    unsure_threshold=0.2,
)

ROUGHLY = UNFITTED.model_copy(update={"identifier": 4, "retrieval": 8})

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
    """A question as it is read, its passages, what the model marks in them, and the cosine of the
    best candidates with the question, by passage and start."""

    domain: str
    asked: Question
    question: str
    passages: Sequence[Passage]
    marked: Sequence[Marked]
    near: Mapping[tuple[int, int], float]


def near(question: str, passages: Sequence[Passage], marked: Sequence[Marked]) -> dict[Any, float]:
    """The cosines of twice as many candidates as are compared, by weights near the fitted ones."""
    found = candidates(question, passages, marked, sentences_in(passages), ROUGHLY)
    few = found[: 2 * COMPARED]
    of_few = cosines(question, few, passages, embedder_of())
    return {(c.passage, c.start): own for c, own in zip(few, of_few, strict=True)}


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
            marked = mark(model, question, passages)
            of_few = near(question, passages, marked)
            made.append(Seen(name, asked, question, passages, marked, of_few))
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


def quotes_of(each: Seen, found: Any, fitted: Calibration, *, sure: bool = True) -> list[str]:
    if not found:
        return []
    return [
        each.passages[e.passage - 1].text[e.start : e.end]
        for e in evidence(each.question, found, each.passages, fitted, sure=sure)
    ]


def doubted(each: Seen, found: Any, fitted: Calibration) -> str:
    """What makes the verdict unsure at most, whatever the confidence."""
    if not found:
        return ""
    chosen = evidence(each.question, found, each.passages, fitted, sure=True)
    return doubt_of(each.question, found, each.passages, chosen)


unweighed = [
    candidates(s.question, s.passages, s.marked, sentences_in(s.passages), UNFITTED)
    for s in everything
]


def weighed(number: int, fitted: Calibration) -> list[Candidate]:
    """The candidates of a question as `candidates` would find them, without reading anew."""
    passages = everything[number].passages
    some = [
        replace(each, score=score_of(each.logit, each.lacks, passages[each.passage - 1], fitted))
        for each in unweighed[number]
    ]
    return sorted(some, key=lambda each: (-each.score, each.passage))


def found_with(fitted: Calibration) -> list[list[Candidate]]:
    """As they would be found, `compared` with the question."""
    made = []
    for number in range(len(everything)):
        some = weighed(number, fitted)
        near = everything[number].near
        own = [near.get((c.passage, c.start), 0.0) for c in some[:COMPARED]]
        made.append(raised(some, own, fitted))
    return made


fitted = UNFITTED
best_share = -1.0
for identifier, retrieval, meaning in itertools.product((2, 4), (8, 12), (0, 4, 6, 8)):
    tried = fitted.model_copy(
        update={"identifier": identifier, "retrieval": retrieval, "meaning": meaning}
    )
    share = float(
        np.average(
            [
                right(s, [found[0].text] if found else [])
                for s, found in zip(everything, found_with(tried), strict=True)
                if s.asked.answerable
            ],
            weights=worth[could],
        )
    )
    print(
        f"identifier {identifier}, retrieval {retrieval}, meaning {meaning}: "
        f"best sentence right {share:.4f}"
    )
    if share > best_share:
        best_share, chosen = share, tried
fitted = chosen
found = [
    settle(s.question, f, s.passages).found if f else []
    for s, f in zip(everything, found_with(fitted), strict=True)
]
with_evidence = [i for i, s in enumerate(everything) if s.asked.evidence]
windows = []
for least, behind, most in itertools.product((-0.5, 0.5, 1.5), (1, 2, 3), (3, 4)):
    tried = fitted.model_copy(update={"least": least, "behind": behind, "most": most})
    chosen_quotes = [quotes_of(everything[i], found[i], tried) for i in with_evidence]
    golds = [everything[i].asked.evidence for i in with_evidence]
    f1 = float(np.mean([word_f1(*each) for each in zip(chosen_quotes, golds, strict=True)]))
    hit = float(
        np.mean(
            [right(everything[i], q) for i, q in zip(with_evidence, chosen_quotes, strict=True)]
        )
    )
    print(f"evidence: least {least}, behind {behind}, most {most}: F1 {f1:.4f}, right {hit:.4f}")
    windows.append((f1, hit, tried))
best_f1 = max(f1 for f1, _, _ in windows)
near_best = [each for each in windows if each[0] >= best_f1 - F1_FOR_RIGHT]
fitted = max(near_best, key=lambda each: each[1])[2]
print(f"chosen: least {fitted.least}, behind {fitted.behind}, most {fitted.most}")
quotes = [quotes_of(s, f, fitted) for s, f in zip(everything, found, strict=True)]
hits = np.array([right(s, q) for s, q in zip(everything, quotes, strict=True)])
f1s = np.array([word_f1(q, s.asked.evidence) for s, q in zip(everything, quotes, strict=True)])

# ---- how sure ---------------------------------------------------------------------------------


def fit(features: NDArray[Any], truth: NDArray[Any]) -> NDArray[Any]:
    """Weights and intercept for features as they come; fitted on features of equal spread."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    model = LogisticRegression(max_iter=5000).fit((features - mean) / spread, truth)
    weights = model.coef_[0] / spread
    return np.append(weights, model.intercept_[0] - weights @ mean)


def boost(rows: NDArray[np.bool_]) -> HistGradientBoostingClassifier:
    """Small trees over the features of `rows`, which speak for a right answer only the way that
    `RISING` says, each row by its worth."""
    model = HistGradientBoostingClassifier(
        max_depth=3,
        max_iter=150,
        learning_rate=0.05,
        min_samples_leaf=25,
        monotonic_cst=RISING,
        random_state=SEED,
    )
    return model.fit(features[rows], hits[rows], sample_weight=worth[rows])


def boosted(model: Any) -> Boosted:
    """The same trees without scikit-learn."""
    trees = []
    for (predictor,) in model._predictors:
        nodes = predictor.nodes
        leaf = nodes["is_leaf"].astype(bool)
        trees.append(
            Tree(
                feature=tuple(np.where(leaf, -1, nodes["feature_idx"]).tolist()),
                threshold=tuple(float(t) for t in np.where(leaf, 0.0, nodes["num_threshold"])),
                left=tuple(nodes["left"].tolist()),
                right=tuple(nodes["right"].tolist()),
                value=tuple(round(float(v), 6) for v in np.where(leaf, nodes["value"], 0.0)),
            )
        )
    return Boosted(baseline=float(model._baseline_prediction[0, 0]), trees=tuple(trees))


doubts = [doubted(s, f, fitted) for s, f in zip(everything, found, strict=True)]
features = np.array(
    [
        confidence_features(s.question, s.passages, s.marked, f, doubt)
        if f
        else np.zeros(len(RISING))
        for s, f, doubt in zip(everything, found, doubts, strict=True)
    ]
)
apart = np.zeros(len(everything))
for domain in dict.fromkeys(domains):
    own = domains == domain
    apart[own] = boost(~own if (~own).any() else own).predict_proba(features[own])[:, 1]


certain = np.array([not doubt for doubt in doubts])
threshold = answered_from((apart * certain)[of_field], hits[of_field], could[of_field])
unsure = round(float(np.quantile(apart[could & of_field], FALSE_REFUSALS)), 2)
final = boost(np.ones(len(everything), dtype=bool))
confidence = boosted(final)
same = [confidence.probability(row) for row in features]
assert np.allclose(same, final.predict_proba(features)[:, 1], atol=1e-3)

given = [
    quotes_of(s, f, fitted, sure=bool(confidence >= threshold))
    for s, f, confidence in zip(everything, found, apart, strict=True)
]
hits_given = np.array([right(s, q) for s, q in zip(everything, given, strict=True)])
f1s_given = np.array([word_f1(q, s.asked.evidence) for s, q in zip(everything, given, strict=True)])
pairs = [
    (relevance_features(*each), contains_answer([each[0].text], s.asked.answers))
    for s in everything
    for each in zip(s.passages, s.marked, sentences_in(s.passages), strict=False)
    if s.asked.answerable
]
of_pair, holds = np.array([row for row, _ in pairs]), np.array([there for _, there in pairs])
relevance = fit(of_pair, holds)

for domain in [*dict.fromkeys(domains), "field"]:
    own = of_field if domain == "field" else domains == domain
    answerable, not_answerable = own & could, own & ~could
    answered, shown = own & certain & (apart >= threshold), own & (apart >= unsure)
    line = {
        "right, best": hits[answerable].mean(),
        "answered right of all": (hits & answered)[answerable].mean(),
        "shown right of all": (hits_given & shown)[answerable].mean(),
        "answered are right": hits[answered].mean() if answered.any() else 0.0,
        "unanswerable answered": answered[not_answerable].mean(),
        "unanswerable unsure": (shown & ~answered)[not_answerable].mean(),
        "answerable refused": (~shown)[answerable].mean(),
        "AUROC": roc_auc_score(could[own], apart[own]),
        "AUROC right": roc_auc_score(hits[own], apart[own]),
        "calibration error": calibration_error(apart[own].tolist(), hits[own].tolist()),
        "evidence F1": f1s[answerable].mean(),
        "as given: calibration error": calibration_error(
            apart[own].tolist(), hits_given[own].tolist()
        ),
        "as given: evidence F1": f1s_given[answerable].mean(),
    }
    print(domain, {name: round(float(value or 0), 3) for name, value in line.items()})
fitted = fitted.model_copy(
    update={
        "confidence": confidence,
        "relevance": tuple(round(float(w), 4) for w in relevance),
        "threshold": threshold,
        "unsure_threshold": unsure,
    }
)
print(fitted.model_dump_json(exclude={"confidence"}))
if not arguments.dry:
    CALIBRATION.write_text(fitted.model_dump_json() + "\n", encoding="utf-8")
