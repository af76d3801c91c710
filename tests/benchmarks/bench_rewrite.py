"""Follow-ups rewritten to stand alone, against not rewriting, appending the last question, and the
rewrites of people.

ROUGE-1 F1 to the human rewrite, and how often retrieval over the SQuAD and HotpotQA passages has
the same chunk first as for it. CAsT has no answers in its histories; CANARD's begin with an article
and a section, taken for a first turn. With FOOTNOTE_CHAT_URL a language model rewrites too.
`--store FOLDER` keeps the indexed passages between runs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from common import show
from numpy.typing import NDArray

from index.index import Index
from rag.answer import Turn
from rag.chat.remote_chat import RemoteChat
from rag.evaluate.datasets import read
from rag.evaluate.measures import rouge1
from rag.open_index import open_index
from rag.retrieve.retrieve import retrieve
from rag.rewrite.by_chat import ChatRewriter
from rag.rewrite.by_rule import by_rule
from rag.settings import Settings
from rag.stop import Stop

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", type=Path, required=True)
parser.add_argument("--out", type=Path, default=Path("results"))
parser.add_argument("--store", type=Path)
parser.add_argument("--canard", type=int, default=600, help="rows of CANARD, drawn with seed 7")
parser.add_argument("--sets", nargs="*", help="only these, such as 'CAsT 2019'")
arguments = parser.parse_args()


@dataclass(frozen=True)
class Row:
    history: tuple[Turn, ...]
    question: str
    rewrite: str


class Encoded:
    """The store's embedder with the vectors of all questions made at once."""

    def __init__(self, index: Index, questions: Sequence[str]) -> None:
        self.name, self.dim = index.embedder.name, index.embedder.dim
        self.max_tokens, self.count_tokens = index.embedder.max_tokens, index.embedder.count_tokens
        self.passages = index.embedder.passages
        self._rows = {question: row for row, question in enumerate(questions)}
        self._vectors = index.embedder.queries(questions)

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._vectors[[self._rows[text] for text in texts]]


def lines(name: str) -> list[dict[str, object]]:
    with gzip.open(arguments.data / name, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def cast(year: str) -> dict[str, list[Row]]:
    """The rows of one year by topic, in order."""
    topics: dict[str, list[Row]] = {}
    for row in lines("rewrite-cast-2019-2020.jsonl.gz"):
        when, topic, _ = str(row["id"]).split("_")
        if when == year:
            said = tuple(Turn("user", turn["text"]) for turn in row["history"])  # type: ignore[attr-defined]
            both = str(row["question"]).strip(), str(row["rewrite"]).strip()
            topics.setdefault(topic, []).append(Row(said, *both))
    return topics


def canard(number: int) -> list[Row]:
    drawn = []
    for row in random.Random(7).sample(lines("rewrite-canard-dev.jsonl.gz"), number):
        article, section, *said = row["history"]  # type: ignore[misc]
        turns = [Turn("user", f"{article}, {section}")]
        turns += [Turn(("user", "assistant")[n % 2], text) for n, text in enumerate(said)]
        drawn.append(Row(tuple(turns), str(row["question"]), str(row["rewrite"])))
    return drawn


def with_last(row: Row) -> str:
    asked = [turn.content for turn in row.history if turn.role == "user"]
    return " ".join([*asked[-1:], row.question])


settings = Settings()
ways: dict[str, Callable[[Row], str]] = {
    "no rewriting": lambda row: row.question,
    "the last question in front": with_last,
    "rule": lambda row: by_rule(row.question, row.history, 2000, Stop()).question,
}
if settings.chat_url:
    chat = ChatRewriter(RemoteChat(settings.chat_url, settings.chat_model), settings.chat_tokens)
    ways["language model"] = lambda row: chat(row.question, row.history, 2000, Stop()).question

topics = list(cast("2020").values())
half = (len(topics) + 1) // 2
sets = {
    "CAsT 2019": list(chain.from_iterable(cast("2019").values())),
    "CAsT 2020, first half": list(chain.from_iterable(topics[:half])),
    "CAsT 2020, second half": list(chain.from_iterable(topics[half:])),
    "CANARD": canard(arguments.canard),
}
sets = {name: rows for name, rows in sets.items() if name in (arguments.sets or sets)}

index = open_index(Settings(store=arguments.store or Path(tempfile.mkdtemp())))
corpora = [arguments.data / "squad/train.json.gz", arguments.data / "beir/hotpotqa-200"]
for _ in index.add(read(arguments.data / "squad/dev.json.gz", corpora=corpora).documents):
    pass
written = {
    name: {way: [rewrite(row) for row in rows] for way, rewrite in ways.items()}
    for name, rows in sets.items()
}
every = {row.rewrite for rows in sets.values() for row in rows}
every |= {text for texts in written.values() for way in texts.values() for text in way}
index.embedder = Encoded(index, sorted(every))
first = {text: retrieve(index, text, k=1, depth=100)[0].chunk_id for text in sorted(every)}

figures: dict[str, float | int | str] = {}
for name, rows in sets.items():
    figures[f"{name}: questions"] = len(rows)
    figures[f"{name}: of these standing alone"] = sum(row.question == row.rewrite for row in rows)
    for way, texts in written[name].items():
        pairs = list(zip(texts, rows, strict=True))
        alone = [text == row.question for text, row in pairs if row.question == row.rewrite]
        figures[f"{name}: {way}, ROUGE-1 F1"] = float(
            np.mean([rouge1(text, row.rewrite) for text, row in pairs])
        )
        figures[f"{name}: {way}, same first passage"] = float(
            np.mean([first[text] == first[row.rewrite] for text, row in pairs])
        )
        figures[f"{name}: {way}, left alone where it stands alone"] = float(np.mean(alone))
index.close()
show("rewrite", figures, arguments.out)
