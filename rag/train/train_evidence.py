"""Teach the reader which sentences of retrieved passages are evidence.

    python -m rag.train.train_evidence FIELD_SET … --tune FIELD_SET … --data ../shared/data
        --out evidence --minutes 75

Goes on from the shipped reader with a third logit for each token; a sentence's own is the mean over
its tokens, and a question's sentences compete with each other and with "none of these" over all the
passages retrieved for it. Inputs are what the product retrieves from each set's documents; a
question loses its evidence now and then, or asks for another number or name, so that what is left
must not be taken for it. Paragraphs of Wikipedia are read on the way, alone and beside others that
BM25 finds for the question, so that exact spans are not forgotten and logits mean the same there.
The clock sets the learning rate; a run goes on from its last checkpoint, with further sets if some
are named.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from tokenizers import Tokenizer
from torch.nn.functional import binary_cross_entropy_with_logits
from tqdm import tqdm
from transformers import AutoConfig, AutoModelForQuestionAnswering

from index.embed.embedder import embedder_of
from index.index import Index
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking
from index.text.embedded_text import context_of
from index.text.sentences import sentence_spans
from rag.evaluate.datasets import Question, read
from rag.read.span_logits import QUESTION_TOKENS, WINDOW
from rag.read.span_network import FOLDER, stored_weights
from rag.retrieve.retrieve import retrieve
from rag.rewrite.by_rule import standalone
from rag.train.selection import Section, Selected, dialogues, selections
from rag.train.train_reader import (
    Row,
    contrary,
    lines,
    normal,
    rivals,
    squad,
    swapped,
    without_answer,
)

RETRIEVED = 8
READ = 3  # passages of a question in training
FIELD, SELECTED, PARAGRAPHS = 4, 1, 3
"""Questions in a step: of field sets; of selected sentences or, every other step, of paragraphs
with rivals; of one paragraph each."""
CONTESTED = 6000  # questions of paragraphs with rivals
MADE = 1500  # questions of one paragraph that it doesn't answer, of each kind
BARE, CUT = 0.12, 0.18  # share of answerable questions that lose passages, or only sentences
EXCHANGED = 0.12  # share of answerable questions that ask for another number or name
NAMELESS = 0.15  # share of inputs without title and heading
DECAY, CLIP, WARMUP = 0.01, 1.0, 60
HEAD_RATE = 10  # times the learning rate of the rest
WORD = re.compile(r"\w+")
CODE = re.compile(r"(?<!\w)[\w./-]*\d[\w./-]*(?!\w)")
NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'-]+(?: [A-Z][\w'-]+)*")

options = argparse.ArgumentParser(description="Teach the reader what is evidence.")
options.add_argument("sets", type=Path, nargs="*")
options.add_argument("--tune", type=Path, nargs="*", default=[])
options.add_argument("--data", type=Path, default=Path("../shared/data"))
options.add_argument("--out", type=Path, default=Path("evidence"))
options.add_argument("--minutes", type=float, default=75)
options.add_argument("--rate", type=float, default=8e-5)
options.add_argument("--frozen", type=int, default=2, help="lowest layers that stay as they are")
options.add_argument("--seed", type=int, default=7)
options.add_argument("--threads", type=int, default=2)


@dataclass(frozen=True, slots=True)
class Seen:
    """A passage as it is read: `gold` and `spans` are (start, end) in its text."""

    title: str
    heading: str
    text: str
    sentences: tuple[tuple[int, int], ...]
    gold: tuple[bool, ...]  # of each sentence
    spans: tuple[tuple[int, int], ...]  # of the answers, within gold sentences


@dataclass(frozen=True, slots=True)
class Asked:
    question: str
    answers: tuple[str, ...]
    evidence: tuple[str, ...]
    answerable: bool
    passages: tuple[Seen, ...]


# ---- what is evidence in a passage ------------------------------------------------------------


def is_gold(sentence: str, evidence: Sequence[str]) -> bool:
    """Whether `sentence` says what one of `evidence` says, both as bags of words: the loader writes
    a row with its column heads, and may cut a sentence elsewhere."""
    words = Counter(WORD.findall(sentence.lower()))
    total = sum(words.values())
    for piece in evidence:
        other = Counter(WORD.findall(piece.lower()))
        of_piece = sum(other.values())
        same = sum((words & other).values())
        if of_piece and same >= 0.9 * of_piece and (of_piece > 2 or total < 40):
            return True
        if total > 3 and same >= 0.9 * total and same >= 0.3 * of_piece:
            return True
    return False


def seen(title: str, heading: str, text: str, question: Question) -> Seen:
    sentences = tuple(sentence_spans(text))
    gold = tuple(is_gold(text[a:b], question.evidence) for a, b in sentences)
    spans = [
        (a + found.start(), a + found.end())
        for (a, b), own in zip(sentences, gold, strict=True)
        if own
        for answer in question.answers
        for found in re.finditer(re.escape(answer), text[a:b], re.IGNORECASE)
    ]
    return Seen(title, heading, text, sentences, gold, tuple(dict.fromkeys(spans)))


def asked_of(folder: Path, embedder: Any) -> list[Asked]:
    """The questions of a field set with the passages that the product retrieves."""
    dataset = read(folder)
    made = []
    with tempfile.TemporaryDirectory() as store:
        index = Index(SqliteStore(Path(store)), embedder, Chunking())
        list(index.add(dataset.documents))
        for question in tqdm(dataset.questions, desc=folder.name):
            whole = standalone(question.question, question.history, 2000)
            passages = retrieve(index, whole, k=RETRIEVED, depth=100)
            found = tuple(seen(p.title, p.heading, p.text, question) for p in passages)
            made.append(
                Asked(whole, question.answers, question.evidence, question.answerable, found)
            )
    return made


def kept(folders: Sequence[Path], cache: Path, embedder: Any) -> list[Asked]:
    """`asked_of` each folder, remembered in `cache`."""
    made: list[Asked] = []
    for folder in folders:
        file = cache / f"{folder.resolve().name}.pickle"
        if not file.exists():
            file.write_bytes(pickle.dumps(asked_of(folder, embedder)))
        made += pickle.loads(file.read_bytes())
    return made


def of_row(row: Row) -> Seen:
    """A paragraph; its evidence is the sentence that holds the answer."""
    sentences = tuple(sentence_spans(row.text))
    places = tuple({(a, a + len(answer)) for a, answer in row.answers})
    gold = tuple(any(a < end and b > start for start, end in places) for a, b in sentences)
    return Seen(row.title, "", row.text, sentences, gold, places)


def contested(row: Row, others: Sequence[Row], rng: random.Random) -> tuple[str, list[Seen]]:
    """A question of a paragraph beside two others, or, for a third, of others alone."""
    own = [row] if rng.random() < 0.67 else []
    return row.question, [of_row(each) for each in (*own, *others[: READ - len(own)])]


def of_selected(selected: Selected) -> Asked:
    """A question whose evidence is whole sentences; no span is known."""

    def of_section(section: Section, places: Sequence[tuple[int, int]]) -> Seen:
        sentences = tuple(sentence_spans(section.text))
        gold = tuple(
            any(
                min(c, end) - max(a, start) > (c - a) / 2 or a <= start < end <= c
                for start, end in places
            )
            for a, c in sentences
        )
        return Seen(section.title, section.heading, section.text, sentences, gold, ())

    own = of_section(selected.passage, selected.gold)
    evidence = tuple(selected.passage.text[start:end] for start, end in selected.gold)
    passages = (own, *(of_section(other, ()) for other in selected.others))
    return Asked(selected.question, evidence, evidence, True, passages)


# ---- what is read in a step -------------------------------------------------------------------


def chosen(asked: Asked, rng: random.Random) -> list[Seen]:
    """Some of the retrieved passages: those with evidence, two at most, and others of the best;
    or, for some questions, what is left when the evidence is taken away."""
    holding = [p for p in asked.passages if any(p.gold)]
    others = [p for p in asked.passages if not any(p.gold)]
    drawn = rng.random()
    if holding and drawn < BARE + CUT:
        left = others if drawn < BARE else [without_gold(p) for p in holding] + others
        if not any(tells(p.text, asked.answers) for p in left):
            return left[:1] + rng.sample(left[1:], min(len(left) - 1, READ - 1)) if left else []
    few = holding if len(holding) < READ else rng.sample(holding, 2)
    weighted = sorted(range(len(others)), key=lambda i: i * rng.random())
    return few + [others[i] for i in weighted[: READ - len(few)]]


def exchanged(asked: Asked, names: Sequence[str], rng: random.Random) -> Asked | None:
    """`asked` for another number or name, of which its passages know nothing; None where it names
    neither."""
    texts = "\n".join(f"{p.title} {p.heading} {p.text}" for p in asked.passages).lower()
    spots = [*CODE.finditer(asked.question), *NAME.finditer(asked.question)]
    spots = [spot for spot in spots if spot.group().lower() in texts]
    if not spots:
        return None
    spot = rng.choice(spots)
    for _ in range(10):
        other = (
            re.sub(r"\d", lambda _: str(rng.randint(0, 9)), spot.group())
            if re.search(r"\d", spot.group())
            else rng.choice(names)
        )
        if other.lower() not in texts:
            question = asked.question[: spot.start()] + other + asked.question[spot.end() :]
            passages = tuple(
                replace(p, gold=(False,) * len(p.gold), spans=()) for p in asked.passages
            )
            return Asked(question, (), (), False, passages)
    return None


def tells(text: str, answers: Sequence[str]) -> bool:
    text = f" {normal(text)} "
    return any(f" {normal(answer)} " in text for answer in answers)


def without_gold(passage: Seen) -> Seen:
    text = passage.text
    for (a, b), own in reversed(list(zip(passage.sentences, passage.gold, strict=True))):
        text = text[:a] + text[b:] if own else text
    sentences = tuple(sentence_spans(text))
    return replace(
        passage, text=text, sentences=sentences, gold=(False,) * len(sentences), spans=()
    )


def as_typed(question: str, rng: random.Random) -> str:
    return question.lower().rstrip("?.! ") if rng.random() < 0.1 else question


@dataclass(frozen=True, slots=True)
class Batch:
    """ids, mask, segment [b, l]; `text` [b, l] is true at [CLS] and in the text; `sentences` are
    rows (input, first token, last token + 1), with `gold` and the `owner` question of each;
    `starts` and `ends` [b, l] are true where an answer may, [CLS] where there is none; `spanned`
    [b] where they are known."""

    ids: torch.Tensor
    mask: torch.Tensor
    segment: torch.Tensor
    text: torch.Tensor
    sentences: list[tuple[int, int, int]]
    gold: torch.Tensor
    owner: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    spanned: torch.Tensor
    questions: int


class Encoder:
    """Question and passage to tokens as the product reads them."""

    def __init__(self) -> None:
        self.asked, self.pair = (
            Tokenizer.from_file(str(FOLDER / "tokenizer.json")) for _ in range(2)
        )
        self.asked.enable_truncation(QUESTION_TOKENS)
        self.pair.enable_truncation(WINDOW, strategy="only_second")

    def batch(self, questions: Sequence[tuple[str, Sequence[Seen]]], nameless: Any) -> Batch:
        inputs = [
            (number, question, passage)
            for number, (question, passages) in enumerate(questions)
            for passage in passages
        ]
        contexts = ["" if nameless() else context_of(p.title, p.heading) for _, _, p in inputs]
        prefixes = [f"{context}: " if context else "" for context in contexts]
        pairs = [(q, prefix + p.text) for (_, q, p), prefix in zip(inputs, prefixes, strict=True)]
        encoded = self.pair.encode_batch(pairs)
        b, longest = len(encoded), -(-max(len(e.ids) for e in encoded) // 8) * 8
        ids = torch.zeros(b, longest, dtype=torch.long)
        mask, segment = ids.clone(), ids.clone()
        text, starts, ends = (torch.zeros(b, longest, dtype=torch.bool) for _ in range(3))
        spanned = torch.ones(b, dtype=torch.bool)
        sentences, gold, owner = [], [], []
        for i, (e, (number, _, passage), prefix) in enumerate(
            zip(encoded, inputs, prefixes, strict=True)
        ):
            n = len(e.ids)
            ids[i, :n], mask[i, :n] = torch.tensor(e.ids), 1
            segment[i, :n] = torch.tensor(e.type_ids)
            where = [
                (t, a - len(prefix), c - len(prefix))
                for t, ((a, c), part) in enumerate(zip(e.offsets, e.sequence_ids, strict=True))
                if part == 1 and a >= len(prefix)
            ]
            text[i, 0] = True
            text[i, [t for t, _, _ in where]] = True
            for (a, c), own in zip(passage.sentences, passage.gold, strict=True):
                inside = [t for t, first, last in where if first < c and last > a]
                if inside:
                    sentences.append((i, inside[0], inside[-1] + 1))
                    gold.append(own)
                    owner.append(number)
            for a, c in passage.spans:
                inside = [t for t, first, last in where if first < c and last > a]
                if inside:
                    starts[i, inside[0]] = ends[i, inside[-1]] = True
            if not starts[i].any():
                if any(passage.gold):
                    spanned[i] = False
                starts[i, 0] = ends[i, 0] = True
        return Batch(
            ids=ids,
            mask=mask,
            segment=segment,
            text=text,
            sentences=sentences,
            gold=torch.tensor(gold, dtype=torch.float),
            owner=torch.tensor(owner),
            starts=starts,
            ends=ends,
            spanned=spanned,
            questions=len(questions),
        )


# ---- the model --------------------------------------------------------------------------------


def logits(model: Any, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Start and end [b, l], minus infinity outside [CLS] and the text; evidence [sentences]."""
    lengths = batch.mask.sum(1)
    scores = torch.zeros(*batch.ids.shape, 3)
    for some in torch.argsort(lengths).chunk(3):  # of like lengths, so that little is padding
        n = int(lengths[some].max())
        hidden = model.bert(
            input_ids=batch.ids[some, :n],
            attention_mask=batch.mask[some, :n],
            token_type_ids=batch.segment[some, :n],
        ).last_hidden_state
        padded = torch.nn.functional.pad(model.qa_outputs(hidden), (0, 0, 0, scores.shape[1] - n))
        scores = scores.index_copy(0, some, padded)
    start, end, evidence = scores.unbind(-1)
    start, end = (x.masked_fill(~batch.text, float("-inf")) for x in (start, end))
    summed = torch.nn.functional.pad(evidence.cumsum(1), (1, 0))
    row, first, last = torch.tensor(batch.sentences).unbind(1)
    return start, end, (summed[row, last] - summed[row, first]) / (last - first)


