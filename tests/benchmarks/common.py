"""What the benchmarks share: their arguments, a corpus, a table."""

from __future__ import annotations

import argparse
import json
import platform
import resource
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from index.document import Document
from rag.evaluate.datasets import Question, read


def arguments_of(description: str | None, **defaults: int) -> argparse.ArgumentParser:
    """Takes `--data FOLDER` (holds `squad/train.json.gz` and `squad/dev.json.gz`), `--out FOLDER`
    and an integer option for each default."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("results"))
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    return parser


def parse(description: str, **defaults: int) -> argparse.Namespace:
    """The arguments that were given, see `arguments_of`."""
    return arguments_of(description, **defaults).parse_args()


def squad(data: Path) -> tuple[list[Document], list[Question]]:
    """The paragraphs of both SQuAD files, and the answerable questions of dev."""
    dev = read(data / "squad/dev.json.gz", corpora=[data / "squad/train.json.gz"])
    return list(dev.documents), [q for q in dev.questions if q.answerable]


def documents_in(folder: Path, data: Path, most: int, characters: int | None = None) -> Path:
    """`folder`, with so many SQuAD paragraphs as text files, each cut to `characters` of them;
    where there are not enough, they come again under another first line."""
    paragraphs = [document.text[:characters] for document in squad(data)[0]]
    folder.mkdir(parents=True)
    for number in range(most):
        turn, row = divmod(number, len(paragraphs))
        text = f"Turn {turn}.\n{paragraphs[row]}" if turn else paragraphs[row]
        (folder / f"{number:06}.txt").write_text(text, encoding="utf-8")
    return folder


def percentile(milliseconds: Sequence[float], share: float) -> float:
    ordered = sorted(milliseconds)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def peak_memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show(name: str, figures: Mapping[str, float | int | str], out: Path) -> None:
    """Prints one table and writes it as `<out>/<name>.json`."""
    table = Table(title=f"{name} · {platform.machine()} · Python {platform.python_version()}")
    table.add_column("what")
    table.add_column("figure", justify="right")
    for what, figure in figures.items():
        table.add_row(what, f"{figure:,.3f}" if isinstance(figure, float) else str(figure))
    Console().print(table)
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{name}.json").write_text(json.dumps(dict(figures), indent=1) + "\n", encoding="utf-8")
