"""Files → every document in them, several at once: an archive holds many, any other file one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from index.document import Document
from index.errors import UnreadableFile, UnsupportedFile
from index.extract.limits import Parsing
from index.load.documents import document_of, job_of, read_file
from index.load.parse import Archive, Outcome, Parsed, Refused
from index.load.pool import Run, pool
from index.load.process import ParseJob
from index.progress import Progress, untold

Loaded = Document | Refused | Archive
Loading = Callable[[Iterable["Source"], Parsing, Progress], Iterator[Loaded]]
"""What `load_each` does."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to load. `read` gives its bytes when it is its turn, and may raise `UnreadableFile`;
    `media_type` is what was stated of it."""

    uri: str
    read: Callable[[], bytes]
    media_type: str | None = None


def file_source(path: Path, parsing: Parsing) -> Source:
    """The file at `path`, read as `load` reads it."""
    return Source(path.as_posix(), lambda: read_file(path, parsing))


def load_all(path: Path, parsing: Parsing) -> Iterator[Loaded]:
    """Every document in the file at `path`, in order. What cannot be read is a `Refused` in its
    place, and nothing is raised for it. An archive is an `Archive` and then what its members give;
    a member's uri is `archive.zip!/its/path`."""
    return load_each([file_source(path, parsing)], parsing)


def bytes_source(data: bytes, uri: str, media_type: str | None = None) -> Source:
    """A file that is already in memory."""
    return Source(uri, lambda: data, media_type)


def load_each(
    sources: Iterable[Source], parsing: Parsing, progress: Progress = untold
) -> Iterator[Loaded]:
    """What `load_all` gives for each of `sources`, in their order; later files are parsed while
    earlier ones are taken. `progress` is told of the pages of the file that is waited for."""
    waiting: deque[Run | Refused] = deque()
    try:
        for source in sources:
            job = taken(source, parsing)
            if isinstance(job, Refused):
                waiting.append(job)
                continue
            while (run := pool().start(job, wait=not waiting, progress=progress)) is None:
                yield from _results(waiting.popleft())
            waiting.append(run)
        while waiting:
            yield from _results(waiting.popleft())
    finally:
        for left in waiting:
            if isinstance(left, Run):
                left.close()


def taken(source: Source, parsing: Parsing) -> ParseJob | Refused:
    """A file with its bytes, or why it has none."""
    try:
        return job_of(source.read(), source.uri, parsing, source.media_type)
    except (UnreadableFile, UnsupportedFile) as error:
        return Refused(source.uri, error)


def loaded_of(job: ParseJob, outcomes: Iterable[Outcome]) -> Iterator[Loaded]:
    """What a file was parsed to; its document has the bytes of the file with it."""
    for outcome in outcomes:
        if not isinstance(outcome, Parsed):
            yield outcome
        elif outcome.uri == job.uri:
            yield replace(document_of(outcome), original=job.data)
        else:
            yield document_of(outcome)


def _results(one: Run | Refused) -> Iterator[Loaded]:
    return loaded_of(one.job, one) if isinstance(one, Run) else iter((one,))
