"""Field sets: whether the passages that the reader is given hold the evidence, whole.

Each folder's documents lie in a store of their own, under `--out`, so that the next run embeds
nothing; every answerable question is asked as it stands on its own. It counts as found when each
string of its evidence is, as a run of whole words, in one of the first passages; as found loosely
when nine tenths of its words are in one, with its title and headings. "answers" is what
`footnote eval` means by reached: an answer stands in the first eight, of a list every one.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from common import show

from rag.answer import Passage
from rag.evaluate.datasets import Question, read
from rag.evaluate.evaluate import fill, holds_answer
from rag.evaluate.measures import contains_answer, mean
from rag.open_index import open_index
from rag.retrieve.near_duplicates import SPARE, fold
from rag.retrieve.retrieve import retrieve
from rag.rewrite.by_rule import standalone
from rag.settings import Settings

K = 8
CUTS = (4, K, 16)


def has_whole(passages: Sequence[Passage], evidence: Sequence[str]) -> bool:
    return all(contains_answer([each.text for each in passages], [one]) for one in evidence)


def has_most(passages: Sequence[Passage], evidence: Sequence[str]) -> bool:
    bags = [words(f"{each.title} {each.heading} {each.text}") for each in passages]
    wanted = [words(one) for one in evidence]
    return all(any((one & bag).total() >= 0.9 * one.total() for bag in bags) for one in wanted)


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def measured(folder: Path, out: Path) -> list[dict[str, float]]:
    """What became of each of the folder's questions, 1 or 0 for each cut and measure."""
    dataset = read(folder)
    settings = Settings(store=out / f"field-{folder.name}")
    index = open_index(settings)
    fill(index, dataset)

    def row(question: Question) -> dict[str, float]:
        asked = standalone(question.question, question.history, settings.max_question_chars)
        found = retrieve(index, asked, k=SPARE * CUTS[-1], depth=settings.depth)
        passages = fold(found, CUTS[-1], {})
        whole = {f"whole in {k}": has_whole(passages[:k], question.evidence) for k in CUTS}
        most = {f"loosely in {k}": has_most(passages[:k], question.evidence) for k in CUTS}
        answers = [each.text for each in passages[:K]]
        return {**whole, **most, "answers": holds_answer(answers, question.kind, question.answers)}

    rows = [row(each) for each in dataset.questions if each.answerable and each.evidence]
    index.close()
    return rows


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("folders", type=Path, nargs="+")
parser.add_argument("--out", type=Path, default=Path("results"))
arguments = parser.parse_args()
rows: list[dict[str, float]] = []
figures: dict[str, float | int | str] = {}
for folder in arguments.folders:
    of_set = measured(folder, arguments.out)
    rows += of_set
    for measure in (f"whole in {K}", f"loosely in {K}", "answers"):
        figures[f"{folder.name}: {measure}"] = mean([each[measure] for each in of_set]) or 0.0
    print(folder.name, len(of_set), "questions", flush=True)
figures["questions"] = len(rows)
figures |= {measure: mean([each[measure] for each in rows]) or 0.0 for measure in rows[0]}
show("field", figures, arguments.out)
