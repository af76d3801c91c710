"""A run against an earlier one whose report lies in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.errors import InvalidDataset
from rag.answer import Citation
from rag.evaluate.against import against
from rag.evaluate.evaluate import Record


def row(name: str, *, right: bool, verdict: str, answerable: bool = True) -> dict[str, object]:
    return {"id": name, "right": right, "verdict": verdict, "answerable": answerable}


def old_run(folder: Path, *rows: dict[str, object]) -> Path:
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return folder


def record(name: str, quote: str, verdict: str, *, answerable: bool = True) -> Record:
    cited = Citation(1, "d", "d", "d", None, 0, len(quote), quote, 1.0)
    answers = ("1889",) if answerable else ()
    return Record(name, "?", answers, answerable, {}, verdict=verdict, citations=(cited,))  # type: ignore[arg-type]


def test_what_was_won_and_what_was_lost(tmp_path: Path) -> None:
    old_run(
        tmp_path,
        row("a", right=True, verdict="unanswered"),
        row("b", right=True, verdict="unsure"),
        row("c", right=False, verdict="answered", answerable=False),
        row("d", right=True, verdict="answered"),
        row("gone", right=True, verdict="answered"),
    )
    found = against(
        tmp_path,
        [
            record("a", "In 1889.", "answered"),
            record("b", "In 1889.", "answered"),
            record("c", "Perhaps.", "unsure", answerable=False),
            record("d", "In 1899.", "answered"),
            record("new", "In 1889.", "answered"),
        ],
    )
    assert (found.questions, found.won, found.lost) == (4, ("a", "c"), ("d",))
    assert found.p_value == 1  # 2 against 1: every split of three is as uneven or more


def test_six_won_and_none_lost(tmp_path: Path) -> None:
    names = list("abcdef")
    old_run(tmp_path, *(row(name, right=False, verdict="answered") for name in names))
    found = against(tmp_path, [record(name, "In 1889.", "answered") for name in names])
    assert found.p_value == pytest.approx(2 / 2**6)


def test_a_run_over_other_questions_is_refused(tmp_path: Path) -> None:
    old_run(tmp_path, row("a", right=True, verdict="answered"))
    with pytest.raises(InvalidDataset, match="asked none of these questions"):
        against(tmp_path, [record("b", "In 1889.", "answered")])
    with pytest.raises(InvalidDataset, match="cannot be read"):
        against(tmp_path / "none", [record("b", "In 1889.", "answered")])
