"""The command that measures: eval."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.flags import Session
from index.extras import require
from rag.settings import Settings

if TYPE_CHECKING:
    from rich.table import Table

    from rag.assistant import Assistant
    from rag.evaluate.report import Section


def evaluate(
    session: Session,
    dataset: Annotated[
        Path,
        typer.Argument(
            help="A SQuAD file, a BEIR folder, a folder with documents/ and questions.jsonl, or "
            "JSON lines that are asked of the store."
        ),
    ],
    report: Annotated[
        Path | None,
        typer.Option(help="Folder for report.md, its pictures, figures.json and questions.jsonl."),
    ] = None,
    corpus: Annotated[
        list[Path] | None,
        typer.Option(help="A further SQuAD file or BEIR folder: documents only. Can be repeated."),
    ] = None,
    unanswerable: Annotated[
        Path | None, typer.Option(help="JSON lines of questions that nothing answers.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Ask the first so many.")] = None,
    limit_unanswerable: Annotated[
        int | None, typer.Option(min=1, help="Take the first so many of --unanswerable.")
    ] = None,
    answers: Annotated[
        bool | None,
        typer.Option(
            "--answers/--retrieval-only",
            help="Answer, or only search. Without either: only search a BEIR folder.",
        ),
    ] = None,
    compare: Annotated[
        list[str] | None,
        typer.Option(
            help="A fusion to measure beside the one that is set, or none. Can be repeated; "
            "without it: dense and lexical."
        ),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="Folder of an earlier --report: which questions were won, which lost?"),
    ] = None,
    keep_store: Annotated[
        Path | None,
        typer.Option(help="Folder for the corpus, used again by the next run over it."),
    ] = None,
) -> None:
    """Ask every question of a set and measure what comes back. Exits with 1 when a question
    failed; such a question scores zero."""
    require("eval", "`footnote eval`")
    from rag.evaluate import datasets
    from rag.evaluate import report as reports
    from rag.evaluate.against import against as compared
    from rag.evaluate.evaluate import evaluate as records_of
    from rag.evaluate.evaluate import fill
    from rag.evaluate.figures import figures, store_figures

    read = datasets.read(
        dataset,
        corpora=corpus or (),
        unanswerable=unanswerable,
        limit=limit,
        limit_unanswerable=limit_unanswerable,
    )
    if report is not None:
        reports.require_new(report)
    settings = session.settings()
    fusions = ["dense", "lexical"] if compare is None else [one for one in compare if one != "none"]
    with _assistant(settings, keep_store, own=read.form == "lines") as assistant:
        with session.terminal.progress("Indexing", len(read.documents)) as done:
            filled = fill(assistant.index, read, done)
        records = []
        with session.terminal.progress("Asking", len(read.questions)) as done:
            wanted = read.form != "beir" if answers is None else answers
            for record in records_of(assistant, read, answers=wanted, compare=fusions):
                records.append(record)
                done(len(records))
        store = store_figures(filled, _size(assistant.settings.store), _peak_memory())
        found = figures(read.name, _named(assistant), store, records)
    won = compared(against, records) if against is not None else None
    if report is not None:
        reports.write(report, found, records)
    session.terminal.json(asdict(found) | ({} if won is None else {"against": asdict(won)}))
    session.terminal.show(*(_table(section) for section in reports.sections(found)))
    if won is not None:
        session.terminal.show(_table(reports.comparison(won)))
    failures = [record for record in records if record.error is not None]
    for record in failures:
        session.terminal.warn(f"question {record.id} failed: {record.error}")
    if failures:
        raise typer.Exit(1)


@contextmanager
def _assistant(settings: Settings, keep: Path | None, own: bool) -> Iterator[Assistant]:
    """The assistant over the user's `own` store, over `keep`, or over one that is thrown away."""
    from rag.build import build

    with TemporaryDirectory(prefix="footnote-eval-") as folder:
        store = settings.store if own else keep or Path(folder)
        assistant = build(settings.model_copy(update={"store": store}))
        try:
            yield assistant
        finally:
            assistant.index.close()


def _named(assistant: Assistant) -> dict[str, str]:
    """The settings that bear on the figures."""
    settings = assistant.settings
    names = ("embedder", "chunk_tokens", "chunk_overlap", "passages", "depth", "fusion")
    return {name: str(getattr(settings, name)) for name in (*names, "dense_weight")} | {
        "min_confidence": f"{assistant.min_confidence:.3f}",
        "answerer": assistant.answerers[0],
    }


def _size(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())


def _peak_memory() -> int:
    """The most memory that this process has held, in bytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def _table(section: Section) -> Table:
    from rich.table import Table

    table = Table(title=section.title, title_justify="left")
    for place, name in enumerate(section.header):
        table.add_column(name, justify="right" if place else "left", overflow="fold")
    for row in section.rows:
        table.add_row(*row)
    return table