def loss_of(model: Any, batch: Batch) -> torch.Tensor:
    start, end, evidence = logits(model, batch)
    total = torch.zeros(())
    apart = binary_cross_entropy_with_logits(evidence, batch.gold, reduction="none")
    for question in range(batch.questions):
        own = batch.owner == question
        scores, gold = evidence[own], batch.gold[own].bool()
        among = torch.logsumexp(torch.cat([scores, torch.zeros(1)]), 0)
        right = torch.logsumexp(scores[gold], 0) if gold.any() else torch.zeros(())
        total = total + among - right + apart[own].sum() / (gold.sum() + 2)
    spans = torch.zeros(())
    for scores, there in ((start, batch.starts), (end, batch.ends)):
        right = torch.logsumexp(scores.masked_fill(~there, float("-inf")), 1)
        spans = spans + (torch.logsumexp(scores, 1) - right)[batch.spanned].mean()
    return total / batch.questions + spans / 2


@torch.no_grad()
def measure(model: Any, encoder: Encoder, asked: Sequence[Asked]) -> dict[str, float]:
    """Of all answerable questions, the share whose best sentence is gold; AUROC of the best
    sentence's logit, answerable against not; the best word F1 of all sentences above a logit."""
    model.eval()
    best, right, of_all = [], [], []
    for each in asked:
        batch = encoder.batch([(each.question, each.passages[:6])], lambda: False)
        _, _, evidence = logits(model, batch)
        top = int(evidence.argmax())
        best.append(float(evidence[top]))
        right.append(bool(batch.gold[top]))
        of_all.append((evidence.numpy(), batch.gold.numpy()))
    model.train()
    answerable = np.array([each.answerable for each in asked])
    scores = []
    for least in np.arange(-3, 3, 0.25):
        found = [
            2 * gold[e >= least].sum() / max((e >= least).sum() + gold.sum(), 1)
            for (e, gold), could in zip(of_all, answerable, strict=True)
            if could
        ]
        scores.append(float(np.mean(found)))
    return {
        "best": float(np.array(right)[answerable].mean()),
        "auroc": float(roc_auc_score(answerable, best)),
        "auroc_right": float(roc_auc_score(np.array(right), best)),
        "sentence_f1": max(scores),
    }


