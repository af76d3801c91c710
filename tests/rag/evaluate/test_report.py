"""The report: its tables, and the files that it leaves."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import InvalidDataset
from rag.evaluate import report
from rag.evaluate.evaluate import Filled, Record
from rag.evaluate.figures import figures, store_figures

STORE = store_figures(Filled(10, 20, 4, 800, 2.0), size=2_500_000, peak_memory=5_000_000)
FOUND = Record(
    "a",
    "Which | one?",
    ("1889",),
    True,
    {"gold": 1},
    retrieved={"convex": ("x", "gold")},
    timings={"search: convex": 2.0},
)
FAILED = replace(FOUND, id="b", retrieved={}, timings={}, error="OSError: disk\nfull")
RECORDS = [FOUND, FAILED]
FIGURES = figures("mini", {"fusion": "convex"}, STORE, RECORDS)


def test_sections_in_order() -> None:
    assert [each.title for each in report.sections(FIGURES)] == [
        "Corpus",
        "Retrieval",
        "Latency in ms",
    ]
    answered = figures("mini", {}, STORE, [replace(FOUND, timings={"ask": 1.0})])
    assert "Answers" in [each.title for each in report.sections(answered)]


def test_retrieval_row() -> None:
    retrieval = {each.title: each for each in report.sections(FIGURES)}["Retrieval"]
    # 1 of 2 questions found its document, at the second place: 1/2 * 1/log2(3)
    assert retrieval.rows == (("convex", "2", "0.000", "0.500", "0.500", "0.250", "0.315"),)
    assert len(retrieval.header) == len(retrieval.rows[0])


def test_corpus_rows() -> None:
    corpus = dict(next(iter(report.sections(FIGURES))).rows)
    assert corpus["questions"] == "2 (2 answerable, 1 failed)"
    assert corpus["documents per second"] == "2.0"
    assert corpus["store"] == "2.5 MB, 125000 B per chunk"
    assert corpus["fusion"] == "convex"


def test_markdown_lists_failures_on_one_line_each() -> None:
    text = report.markdown(FIGURES, RECORDS)
    assert text.startswith("# Evaluation on mini\n")
    assert "| b | Which \\| one? | OSError: disk full | 1889 |  |" in text.splitlines()
    assert "Missed" not in report.markdown(FIGURES, [FOUND])
    shy = replace(FOUND, timings={"ask": 1.0}, answer="No.", verdict="unsure", confidence=0.31)
    row = "| a | Which \\| one? | not retrieved | 1889 | No. (unsure, 0.31) |"
    assert row in report.markdown(FIGURES, [shy]).splitlines()


def test_a_run_never_overwrites_another(tmp_path: Path) -> None:
    report.write(tmp_path, FIGURES, RECORDS)
    before = (tmp_path / "report.md").read_bytes()
    with pytest.raises(InvalidDataset, match="holds a report already; name another folder"):
        report.write(tmp_path, figures("other", {}, STORE, [FOUND]), [FOUND])
    assert (tmp_path / "report.md").read_bytes() == before


def test_kinds_and_domains_have_tables() -> None:
    asked = replace(FOUND, timings={"ask": 1.0}, kind="date", domain="tower")
    found = {each.title: each.rows for each in report.sections(figures("m", {}, STORE, [asked]))}
    assert found["By kind"] == (("date", "1", "0.000", "0.000", "0.000", "–"),)
    assert found["By domain"][0][0] == "tower"


def test_files(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "report"
    report.write(folder, FIGURES, RECORDS)
    assert (folder / "report.md").read_text("utf-8") == report.markdown(FIGURES, RECORDS)
    found = json.loads((folder / "figures.json").read_text("utf-8"))
    assert found["retrieval"]["convex"]["recall_at_5"] == 0.5
    assert found["latency_ms"]["search: convex"]["p50"] == 2.0
    lines = (folder / "questions.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [(row["id"], row["error"], row["right"]) for row in rows] == [
        ("a", None, False),
        ("b", "OSError: disk\nfull", False),
    ]
    assert rows[0]["retrieved"] == {"convex": ["x", "gold"]}


def test_judged_answers_are_pictured(tmp_path: Path) -> None:
    records = [replace(FOUND, timings={"ask": 1.0}, confidence=0.4)]
    report.write(tmp_path, figures("mini", {}, STORE, records), records)
    shown = re.findall(r"!\[.+\]\((.+)\)", (tmp_path / "report.md").read_text("utf-8"))
    assert shown == ["risk-coverage.png", "reliability.png"]
    assert all((tmp_path / each).is_file() for each in shown)


@pytest.mark.parametrize(
    "record",
    [FOUND, replace(FOUND, timings={"ask": 1.0}, answers=())],
    ids=["only searched", "no gold answer"],
)
def test_answers_that_nobody_can_judge_are_not_pictured(tmp_path: Path, record: Record) -> None:
    report.write(tmp_path, figures("mini", {}, STORE, [record]), [record])
    assert "![" not in (tmp_path / "report.md").read_text("utf-8")
    assert not list(tmp_path.glob("*.png"))
