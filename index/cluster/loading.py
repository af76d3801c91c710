"""Files → every document in them, by the workers of a cluster."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from index.cluster.cluster import Cluster, Ref
from index.cluster.tasks import Read, parse_files
from index.extract.limits import Parsing
from index.load.parse import Refused
from index.load.process import ParseJob
from index.load.sources import Loaded, Source, loaded_of, taken
from index.progress import Progress

_FILES = 8  # in a task, at most: what a killed worker costs
_BYTES = 1_000_000  # in a task, unless one file has more
_TASKS_EACH = 2  # under way, for each that is done at once
_MOST_BYTES = 256_000_000  # under way


@dataclass(slots=True)
class _Batch:
    """Files of one task, in order, among those that have no bytes to send."""

    files: list[ParseJob | Refused] = field(default_factory=list)
    ref: Ref = None

    @property
    def jobs(self) -> list[ParseJob]:
        return [each for each in self.files if isinstance(each, ParseJob)]

    @property
    def size(self) -> int:
        return sum(len(job.data) for job in self.jobs)


def load_by(
    cluster: Cluster, sources: Iterable[Source], parsing: Parsing, progress: Progress
) -> Iterator[Loaded]:
    """What `load_each` gives, in the same order. The bytes of files are read here, and sent; so
    many at once that every worker has some, and no more than 256 MB. `progress` is told of
    the pages of a file when it is read."""
    waiting: deque[_Batch] = deque()
    batch = _Batch()
    try:
        for source in sources:
            batch.files.append(taken(source, parsing))
            if len(batch.files) >= _FILES or batch.size >= _BYTES:
                while _is_full(cluster, waiting, batch):
                    yield from _results(cluster, waiting.popleft(), progress)
                waiting.append(_sent(cluster, batch))
                batch = _Batch()
            while waiting and _is_done(cluster, waiting[0]):
                yield from _results(cluster, waiting.popleft(), progress)
        waiting.append(_sent(cluster, batch))
        while waiting:
            yield from _results(cluster, waiting.popleft(), progress)
    finally:
        cluster.cancel(each.ref for each in waiting if each.ref is not None)


def _sent(cluster: Cluster, batch: _Batch) -> _Batch:
    if jobs := batch.jobs:
        batch.ref = cluster.submit("parse", parse_files, jobs)
    return batch


def _is_full(cluster: Cluster, waiting: deque[_Batch], batch: _Batch) -> bool:
    size = sum(each.size for each in waiting) + batch.size
    many = len(waiting) >= _TASKS_EACH * cluster.slots("parse")
    return bool(waiting) and (many or size > _MOST_BYTES)


def _is_done(cluster: Cluster, batch: _Batch) -> bool:
    return batch.ref is None or bool(cluster.done([batch.ref]))


def _results(cluster: Cluster, batch: _Batch, progress: Progress) -> Iterator[Loaded]:
    read: Iterator[Read] = iter(() if batch.ref is None else cluster.result(batch.ref))
    batch.ref = None
    for file in batch.files:
        if isinstance(file, Refused):
            yield file
            continue
        found = next(read)
        for step in found.steps:
            progress(step)
        yield from loaded_of(file, found.outcomes)
