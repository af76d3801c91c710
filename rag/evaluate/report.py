"""The report of an evaluation: its figures as tables, and the files it leaves behind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from index.errors import InvalidDataset
from rag.evaluate import plots
from rag.evaluate.against import Won
from rag.evaluate.evaluate import QUESTIONS, Record
from rag.evaluate.figures import Answers, Figures, Group, Share


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
    for name, groups in (("kind", found.by_kind), ("domain", found.by_domain)):
        if groups:
            header = (name, "answerable", "right", "answered so", "shown so", "evidence F1")
            yield Section(f"By {name}", header, tuple(_group_rows(groups)))
    yield Section(
        "Latency in ms",
        ("step", "p50", "p95", "p99"),
        tuple(
            (step, *(f"{value:.1f}" for value in asdict(measured).values()))
            for step, measured in found.latency_ms.items()
        ),
    )


def comparison(found: Won) -> Section:
    """The table of a run against an earlier one."""
    rows = (
        ("questions in both", str(found.questions)),
        ("won", f"{len(found.won)}: {' '.join(found.won)}"),
        ("lost", f"{len(found.lost)}: {' '.join(found.lost)}"),
        ("p (McNemar, exact)", f"{found.p_value:.4f}"),
    )
    return Section("Against the earlier run", ("what", "value"), rows)


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
    yield "of all answerable: answered rightly", _shared(found.right_answered)
    yield "of all answerable: shown rightly, answered or unsure", _shared(found.right_shown)
    yield "of all answerable: left unanswered", _number(found.refused)
    yield "of all unanswerable: given as answered", _number(found.false_answered)
    yield "of all unanswerable: shown as unsure", _number(found.false_unsure)
    if found.evidence is not None:
        yield "evidence precision (words)", _number(found.evidence.precision)
        yield "evidence recall (words)", _number(found.evidence.recall)
        yield "evidence F1 (words)", _shared(found.evidence.f1)


def _group_rows(groups: Mapping[str, Group]) -> Iterator[tuple[str, ...]]:
    for name, group in groups.items():
        yield (name, *(_number(value) for value in asdict(group).values()))


def _shared(found: Share | None) -> str:
    if found is None:
        return _number(None)
    if found.low is None or found.high is None:
        return _number(found.share)
    return f"{found.share:.3f} ({found.low:.3f}–{found.high:.3f})"


def _number(value: float | None, digits: int = 3) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"


def markdown(found: Figures, records: Sequence[Record]) -> str:
    """The whole report, with every question that failed or was not answered as it should be."""
    lines = [f"# Evaluation on {found.dataset}", ""]
    for section in sections(found):
        lines += [f"## {section.title}", "", _line(section.header)]
        lines += [_line(["---", *["---:"] * (len(section.header) - 1)])]
        lines += [*(_line(row) for row in section.rows), ""]
    if _pictured(found):
        lines += ["## Confidence", ""]
        lines += [f"![Risk–coverage curve]({plots.RISK_COVERAGE})", ""]
        lines += [f"![Reliability diagram]({plots.RELIABILITY})", ""]
    missed = [record for record in records if record.missed or record.error is not None]
    if missed:
        header = ["id", "question", "why", "expected", "given"]
        lines += ["## Missed", "", _line(header), _line(["---"] * len(header))]
        lines += [*(_line(_missed_row(each)) for each in missed), ""]
    return "\n".join(lines)


def _missed_row(record: Record) -> list[str]:
    why = record.error if record.error is not None else record.missed or ""
    confidence = f"{record.verdict}, {record.confidence:.2f}"
    given = "" if record.error is not None else f"{record.answer} ({confidence})"
    return [record.id, record.question, why, "; ".join(record.answers), given]


def _pictured(found: Figures) -> bool:
    """Whether there are answers known to be right or wrong, to be drawn by confidence."""
    return found.answers is not None and found.answers.graded > 0


def _line(cells: Sequence[str]) -> str:
    escaped = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def require_new(folder: Path) -> None:
    """Raises `InvalidDataset` where `folder` holds a report, which a run never overwrites."""
    if (folder / QUESTIONS).exists():
        raise InvalidDataset(f"{folder}: holds a report already; name another folder")


def write(folder: Path, found: Figures, records: Sequence[Record]) -> None:
    """Writes `report.md`, `figures.json`, `questions.jsonl`, one line per question, and the
    pictures of judged answers into `folder`, which is made where it is missing. Raises
    `InvalidDataset` where `folder` holds a report already."""
    require_new(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text(markdown(found, records), encoding="utf-8")
    if _pictured(found):
        plots.draw(folder, records)
    figures_json = json.dumps(asdict(found), ensure_ascii=False, indent=2)
    (folder / "figures.json").write_text(figures_json + "\n", encoding="utf-8")
    with (folder / QUESTIONS).open("w", encoding="utf-8") as lines:
        for record in records:
            row = asdict(record) | {"right": record.right, "missed": record.missed}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