# ---- the run ----------------------------------------------------------------------------------


def main() -> None:
    args = options.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    out: Path = args.out
    (out / "cache").mkdir(parents=True, exist_ok=True)
    log = (out / "log.jsonl").open("a", encoding="utf-8")
    embedder = embedder_of()
    field = kept(args.sets, out / "cache", embedder)
    field = [a for a in field if a.passages]
    tune = random.Random(0).sample(kept(args.tune, out / "cache", embedder), 160)
    more = args.data / "extractive"
    rows = squad(args.data / "squad" / "train.json.gz")
    rows += lines(more / "qed_nq_train.jsonl.gz", titled=True)
    rows += lines(more / "squad2_train_pieces.jsonl.gz", titled=False)
    rows += lines(more / "squadshifts_new_wiki.jsonl.gz", titled=True)
    held_out = {row.text for row in squad(args.data / "squad" / "dev.json.gz")}
    rows = [row for row in rows if row.text not in held_out and len(row.text) < 1200]
    making = random.Random(args.seed)
    rivalled = rivals(rows, making, CONTESTED)
    made = [make(rows, making, MADE) for make in (swapped, contrary, without_answer)]
    rows += [row for some in made for row in some]
    selected = [
        of_selected(each)
        for each in (
            *dialogues(more / "doc2dial_val.jsonl.gz", making),
            *selections(args.data / "sentences" / "selqa_devtest.jsonl.gz", making),
        )
    ]
    names = sorted({found for a in field for found in NAME.findall(a.question)})
    counts = {
        "field": len(field),
        "with_evidence": sum(any(any(p.gold) for p in a.passages) for a in field),
        "answerable": sum(a.answerable for a in field),
        "with_span": sum(any(p.spans for p in a.passages) for a in field),
        "paragraphs": len(rows),
        "with_rivals": len(rivalled),
        "selected": len(selected),
        "names": len(names),
    }
    print(json.dumps(counts), file=log, flush=True)

    config = AutoConfig.from_pretrained(FOLDER, num_labels=3)
    config.attention_probs_dropout_prob = 0.0
    model: Any = AutoModelForQuestionAnswering.from_config(config, attn_implementation="sdpa")
    weights = stored_weights(FOLDER / "model.safetensors")
    for name in ("qa_outputs.weight", "qa_outputs.bias"):
        if len(weights[name]) == 2:
            third = np.zeros_like(weights[name][:1]) - (2.0 if name.endswith("bias") else 0.0)
            weights[name] = np.concatenate([weights[name], third])
    model.load_state_dict({name: torch.from_numpy(rows) for name, rows in weights.items()})
    model.bert.embeddings.requires_grad_(False)
    for layer in model.bert.encoder.layer[: args.frozen]:
        layer.requires_grad_(False)
    body = [p for p in model.bert.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for p in body if p.ndim > 1], "weight_decay": DECAY, "times": 1},
            {"params": [p for p in body if p.ndim == 1], "weight_decay": 0.0, "times": 1},
            {
                "params": list(model.qa_outputs.parameters()),
                "weight_decay": 0.0,
                "times": HEAD_RATE,
            },
        ],
        lr=args.rate,
        betas=(0.9, 0.98),
        fused=True,
    )
    step, elapsed = 0, 0.0
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        step, elapsed = saved["step"], saved["elapsed"]
        model.load_state_dict(saved["weights"])
        optimiser.load_state_dict(saved["optimiser"])
    begun = time.monotonic() - elapsed

    def save() -> None:
        state = {
            "step": step,
            "elapsed": time.monotonic() - begun,
            "weights": model.state_dict(),
            "optimiser": optimiser.state_dict(),
        }
        torch.save(state, checkpoint.with_suffix(".new"))
        os.replace(checkpoint.with_suffix(".new"), checkpoint)

    encoder = Encoder()
    losses: list[float] = []
    saved_at = evaluated_at = time.monotonic()
    bar = tqdm(total=round(60 * args.minutes), initial=round(elapsed), unit="s", mininterval=10)
    model.train()
    while (share := (time.monotonic() - begun) / (60 * args.minutes + 1e-9)) < 1:
        rng = random.Random(f"{args.seed} {step}")
        for group in optimiser.param_groups:
            group["lr"] = args.rate * group["times"] * min((step + 1) / WARMUP, 1.0) * (1 - share)
        alone = step % 2 == 0
        drawn = rng.sample(field, FIELD) + rng.sample(selected, SELECTED if alone else 0)
        drawn = [
            (rng.random() < EXCHANGED and a.answerable and exchanged(a, names, rng)) or a
            for a in drawn
        ]
        questions = [(as_typed(a.question, rng), chosen(a, rng)) for a in drawn]
        questions += [(row.question, [of_row(row)]) for row in rng.sample(rows, PARAGRAPHS)]
        questions += [
            contested(*pair, rng) for pair in rng.sample(rivalled, 0 if alone else SELECTED)
        ]
        questions = [(q, passages) for q, passages in questions if passages]
        batch = encoder.batch(questions, lambda rng=rng: rng.random() < NAMELESS)
        loss = loss_of(model, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimiser.step()
        optimiser.zero_grad()
        step += 1
        losses.append(loss.item())
        now = time.monotonic()
        bar.n = min(bar.total, round(now - begun))
        bar.set_postfix(step=step, loss=f"{np.mean(losses[-50:]):.3f}", refresh=False)
        bar.update(0)
        if step % 25 == 0:
            line = {"step": step, "minutes": (now - begun) / 60, "loss": np.mean(losses[-50:])}
            print(json.dumps(line), file=log, flush=True)
        if now - saved_at > 180:
            save()
            saved_at = time.monotonic()
        if now - evaluated_at > 900:
            figures = measure(model, encoder, tune)
            print(json.dumps({"step": step, "tune": figures}), file=log, flush=True)
            evaluated_at = time.monotonic()
    bar.close()
    save()
    print(json.dumps({"step": step, "tune": measure(model, encoder, tune)}), file=log, flush=True)
    model.config.attention_probs_dropout_prob = 0.1
    model.save_pretrained(out / "float32")


if __name__ == "__main__":
    main()
