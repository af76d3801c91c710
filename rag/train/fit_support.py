"""Fits how well a quote bears out a sentence, and reports what that is worth.

    python -m rag.train.fit_support SENTENCES 2WIKI

SENTENCES is the folder of entailment pairs, 2WIKI the questions with written-out answers. Weights
come from `nli_fool_me_twice` (Apache-2.0), `nli_fever_symmetric` (CC BY-SA 3.0) and 2WIKI
(Apache-2.0): of a statement there, the sentence that it was written from; the same with its object
exchanged for another of its kind; and another sentence of the document. A supported claim is also
paired with the evidence of another that is close to it. The other files are reported on and never
fitted on: their licences forbid it, or they state none.

Pairs that share a claim, a premise or an article are on one side of the split; the figures are
of the four in ten that are held apart. Writes `models/support.json`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from index.embed.embedder import embedder_of
from index.text.sentences import sentence_spans
from rag.cite.support import PARAMETERS, Quoted, Rarity, contradicts, features
from rag.facts.facts import missing, sources

SEED = 20261124
FITTED = ["fool_me_twice", "fever_symmetric", "2wiki"]
REPORTED = ["climate_fever", "sick", "mctest"]
FILES = {"mctest": "mctest_statements.jsonl.gz"}
MOST_CLAIMS = 300  # of each set that is only reported on
NEIGHBOURS = 60  # the evidence closest to a claim, of which one that is not its own is taken
PRECISION = 0.8  # at which the threshold is set


@dataclass(frozen=True)
class Pair:
    """A claim and a premise; `passage` is the text that facts may stand in."""

    dataset: str
    claim: str
    premise: str
    title: str
    passage: str
    supported: bool
    kind: str


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("sentences", type=Path)
parser.add_argument("wiki", type=Path)
arguments = parser.parse_args()
chosen = random.Random(SEED)


def entailment(name: str) -> list[Pair]:
    path = arguments.sentences / FILES.get(name, f"nli_{name}.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    pairs = [
        Pair(
            name,
            row["hypothesis"],
            row["premise"],
            row.get("title") or "",
            row["premise"],
            row["label"] == "entailment",
            row["label"],
        )
        for row in rows
    ]
    if name in FITTED:
        return pairs
    by = "premise" if name == "mctest" else "claim"
    keys = sorted({getattr(pair, by) for pair in pairs})
    kept = set(chosen.sample(keys, min(MOST_CLAIMS // (10 if by == "premise" else 1), len(keys))))
    return [pair for pair in pairs if getattr(pair, by) in kept]


def statements() -> list[Pair]:
    """Of each written-out answer whose subject and object are told: the sentence it comes from,
    the same sentence for another object, and another sentence."""
    with gzip.open(arguments.wiki, "rt", encoding="utf-8") as file:
        rows = json.load(file)
    objects = defaultdict(set)
    for row in rows:
        for _, relation, thing in row["evidences"]:
            objects[relation].add(thing)
    pairs: dict[str, list[Pair]] = {}
    for row in rows:
        context = dict(row["context"])
        for answer in (each["answer"] for each in row["qa_pairs"]):
            told = [(s, r, o) for s, r, o in row["evidences"] if s in answer and o in answer]
            facts = [(t, n) for t, n in row["supporting_facts"] if t in context]
            places = [(t, n) for t, n in facts for s, _, _ in told if t.split(" (")[0] == s]
            if len(told) != 1 or len(places) != 1 or places[0][1] >= len(context[places[0][0]]):
                continue
            ((_, relation, thing),), ((title, number),) = told, places
            passage = " ".join(context[title])
            premise = context[title][number]
            others = [sentence for sentence in context[title] if sentence != premise]
            made = [Pair("2wiki", answer, premise, title, passage, True, "written from it")]
            if exchanged := sorted(objects[relation] - {thing}):
                claim = answer.replace(thing, chosen.choice(exchanged))
                made.append(Pair("2wiki", claim, premise, title, passage, False, "exchanged"))
            elsewhere = chosen.choice([other for other in context if other != title])
            sentence = chosen.choice(context[elsewhere])
            whole = " ".join(context[elsewhere])
            made.append(Pair("2wiki", answer, sentence, elsewhere, whole, False, "elsewhere"))
            if others:
                beside = chosen.choice(others)
                made.append(Pair("2wiki", answer, beside, title, passage, False, "beside it"))
            pairs.setdefault(answer, made)
    return [pair for made in pairs.values() for pair in made]


parents: dict[str, str] = {}


def root(key: str) -> str:
    while parents.setdefault(key, key) != key:
        key = parents[key]
    return key


def apart(key: str) -> bool:
    return int(hashlib.sha256(root(key).encode()).hexdigest(), 16) % 10 < 4


def held_apart(pair: Pair) -> bool:
    return apart(f"claim {pair.claim}")


pairs = [*statements(), *(each for name in [*FITTED[:2], *REPORTED] for each in entailment(name))]
for pair in pairs:
    for key in (f"premise {pair.premise}", *([f"title {pair.title}"] if pair.title else [])):
        if pair.dataset in FITTED and pair.kind != "elsewhere":
            parents[root(key)] = root(f"claim {pair.claim}")

pairs = [
    pair
    for pair in pairs
    if pair.kind != "elsewhere" or apart(f"title {pair.title}") == held_apart(pair)
]
embedder = embedder_of(precision="float32")


def sentences(pair: Pair) -> list[str]:
    prefix = f"{pair.title}: " if pair.title else ""
    return [prefix + pair.premise[a:b] for a, b in sentence_spans(pair.premise)] or [prefix]


texts = sorted({t for pair in pairs for t in (pair.claim, *sentences(pair))}, key=len)
vectors: dict[str, NDArray[np.float32]] = {}
for start in tqdm(range(0, len(texts), 512), desc="embed"):
    stretch = texts[start : start + 512]
    vectors.update(zip(stretch, embedder.passages(stretch), strict=True))


def premise_vector(pair: Pair) -> NDArray[np.float32]:
    total = np.sum([vectors[text] for text in sentences(pair)], axis=0)
    return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


mismatched = []
for name in FITTED[:2]:
    for side in (False, True):
        among = [p for p in pairs if p.dataset == name and held_apart(p) == side]
        matrix = np.stack([premise_vector(p) for p in among])
        for pair in (p for p in among if p.supported):
            own = {p.premise for p in among if p.claim == pair.claim}
            near = np.argsort(-(matrix @ vectors[pair.claim]))[:NEIGHBOURS]
            if foreign := [among[i] for i in near if among[i].premise not in own][:7]:
                other = chosen.choice(foreign)
                mismatched.append(
                    Pair(name, pair.claim, other.premise, other.title, other.premise, False, "near")
                )
pairs += mismatched
rarity = {
    name: Rarity({p.premise for p in pairs if p.dataset == name}) for name in [*FITTED, *REPORTED]
}
x = np.array(
    [
        features(
            p.claim,
            Quoted(p.premise, p.title),
            float(premise_vector(p) @ vectors[p.claim]),
            rarity[p.dataset],
        )
        for p in tqdm(pairs, desc="features")
    ]
)
y = np.array([p.supported for p in pairs])
dataset = np.array([p.dataset for p in pairs])
given = np.array([p.kind != "near" for p in pairs])
refuted = np.array(
    [
        bool(missing(p.claim, sources((p.title, p.passage))))
        or contradicts(p.claim, Quoted(p.premise, p.title))
        for p in pairs
    ]
)
test = np.array([held_apart(p) for p in pairs])
train = ~test & np.isin(dataset, FITTED)
weight = np.array([1 / np.sqrt((train & (dataset == name)).sum() or 1) for name in dataset])
model = LogisticRegression(C=10, max_iter=5000)
model.fit(x[train], y[train], sample_weight=weight[train] / weight[train].mean())
scores = model.predict_proba(x)[:, 1]

order = np.argsort(-np.where(refuted, 0, scores)[train])
precision = np.cumsum(y[train][order]) / np.arange(1, len(order) + 1)
threshold = float(scores[train][order][np.flatnonzero(precision >= PRECISION)[-1]])
parameters = {
    "weights": [round(float(w), 4) for w in (*model.coef_[0], model.intercept_[0])],
    "threshold": [round(threshold, 2)],
}
PARAMETERS.write_text(json.dumps(parameters) + "\n", encoding="utf-8")
print(json.dumps(parameters))

checked = np.where(refuted, scores * threshold, scores)
print("| pairs not fitted on | n | cosine | words | fitted | and checked | precision | recall |")
groups = {name: dataset == name for name in [*FITTED, *REPORTED]}
groups = {name: rows & given for name, rows in groups.items()}
groups |= {"the first three": np.isin(dataset, FITTED) & given}
groups |= {"and near evidence": np.isin(dataset, FITTED)}
for name, rows in groups.items():
    rows = rows & (test | np.isin(dataset, REPORTED))
    figures = [roc_auc_score(y[rows], each[rows]) for each in (x[:, 0], x[:, 1], scores, checked)]
    passed = rows & ~refuted & (scores >= threshold)
    figures += [y[passed].mean(), y[passed].sum() / y[rows].sum()]
    print(f"| {name} | {rows.sum()} |", " | ".join(f"{each:.3f}" for each in figures), "|")
for kind in ("written from it", "exchanged", "beside it", "elsewhere"):
    rows = test & np.array([p.kind == kind for p in pairs])
    print(f"2wiki, {kind}: {np.mean((~refuted & (scores >= threshold))[rows]):.3f} supported")
