"""The ways to run all-MiniLM-L6-v2, interleaved: speed, and what each costs in quality.

Speed is that of texts of 128 and of 256 tokens and of one short question; the arithmetic of the
matrices is set against what numpy's matrix product reaches here. Quality is the cosine to
sentence-transformers' float32 vectors, and nDCG@10 of dense search alone over whole documents.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from arithmetic import operations, peak
from common import parse, percentile, show, squad

from index.document import Document
from index.embed.embedder import Embedder
from index.embed.minilm import PackagedEmbedder
from index.embed.sentence_transformer import SentenceTransformerEmbedder
from index.inference.processor import has_bfloat16
from index.inference.session import cores
from index.vectors.exact import ExactVectors
from rag.evaluate.datasets import Question, read
from rag.evaluate.measures import retrieval

arguments = parse(__doc__ or "", texts=64, rounds=4, documents=2500, questions=2500)
ways: dict[str, Embedder] = {
    "sentence-transformers": SentenceTransformerEmbedder(),
    "float32": PackagedEmbedder("float32"),
    "int8": PackagedEmbedder("int8"),
}
if has_bfloat16():
    ways["bfloat16"] = SentenceTransformerEmbedder(bfloat16=True)


def texts_of(documents: Sequence[Document], tokens: int) -> list[str]:
    """So many texts of just so many tokens, special ones included."""
    count = ways["float32"].count_tokens
    words = " ".join(document.text for document in documents[:400]).split()
    texts = []
    while len(texts) < arguments.texts:
        take = tokens // 2
        while count([" ".join(words[: take + 1])])[0] <= tokens - 2:
            take += 1
        texts.append(" ".join(words[:take]))
        words = words[take:]
    return texts


documents, questions = squad(arguments.data)
figures: dict[str, float | int | str] = {"cores": cores()}
most = peak()
figures["numpy's float32 peak, GFLOP/s"] = most / 1e9
for tokens in (128, 256):
    texts = texts_of(documents, tokens)
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(arguments.rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way.passages(texts)
            rates[name].append(len(texts) / (time.perf_counter() - start))
    for name, rate in rates.items():
        figures[f"{name}, {tokens} tokens, texts/s"] = float(np.median(rate))
        share = float(np.median(rate)) * operations(tokens) / most
        figures[f"{name}, {tokens} tokens, share of that peak"] = share
    for name in ways:
        ratio = np.median(np.array(rates[name]) / np.array(rates["sentence-transformers"]))
        figures[f"{name} / sentence-transformers, {tokens} tokens"] = float(ratio)
laps: dict[str, list[float]] = {name: [] for name in ways}
for question in questions[: 50 * arguments.rounds]:
    for name, way in ways.items():
        start = time.perf_counter()
        way.queries([question.question])
        laps[name].append((time.perf_counter() - start) * 1000)
for name, took in laps.items():
    figures[f"{name}, one question p50, ms"] = percentile(took, 0.5)


def ndcg(way: Embedder, documents: Sequence[Document], asked: Sequence[Question]) -> float:
    vectors = way.passages([f"{each.title}\n{each.text}" for each in documents])
    store = ExactVectors(way.dim)
    store.add(np.arange(len(documents)), vectors)
    measured.append(vectors)
    _, found = store.search(way.queries([each.question for each in asked]), 10)
    result = retrieval(
        {each.id: each.relevant for each in asked},
        {
            each.id: [documents[row].uri for row in rows]
            for each, rows in zip(asked, found, strict=True)
        },
    )
    return result.ndcg_at_10 if result else 0.0


sets = [*sorted((arguments.data / "beir").iterdir()), arguments.data / "squad" / "dev.json.gz"]
for path in sets:
    dataset = read(path)
    some = dataset.documents[: arguments.documents]
    asked = [q for q in dataset.questions if q.relevant][: arguments.questions]
    label = path.parent.name if path.is_file() else path.name
    measured: list[np.ndarray] = []
    for name, way in ways.items():
        figures[f"{label}, {name}, nDCG@10"] = ndcg(way, some, asked)
        if len(measured) > 1:
            cosines = (measured[0] * measured[-1]).sum(axis=1)
            figures[f"{label}, {name}, mean cosine"] = float(cosines.mean())
show("embed", figures, arguments.out)
