"""The contract of a store's jobs: uploads that are added after they were answered.

What was sent and how far it is outlives every process. A worker takes one file after the other;
what it was working on when it died is taken up by another. `tests/api/uploads/test_jobs.py` is the
suite that every one passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Protocol

from index.document import document_id
from index.progress import Step
from index.records import Added
from index.store import Store
from index.uri import name_title

MOST_ATTEMPTS = 3
FINISHED_KEPT = 1000
State = tuple[str, float, Any, Any, Any]
"""Of a file: status, share, step, documents, errors; the last three as JSON has them."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent: the bytes of a file, or, with `is_text`, a document as JSON (uri, title, text,
    metadata), and the collection that it is for, if any."""

    uri: str
    data: BinaryIO
    media_type: str = ""
    is_text: bool = False
    collection: str | None = None

    def as_pending(self, sha256: str) -> Added:
        """What a job tells of it until it is read, its bytes having this digest."""
        title = name_title(self.uri) or self.uri
        return Added(document_id(self.uri), self.uri, title, sha256, 0, "pending")


@dataclass(frozen=True, slots=True)
class Task:
    """A file for the worker, whose bytes `read` gives: the one at `place`, from 0, of its job.
    `attempts` counts this one; `claim` tells it from every other time that the file was taken."""

    number: int
    job_id: str
    place: int
    uri: str
    read: Callable[[], bytes]
    media_type: str
    is_text: bool
    attempts: int
    collection: str | None = None
    claim: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """An upload and what became of it. `status` is "pending", "running", "done", "failed" when no
    file of it could be added, or "cancelled"; `total` and `done` count files, `progress` in [0, 1]
    also counts the part of the present one, and `step` is how far that is. `documents` holds what
    is stored as soon as it is. Times are ISO 8601, UTC. `errors` are (uri, reason)."""

    id: str
    status: str
    total: int
    done: int
    progress: float
    documents: tuple[Added, ...]
    errors: tuple[tuple[str, str], ...]
    created_at: str
    finished_at: str | None
    step: Step | None = None


class Unwanted(Exception):
    """The job has been cancelled, or another worker has taken the file."""


class Jobs(Protocol):
    """The jobs of a store. May be used by many threads and processes. Raises `StoreUnusable` where
    they cannot be read or written."""

    @property
    def is_shared(self) -> bool:
        """Whether other machines may bring jobs, of which nobody tells this one."""
        ...

    @property
    def holder(self) -> str:
        """What its workers are called where they are told apart."""
        ...

    def submit(self, uploads: Sequence[Upload]) -> Job:
        """A new job for `uploads`; they are kept for good when it is returned. Raises `ServerBusy`
        where there is no room for them."""
        ...

    def job(self, job_id: str) -> Job:
        """Raises `UnknownJob`."""
        ...

    def jobs(self, limit: int = 100) -> list[Job]:
        """The newest first."""
        ...

    def is_open(self) -> bool:
        """Whether there is anything for a worker to do."""
        ...

    def awaits(self, uris: Iterable[str]) -> bool:
        """Whether a document of one of these uris is still to be added: a file of that name, the
        archive that it would be a member of, or a member of the archive that it is."""
        ...

    def working(self) -> AbstractContextManager[None]:
        """While the block runs, its process takes files; where one alone may, it waits for its
        turn."""
        ...

    def guard(self, store: Store) -> None:
        """From now on nothing is written to `store` for a file that this process took and holds no
        more; that raises `Unwanted`, and the store is as it was."""
        ...

    def take(self) -> Task | None:
        """The next file to add, one attempt further; None when there is none. No file is taken as
        long as one that was sent before it may be for the same document."""
        ...

    def advance(
        self, task: Task, share: float, step: Step | None, documents: Sequence[Added]
    ) -> bool:
        """Notes that this part of `task`, in [0, 1], is done, how far the present document is, and
        which are stored. Whether `task` is still wanted of this worker."""
        ...

    def give_back(self, task: Task, *, tried: bool = False) -> None:
        """Leaves `task` for later, as if it had not been tried, unless it was `tried`."""
        ...

    def finish(
        self, task: Task, documents: Sequence[Added], errors: Sequence[tuple[str, str]]
    ) -> None:
        """Notes what became of `task`; with the last file its job is finished, and the bytes are
        thrown away. Changes nothing where another worker has taken it since."""
        ...

    def cancel(self, job_id: str) -> Job:
        """Adds no more of a job; what is stored of it by now is kept. Raises `UnknownJob`."""
        ...

    def withdraw(self, uris: Iterable[str]) -> bool:
        """Keeps the documents with these uris from being added by what is open now, as files or as
        members of archives; later uploads of the same name are added. Whether any was awaited."""
        ...

    def withdrawn(self, task: Task) -> frozenset[str]:
        """The uris that are not to be added, or not to stay, though `task` holds them."""
        ...

    def uri_of(self, document_id: str) -> str | None:
        """The uri of the file to be added whose document will have this id."""
        ...

    def close(self) -> None: ...


def job_of(job_id: str, created_at: str, finished_at: str | None, files: Sequence[State]) -> Job:
    """The job that these files, in order, make."""
    over = [file for file in files if file[0] not in ("pending", "running")]
    if any(file[0] == "cancelled" for file in files):
        status = "cancelled"
    elif finished_at:
        status = "done" if any(file[0] == "done" for file in files) else "failed"
    else:
        status = "running" if any(file[0] != "pending" for file in files) else "pending"
    present = [file for file in files if file[0] == "running"]
    share = sum(file[1] for file in present)
    steps = [Step(**file[2]) for file in present if file[2]]
    return Job(
        id=job_id,
        status=status,
        total=len(files),
        done=len(over),
        progress=round((len(over) + share) / len(files), 4),
        documents=tuple(
            Added(**each)
            for file in files
            for each in file[3]
            if file[0] != "cancelled" or each["status"] != "pending"
        ),
        errors=tuple((uri, why) for file in files for uri, why in file[4]),
        created_at=created_at,
        finished_at=finished_at,
        step=steps[-1] if steps else None,
    )


def listed(documents: Sequence[Added]) -> list[dict[str, Any]]:
    """Documents as JSON has them."""
    return [asdict(each) for each in documents]
