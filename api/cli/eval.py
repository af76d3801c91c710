"""The command that measures: eval."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.flags import Place, Session, scope
from index.errors import InvalidDataset, InvalidSetting
from index.extras import require
from rag.settings import Settings

if TYPE_CHECKING:
    from rich.table import Table

    from rag.assistant import Assistant
    from rag.evaluate.evaluate import Record
    from rag.evaluate.report import Section
    from rag.read.refit import Refit


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
    place: Place = None,
    keep_store: Annotated[
        Path | None,
        typer.Option(help="Folder for the corpus, used again by the next run over it."),
    ] = None,
    fit: Annotated[
        bool | None,
        typer.Option(
            "--fit/--forget-fit",
            help="Fit the confidence and the verdicts to these questions, which the store keeps, "
            "or forget what was fitted.",
        ),
    ] = None,
    make: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Ask nothing: write so many proposed questions to the file, for you to check.",
        ),
    ] = None,
) -> None:
    """Ask every question of a set and measure what comes back. Exits with 1 when a question
    failed; such a question scores zero."""
    if make is not None:
        _propose(session, dataset, make)
        return
    require("eval", "`footnote eval`")
    from rag.evaluate import datasets
    from rag.evaluate import report as reports
    from rag.evaluate.against import against as compared
    from rag.evaluate.evaluate import evaluate as records_of
    from rag.evaluate.evaluate import fill
    from rag.evaluate.figures import figures, store_figures
    from rag.open_index import parsing_of

    read = datasets.read(
        dataset,
        corpora=corpus or (),
        unanswerable=unanswerable,
        limit=limit,
        limit_unanswerable=limit_unanswerable,
        parsing=parsing_of(session.settings()),
    )
    if report is not None:
        reports.require_new(report)
    unchecked = sum(not question.checked for question in read.questions)
    if unchecked:
        session.terminal.warn(
            f"{unchecked} of the questions were proposed and nobody has checked them; where you "
            'have, take "checked": false out of their lines'
        )
    if fit is not None and read.form != "lines" and keep_store is None:
        raise InvalidSetting(
            f"--{'fit' if fit else 'forget-fit'} is kept in a store, and {dataset} brings "
            "documents of its own; give JSON lines that are asked of your store, or "
            "--keep-store FOLDER"
        )
    settings = session.settings()
    conditions = scope(None, place)
    fusions = ["dense", "lexical"] if compare is None else [one for one in compare if one != "none"]
    with _assistant(settings, keep_store, own=read.form == "lines") as assistant:
        with session.terminal.progress("Indexing", len(read.documents)) as done:
            filled = fill(assistant.index, read, done)
        records = []
        with session.terminal.progress("Asking", len(read.questions)) as done:
            wanted = read.form != "beir" if answers is None else answers
            for record in records_of(
                assistant, read, answers=wanted, compare=fusions, filter=conditions
            ):
                records.append(record)
                done(len(records))
        fitted = _fitted(assistant, records, fit)
        store = store_figures(filled, assistant.index.store.size(), _peak_memory())
        found = figures(read.name, _named(assistant), store, records)
    won = compared(against, records) if against is not None else None
    if report is not None:
        reports.write(report, found, records)
    more = {"against": asdict(won)} if won is not None else {}
    more |= {"fitted": fitted.model_dump()} if fitted is not None else {}
    session.terminal.json(asdict(found) | more)
    session.terminal.show(*(_table(section) for section in reports.sections(found)))
    if won is not None:
        session.terminal.show(_table(reports.comparison(won)))
    if fitted is not None:
        session.terminal.show(
            f"Fitted to {fitted.questions} questions: answered from a confidence of "
            f"{fitted.threshold:.2f}, unsure from {fitted.unsure_threshold:.2f}. These figures are "
            "those from before; the store keeps what was fitted until --forget-fit."
        )
    failures = [record for record in records if record.error is not None]
    for record in failures:
        session.terminal.warn(f"question {record.id} failed: {record.error}")
    if failures:
        raise typer.Exit(1)


def _fitted(assistant: Assistant, records: Sequence[Record], fit: bool | None) -> Refit | None:
    """What was fitted to `records`, which the store keeps from now on; None where nothing was to
    be, and the store keeps nothing where it is to be forgotten."""
    from rag.build import kept_refit
    from rag.evaluate.fit import fit as refit_to
    from rag.read.refit import SETTING

    if fit is None:
        return None
    found = None
    if fit:
        before = kept_refit(assistant.index)
        found = refit_to(assistant.reader_name, records)
        found = found.after(before) if before and before.reader == found.reader else found
    with assistant.index.store.write() as writer:
        writer.set_setting(SETTING, found.model_dump_json() if found else None)
    return found


def _propose(session: Session, path: Path, number: int) -> None:
    """Writes `number` questions about the documents of the store to `path`. Raises
    `InvalidDataset` where the file is there, and where the documents tell nothing to ask."""
    from rag.evaluate.propose import propose
    from rag.open_index import open_index

    if path.exists():
        raise InvalidDataset(f"{path}: is there already; give another file")
    with closing(open_index(session.settings(), create=False)) as index:
        stored = index.documents(0, -1)
        with session.terminal.progress("Reading", len(stored)) as done:
            documents = []
            for count, each in enumerate(stored, start=1):
                documents.append(index.document(each.id))
                done(count)
    found = propose(documents, number)
    if not found:
        raise InvalidDataset(
            f"the {len(stored)} documents of the store tell nothing to ask for; add more"
        )
    lines = (json.dumps(each.row(n), ensure_ascii=False) for n, each in enumerate(found, start=1))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    session.terminal.json({"path": str(path), "questions": len(found)})
    session.terminal.show(
        f"{len(found)} questions in {path}. Read them: mend or remove what no person would ask, "
        'add what the documents don\'t answer, take "checked": false out; then run footnote eval '
        f"{path}"
    )


@contextmanager
def _assistant(settings: Settings, keep: Path | None, own: bool) -> Iterator[Assistant]:
    """The assistant over the user's `own` store, over `keep`, or over one that is thrown away."""
    from rag.build import build

    with TemporaryDirectory(prefix="footnote-eval-") as folder:
        store = settings.store if own else keep or Path(folder)
        assistant = build(settings.model_copy(update={"store": store}), create=not own)
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
