"""The terminal: results on stdout, for people or as one JSON document; all else on stderr."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from index.progress import Progress, Tally, Told
    from rag.answer import Answer, Passage, Source

NOT_SUPPORTED = "(not supported)"


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a command writes. With `as_json` only `json` reaches stdout, otherwise only `show`."""

    as_json: bool = False
    out: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    err: Console = field(
        default_factory=lambda: Console(stderr=True, highlight=False, soft_wrap=True)
    )

    def json(self, body: BaseModel | Mapping[str, object]) -> None:
        """Prints the one document of a command under `--json`."""
        if self.as_json:
            plain = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
            sys.stdout.write(json.dumps(plain, ensure_ascii=False, indent=2) + "\n")
            sys.stdout.flush()

    def show(self, *lines: RenderableType) -> None:
        """Prints for people. Strings are printed as they are, without markup or control codes."""
        if not self.as_json:
            for line in lines:
                self.out.print(Text(visible(line)) if isinstance(line, str) else line)

    def rows(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table on a terminal; elsewhere one line a row, parted by tabs, without the header."""
        if not self.out.is_terminal:
            self.show(*("\t".join(" ".join(cell.split()) for cell in row) for row in rows))
            return
        table = Table(*header, box=None)
        for row in rows:
            table.add_row(*(Text(visible(cell)) for cell in row))
        self.show(table)

    def warn(self, message: str) -> None:
        """One line on stderr."""
        self.err.print(Text(f"footnote: {visible(' '.join(message.split()))}"))

    @contextmanager
    def progress(self, label: str, total: int | None = None) -> Iterator[Callable[..., None]]:
        """A bar on stderr, where that is a terminal. Yields `done(completed, total=None)`."""
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(
            *columns, console=self.err, transient=True, disable=not self.err.is_terminal
        ) as bar:
            task = bar.add_task(label, total=total)

            def done(completed: int, total: int | None = None) -> None:
                bar.update(task, completed=completed, total=total)

            yield done

    @contextmanager
    def following(self, label: str, tally: Tally) -> Iterator[Progress]:
        """A bar on stderr, where that is a terminal, that moves by pages and chunks and names the
        present file and how many are left. Yields what is to be told, by any thread; `tally` is
        told of it too."""
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (
            *(TextColumn(label), BarColumn(24), TextColumn("{task.fields[files]}")),
            *(TimeRemainingColumn(), TextColumn("{task.description}", markup=False)),
        )
        with Bar(
            *columns, console=self.err, transient=True, disable=not self.err.is_terminal
        ) as bar:
            task = bar.add_task("", total=None, files="")

            def told(step: Told) -> None:
                tally.tell(step)
                files = f"{int(tally.done):,} of {tally.total:,}"
                words = visible(tally.step.words) if tally.step else ""
                bar.update(
                    task,
                    completed=tally.done,
                    total=tally.total or None,
                    files=files,
                    description=words,
                )

            yield told


def visible(text: str) -> str:
    """`text` with every control character but tab and newline made visible, so that a document
    cannot drive the terminal that shows it."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(each) == "Cc" and each not in "\t\n"
        else each
        for each in text
    )


def understood_lines(question: str, answer: Answer) -> Iterator[str]:
    """The question as it was understood, where that is otherwise than it was asked."""
    if answer.question != _one_line(question):
        yield f"Understood as: {_one_line(answer.question)}\n"


def answer_lines(answer: Answer) -> Iterator[str]:
    """The answer with its footnotes, and a mark after each sentence that they don't support; the
    nearest passages where there is none."""
    yield _with_doubts(answer)
    opinion = "" if answer.calibrated else ", not calibrated"
    yield f"({answer.verdict}, confidence {answer.confidence:.2f}{opinion})"
    for each in answer.citations:
        found = "  (found by Footnote)" if each.attributed else ""
        old = "  (earlier edition)" if each.superseded else ""
        yield f"\n[{each.number}] {_source(each.title, each.location, each.uri)}{found}{old}"
        if each.column_heads:
            yield f"    columns: {each.column_heads.text}"
        yield f"    “{_one_line(each.quote)}”"
        yield from _also_in(each.also_in)
    if answer.verdict == "unanswered" and answer.passages:
        yield "\nNearest passages:"
        yield from passage_lines(answer.passages[:3])


def _with_doubts(answer: Answer) -> str:
    parts, position = [], 0
    for sentence in answer.sentences:
        end = answer.text.index(sentence.text, position) + len(sentence.text)
        parts += [answer.text[position:end], "" if sentence.supported else f" {NOT_SUPPORTED}"]
        position = end
    return "".join([*parts, answer.text[position:]])


def passage_lines(passages: Sequence[Passage]) -> Iterator[str]:
    """Each passage with its rank, score and source."""
    for each in passages:
        source = _source(each.title, each.location, each.uri)
        yield f"\n{each.rank}. {source}  (score {each.score:.2f})"
        yield f"    {_one_line(each.text)}"
        yield from _also_in(each.also_in)


def _source(title: str, location: str, uri: str) -> str:
    return f"{', '.join(filter(None, [title, location]))} — {uri}"


def _also_in(sources: Sequence[Source]) -> Iterator[str]:
    for each in sources:
        yield f"    also in {_source(each.title, each.location, each.uri)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
