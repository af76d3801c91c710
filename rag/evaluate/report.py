"""The report of an evaluation: its figures as tables, and the files it leaves behind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.evaluate import plots
from rag.evaluate.evaluate import Record
from rag.evaluate.figures import Answers, Figures


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the report."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sections(found: Figures) -> Iterator[Section]:
    """The tables of the report, in the order in which they are read."""
    yield Section("Corpus", ("what", "value"), tuple(_corpus_rows(found)))
    if found.retrieval:
        yield Section(
            "Retrieval",
            ("fusion", "questions", "recall@1", "recall@5", "recall@10", "MRR@10", "nDCG@10"),
            tuple(
                (fusion, *(_number(value) for value in asdict(measured).values()))
                for fusion, measured in found.retrieval.items()
            ),
        )
    if found.answers is not None:
        yield Section("Answers", ("measure", "value"), tuple(_answer_rows(found.answers)))
    yield Section(
        "Latency in ms",
        ("step", "p50", "p95", "p99"),
        tuple(
            (step, *(f"{value:.1f}" for value in asdict(measured).values()))
            for step, measured in found.latency_ms.items()
        ),
    )


def _corpus_rows(found: Figures) -> Iterator[tuple[str, str]]:
    store = found.store
    yield "questions", f"{found.questions} ({found.answerable} answerable, {found.failed} failed)"
    yield "documents", str(store.documents)
    yield "chunks", str(store.chunks)
    if store.added:
        yield "seconds to index", f"{store.seconds:.1f} for {store.added} documents"
        yield "documents per second", _number(store.documents_per_second, 1)
        yield "characters per second", _number(store.characters_per_second, 0)
    yield "store", f"{store.bytes / 1e6:.1f} MB, {store.bytes // max(store.chunks, 1)} B per chunk"
    yield "peak memory", f"{store.peak_memory_bytes / 1e6:.0f} MB"
    yield from found.settings.items()


def _answer_rows(found: Answers) -> Iterator[tuple[str, str]]:
    yield "questions judged", str(found.graded)
    yield "sentence accuracy (answerable, before abstaining)", _number(found.sentence_accuracy)
    yield "coverage at 90 % precision", _number(found.coverage_at_90)
    yield "AUROC of answerability", _number(found.auroc)
    yield "answered at the threshold", _number(found.answered)
    yield "precision of those", _number(found.precision)
    yield "abstained where unanswerable", _number(found.abstained)
    yield "exact match", _number(found.exact_match)
    yield "token F1", _number(found.f1)
    yield "citation precision", _number(found.citation_precision)
    yield "citation recall", _number(found.citation_recall)
    yield "calibration error (10 equal bins)", _number(found.calibration_error)


def _number(value: float | None, digits: int = 3) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"


def markdown(found: Figures, records: Sequence[Record]) -> str:
    """The whole report, with every question that failed."""
    lines = [f"# Evaluation on {found.dataset}", ""]
    for section in sections(found):
        lines += [f"## {section.title}", "", _line(section.header)]
        lines += [_line(["---", *["---:"] * (len(section.header) - 1)])]
        lines += [*(_line(row) for row in section.rows), ""]
    if _pictured(found):
        lines += ["## Confidence", ""]
        lines += [f"![Risk–coverage curve]({plots.RISK_COVERAGE})", ""]
        lines += [f"![Reliability diagram]({plots.RELIABILITY})", ""]
    failures = [record for record in records if record.error is not None]
    if failures:
        lines += ["## Failures", "", _line(["id", "question", "error"]), _line(["---"] * 3)]
        lines += [*(_line([each.id, each.question, each.error or ""]) for each in failures), ""]
    return "\n".join(lines)


def _pictured(found: Figures) -> bool:
    """Whether there are answers known to be right or wrong, to be drawn by confidence."""
    return found.answers is not None and found.answers.graded > 0


def _line(cells: Sequence[str]) -> str:
    escaped = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def write(folder: Path, found: Figures, records: Sequence[Record]) -> None:
    """Writes `report.md`, `figures.json`, `questions.jsonl`, one line per question, and the
    pictures of judged answers into `folder`, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text(markdown(found, records), encoding="utf-8")
    if _pictured(found):
        plots.draw(folder, records)
    figures_json = json.dumps(asdict(found), ensure_ascii=False, indent=2)
    (folder / "figures.json").write_text(figures_json + "\n", encoding="utf-8")
    with (folder / "questions.jsonl").open("w", encoding="utf-8") as lines:
        for record in records:
            row = asdict(record) | {"right": record.right}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
