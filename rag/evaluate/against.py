"""Two runs over the same questions, compared question by question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import InvalidDataset
from rag.evaluate.evaluate import QUESTIONS, Record
from rag.evaluate.json_rows import objects, read_text, take


@dataclass(frozen=True, slots=True)
class Won:
    """Questions that both runs asked; the ids of those that only the new one, and only the old
    one, answered well (see `good`); and the probability of so uneven a split, or a more uneven
    one, if the runs were equally good (two-sided exact test of McNemar, 1947)."""

    questions: int
    won: tuple[str, ...]
    lost: tuple[str, ...]
    p_value: float


def good(answerable: bool, right: bool, verdict: str) -> bool:
    """Whether a question got what it should: an answerable one a right answer that was shown, be it
    as unsure; another one anything but an answer."""
    return (right and verdict != "unanswered") if answerable else verdict != "answered"


def against(folder: Path, records: Sequence[Record]) -> Won:
    """`records` against the run whose report is in `folder`. Raises `InvalidDataset` where there is
    none, or none of the same questions."""
    path = folder / QUESTIONS
    old = {
        take(row, "id", str, where): good(
            take(row, "answerable", bool, where),
            take(row, "right", bool, where),
            take(row, "verdict", str, where),
        )
        for where, row in objects(path, read_text(path))
    }
    new = {
        each.id: good(each.answerable, each.right, each.verdict)
        for each in records
        if each.graded and each.id in old
    }
    if not new:
        raise InvalidDataset(f"{folder}: its run asked none of these questions; name another one")
    won = tuple(name for name, well in new.items() if well and not old[name])
    lost = tuple(name for name, well in new.items() if not well and old[name])
    return Won(len(new), won, lost, _p_value(len(won), len(lost)))


def _p_value(won: int, lost: int) -> float:
    from scipy.stats import binomtest

    return float(binomtest(won, won + lost).pvalue) if won + lost else 1.0
