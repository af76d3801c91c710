"""The commands that write a store as JSON lines, and read it: export, import."""

from __future__ import annotations

import gzip
import os
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import IO, Annotated

import typer

from api.cli.flags import Session
from api.cli.interrupt import interruptible
from api.uploads.priority import step_back
from index.errors import StoreUnusable, UnreadableFile
from index.records import Added

_PACKED = ".gz"
_LONGEST_LINE = 2**29  # bytes


def export(
    session: Session,
    file: Annotated[
        Path, typer.Argument(help="The file to write; one that ends with .gz is compressed.")
    ],
) -> None:
    """Write all documents as JSON lines: texts, metadata, collections, and the original files.
    What is in FILE is replaced once all is written."""
    from index.ingest.exported import export_lines
    from rag.open_index import open_store

    lost: list[str] = []
    part = file.with_name(f"{file.name}.part")
    documents = 0
    with (
        closing(open_store(session.settings().store, create=False)) as store,
        session.terminal.progress("Exporting") as done,
    ):
        with store.read() as snapshot:
            total = snapshot.counts().documents
        try:
            with part.open("wb") as raw:
                with _packing(raw, file) as out:
                    for line in export_lines(store, lost.append):
                        text = line.model_dump_json(exclude_unset=True)
                        out.write(text.encode() + b"\n")
                        documents += line.document is not None
                        done(documents, total)
                raw.flush()
                os.fsync(raw.fileno())
            part.replace(file)
        except OSError as error:
            raise StoreUnusable(
                f"'{file}' cannot be written ({error.strerror}); make room, or name another file"
            ) from error
        finally:
            part.unlink(missing_ok=True)
    size = file.stat().st_size
    session.terminal.json(
        {"file": str(file), "documents": documents, "bytes": size, "problems": lost}
    )
    session.terminal.show(f"{file}: {documents:,} documents, {size:,} bytes")
    for problem in lost:
        session.terminal.warn(problem)
    if lost:
        raise typer.Exit(1)


def import_(
    session: Session,
    file: Annotated[Path, typer.Argument(help="The file that `footnote export` wrote.")],
) -> None:
    """Add what was exported, cut and embedded anew. Lines that are wrong are named and the rest
    goes on; then the exit code is 1. The same command goes on where it was cut short."""
    from index.ingest.importing import expected
    from rag.open_index import open_index

    refused: list[dict[str, object]] = []
    statuses: Counter[str] = Counter()

    def tell(added: Added) -> None:
        statuses[added.status] += 1
        if added.note:
            session.terminal.warn(f"{added.uri}: {added.note}")

    def refuse(number: int, why: str) -> None:
        refused.append({"line": number, "detail": why})
        session.terminal.warn(f"{file} line {number}: {why}")

    def report() -> None:
        told = {status: statuses[status] for status in ("added", "replaced", "unchanged")}
        session.terminal.json({**told, "errors": refused})
        words = ", ".join(f"{number:,} {status}" for status, number in told.items())
        session.terminal.show(f"{words}, {len(refused):,} lines refused")

    def farewell() -> None:
        report()
        session.terminal.warn("interrupted; what is done is kept, and the same command goes on")

    step_back()
    lines = _lines(file)
    first = next(lines, b"")
    expected(first)  # before a store is made
    with (
        interruptible(farewell),
        closing(open_index(session.settings())) as index,
        session.terminal.progress("Importing") as done,
    ):
        index.import_lines(chain([first], lines), tell, refuse, done)
    report()
    if refused:
        raise typer.Exit(1)


def _packing(raw: IO[bytes], file: Path) -> IO[bytes]:
    if file.suffix == _PACKED:
        return gzip.GzipFile(file.name, "wb", 6, raw, mtime=0)  # type: ignore[return-value]
    return open(raw.fileno(), "wb", closefd=False)


def _lines(file: Path) -> Iterator[bytes]:
    """Raises `UnreadableFile`."""
    try:
        with gzip.open(file) if file.suffix == _PACKED else file.open("rb") as opened:
            while line := opened.readline(_LONGEST_LINE):
                yield line
    except EOFError:
        return  # cut short, as the last line tells
    except (OSError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise UnreadableFile(
            f"'{file}' cannot be read ({why}); name a file that `footnote export` wrote"
        ) from error
