"""The command that keeps the store in step with folders."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.flags import Session
from api.cli.interrupt import interruptible, kept
from api.cli.workers import Ray, working_on
from api.uploads.priority import step_back
from index.errors import UnreadableFile
from index.progress import Expected, Tally, Told
from index.records import Added
from index.sync.result import Synced

if TYPE_CHECKING:
    from pydantic import BaseModel

    from api import schemas

_SETTLED_SECONDS = 1.0  # a file written to more recently may not be whole yet


@dataclass(slots=True)
class _Report:
    """Tells of each sync of a folder as it is done, and of all of them at the end.
    `syncs` are those that changed something, `last` is the last of all, and `present` what the one
    that is going on has stored."""

    session: Session
    folder: Path
    syncs: list[Synced] = field(default_factory=list)
    last: Synced | None = None
    warned: set[str] = field(default_factory=set)
    present: Synced | None = None
    tally: Tally = field(default_factory=Tally)

    def begin(self) -> None:
        """A sync begins."""
        self.present, self.tally = Synced(), Tally()

    def note(self, told: Told) -> None:
        """What the present sync has stored so far."""
        if self.present is None or not isinstance(told, Added):
            return
        if told.status == "unchanged":
            self.present.unchanged += 1
        else:
            self.present.documents.append(told)

    def farewell(self) -> None:
        """What an interrupted sync has done."""
        if self.present is not None:
            done = len(self.present.documents) + self.present.unchanged
            self.tell(self.present, always=True)
            self.session.terminal.warn(kept(done, self.tally.total))

    def tell(self, done: Synced, *, always: bool) -> None:
        """What was done; that nothing was only the first time, or `always`."""
        for _, reason in done.errors:
            self.warn(reason)
        for each in done.documents:
            if each.note:
                self.warn(f"{each.uri}: {each.note}")
        if done.changed or self.last is None or always:
            self.session.terminal.show(*_lines(done), self._summary(done))
        if done.changed:
            self.syncs.append(done)
        self.last = done

    def warn(self, reason: str) -> None:
        """Says it once, however many syncs meet it."""
        if reason not in self.warned:
            self.warned.add(reason)
            self.session.terminal.warn(reason)

    def _summary(self, done: Synced) -> str:
        counts = ", ".join(f"{n} {what}" for what, n in _counts([done], done).items() if n)
        return f"{self.folder.as_posix()}: {counts or 'no files'}"

    def document(self) -> schemas.Synced:
        from api import schemas

        documents = [each for done in self.syncs for each in done.documents]
        moved = [each for done in self.syncs for each in done.moved]
        return schemas.Synced(
            folder=self.folder.as_posix(),
            counts=_counts(self.syncs, self.last),
            documents=[schemas.Added.model_validate(each) for each in documents],
            moved=[schemas.Moved.model_validate(each) for each in moved],
            removed=[uri for done in self.syncs for uri in done.removed],
            errors=_failed(self.last.errors if self.last else ()),
            skipped=_failed(self.last.skipped if self.last else ()),
        )


def _failed(pairs: Sequence[tuple[str, str]]) -> list[schemas.Failed]:
    from api import schemas

    return [schemas.Failed(uri=uri, detail=detail) for uri, detail in pairs]


def _counts(syncs: Sequence[Synced], last: Synced | None) -> dict[str, int]:
    """How many documents `syncs` added, replaced, … in all, and what the `last` one found."""
    statuses = [each.status for done in syncs for each in done.documents]
    return {
        "added": statuses.count("added"),
        "replaced": statuses.count("replaced"),
        "moved": sum(len(done.moved) for done in syncs),
        "removed": sum(len(done.removed) for done in syncs),
        "unchanged": last.unchanged if last else 0,
        "failed": len(last.errors) if last else 0,
        "skipped": len(last.skipped) if last else 0,
        "hashed": last.hashed if last else 0,
    }


def _lines(done: Synced) -> Iterator[str]:
    for each in done.documents:
        yield f"{each.status:9}  {each.chunks:5} chunks  {each.uri}"
    for moved in done.moved:
        yield f"moved      {moved.before} → {moved.uri}"
    for uri in done.removed:
        yield f"removed    {uri}"


def sync(
    session: Session,
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER…", help="The folders to keep in step with.")
    ],
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and follow every change until Ctrl-C.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Read every file, whatever its size and times say.")
    ] = False,
    allow_empty: Annotated[
        bool,
        typer.Option("--allow-empty", help="Remove all documents of a folder that has no files."),
    ] = False,
    collection: Annotated[
        str | None,
        typer.Option(help="Whatever lies in the folders is in this collection, now and later."),
    ] = None,
    ray: Ray = None,
) -> None:
    """Bring the store in step with folders: add what is new, replace what changed, remove what is
    gone, keep what moved. A `.footnoteignore` in it says what to leave out, as a .gitignore does.
    Files that cannot be read are named, and what is stored of them is kept; then the exit code
    is 1."""
    from rag.open_index import open_index

    settings = session.settings()
    index = open_index(settings)
    reports = [_Report(session, folder) for folder in dict.fromkeys(folders)]
    stepped_back = False

    def run(report: _Report, settled: float, full: bool) -> Synced:
        report.begin()
        with session.terminal.following("Syncing", report.tally) as follow:

            def tell(told: Told) -> None:
                nonlocal stepped_back
                if not stepped_back and isinstance(told, Expected) and told.files:
                    stepped_back = True
                    step_back()
                report.note(told)
                follow(told)

            done = index.sync(
                report.folder,
                full=full,
                allow_empty=allow_empty,
                settled=settled,
                progress=tell,
                collection=collection,
            )
        report.present = None
        return done

    def farewell() -> None:
        for report in reports:
            report.farewell()
        session.terminal.json(_document(reports))

    with interruptible(farewell, cluster=ray is not None), working_on(index, ray, settings):
        if not watch:
            failed = False
            for report in reports:
                try:
                    done = run(report, 0.0, full)
                except UnreadableFile as error:
                    if len(reports) == 1:
                        raise
                    failed = True
                    report.present = None
                    report.warn(str(error))
                else:
                    failed = failed or bool(done.errors)
                    report.tell(done, always=True)
            session.terminal.json(_document(reports))
            if failed:
                raise typer.Exit(1)
            return
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        for report in _turns(reports, index.store.folder):
            try:
                done = run(report, _SETTLED_SECONDS, full and report.last is None)
            except UnreadableFile as error:  # the folder is gone for a while, say
                report.present = None
                report.warn(str(error))
            else:
                report.tell(done, always=False)


def _document(reports: Sequence[_Report]) -> BaseModel:
    """Of one folder what was done with it, of several a list of that."""
    from api import schemas

    documents = [report.document() for report in reports]
    return documents[0] if len(documents) == 1 else schemas.SyncList(folders=documents)


def _turns(reports: Sequence[_Report], store: Path | None) -> Iterator[_Report]:
    """Of whom a sync is due: of each at first, when something changed in its folder, and when files
    were left for later because they were being written."""
    from index.sync.watch import bursts

    watched = [(report, bursts(report.folder, store)) for report in reports]
    while True:
        for report, changes in watched:
            if next(changes) or (report.last and report.last.waiting):
                yield report
