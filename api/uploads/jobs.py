"""Uploads that are added after they were answered: their bytes lie in the store's folder, their
state in a small SQLite file beside the catalog, so that both outlive the process.

One worker at a time takes files from here; which one is for its holder to see to (a lock that ends
with its process). What is being worked on when a worker dies is taken up again by the next.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from api.uploads.job_file import NOW, OPEN, connected
from index.document import document_id
from index.errors import StoreUnusable, UnknownJob
from index.progress import Step
from index.records import Added
from index.sync.file_stamp import digest_of
from index.uri import MEMBER, name_title

FILE_NAME = "jobs.sqlite3"
LOCK_NAME = "jobs.lock"  # is held by the one that adds them
SPOOL = "spool"
MOST_ATTEMPTS = 3
_FINISHED_KEPT = 1000
_ABOUT = (  # what is open and of the name ?1, or the archive that it is in, or a member of it
    f"{OPEN} AND (uri = ?1 OR substr(uri, 1, length(?1) + {len(MEMBER)}) = ?1 || '{MEMBER}' "
    f"OR substr(?1, 1, length(uri) + {len(MEMBER)}) = uri || '{MEMBER}')"
)


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent: the bytes of a file, or, with `is_text`, a document as JSON (uri, title, text,
    metadata), and the collection that it is for, if any."""

    uri: str
    data: BinaryIO
    media_type: str = ""
    is_text: bool = False
    collection: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A file for the worker. `attempts` counts this one."""

    number: int
    uri: str
    path: Path
    media_type: str
    is_text: bool
    attempts: int
    collection: str | None = None


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


class Jobs:
    """The jobs of the store in `folder`. May be used by many threads and processes.

    Raises `StoreUnusable` when the folder cannot be written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / FILE_NAME
        self._spool = folder / SPOOL

    def submit(self, uploads: Sequence[Upload]) -> Job:
        """A new job for `uploads`; they are on the disk for good when it is returned."""
        job_id = secrets.token_hex(8)
        folder = self._spool / job_id
        try:
            folder.mkdir(parents=True)
            pending = [self._spooled(each, folder / str(n)) for n, each in enumerate(uploads)]
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise StoreUnusable(
                f"the upload cannot be kept in '{folder}' ({error.strerror}); make room"
            ) from error
        with connected(self._path) as db:
            db.execute("INSERT INTO jobs (id) VALUES (?)", (job_id,))
            db.executemany(
                "INSERT INTO files (job_id, uri, media_type, is_text, documents, collection) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        job_id,
                        each.uri,
                        each.media_type,
                        each.is_text,
                        _json([added]),
                        each.collection,
                    )
                    for each, added in zip(uploads, pending, strict=True)
                ],
            )
            db.execute(
                "DELETE FROM jobs WHERE finished_at IS NOT NULL AND number <= "
                "(SELECT max(number) FROM jobs) - ?",
                (_FINISHED_KEPT,),
            )
        return self.job(job_id)

    def _spooled(self, upload: Upload, path: Path) -> Added:
        with path.open("wb") as file:
            shutil.copyfileobj(upload.data, file)
            file.flush()
            os.fsync(file.fileno())
        sha256 = digest_of(path)
        title = name_title(upload.uri) or upload.uri
        return Added(document_id(upload.uri), upload.uri, title, sha256, 0, "pending")

    def job(self, job_id: str) -> Job:
        """Raises `UnknownJob`."""
        for found in self._jobs("WHERE id = ?", (job_id,)):
            return found
        raise UnknownJob(f"there is no job '{job_id}'; GET /v1/jobs lists those there are")

    def jobs(self, limit: int = 100) -> list[Job]:
        """The newest first."""
        return list(self._jobs("ORDER BY number DESC LIMIT ?", (limit,)))

    def _jobs(self, which: str, values: tuple[object, ...]) -> Iterator[Job]:
        with connected(self._path) as db:
            found = db.execute(f"SELECT id, created_at, finished_at FROM jobs {which}", values)
            for job_id, created_at, finished_at in found.fetchall():
                files = db.execute(
                    "SELECT status, share, step, documents, errors FROM files "
                    "WHERE job_id = ? ORDER BY number",
                    (job_id,),
                ).fetchall()
                yield _job(job_id, created_at, finished_at, files)

    def is_open(self) -> bool:
        """Whether there is anything to do."""
        with connected(self._path) as db:
            return bool(db.execute(f"SELECT 1 FROM files WHERE {OPEN} LIMIT 1").fetchone())

    def awaits(self, uris: Iterable[str]) -> bool:
        """Whether a document of one of these uris is still to be added: a file of that name, the
        archive that it would be a member of, or a member of the archive that it is."""
        with connected(self._path) as db:
            return any(
                db.execute(f"SELECT 1 FROM files WHERE {_ABOUT}", (uri,)).fetchone() for uri in uris
            )

    def take(self) -> Task | None:
        """The next file to add, one attempt further; None when there is none."""
        with connected(self._path) as db:
            row = db.execute(
                "UPDATE files SET status = 'running', attempts = attempts + 1, share = 0 "
                f"WHERE number = (SELECT min(number) FROM files WHERE {OPEN}) "
                "RETURNING number, job_id, uri, media_type, is_text, attempts, collection"
            ).fetchone()
            if row is None:
                return None
            number, job_id, uri, media_type, is_text, attempts, collection = row
            first = db.execute(
                "SELECT min(number) FROM files WHERE job_id = ?", (job_id,)
            ).fetchone()[0]
        path = self._spool / job_id / str(number - first)
        return Task(number, uri, path, media_type, bool(is_text), attempts, collection)

    def advance(
        self, task: Task, share: float, step: Step | None, documents: Sequence[Added]
    ) -> bool:
        """Notes that this part of `task`, in [0, 1], is done, how far the present document is, and
        which are stored. Whether `task` is still wanted."""
        stored = _json(documents) if documents else None
        with connected(self._path) as db:
            changed = db.execute(
                "UPDATE files SET share = ?, step = ?, documents = ifnull(?, documents) "
                "WHERE number = ? AND status = 'running'",
                (share, json.dumps(step and asdict(step)), stored, task.number),
            )
            return changed.rowcount > 0

    def cancel(self, job_id: str) -> Job:
        """Adds no more of a job; what is stored of it by now is kept. Raises `UnknownJob`."""
        self.job(job_id)
        with connected(self._path) as db:
            db.execute(
                f"UPDATE files SET status = 'cancelled' WHERE job_id = ? AND {OPEN}", (job_id,)
            )
            db.execute(
                f"UPDATE jobs SET finished_at = {NOW} WHERE id = ? AND finished_at IS NULL",
                (job_id,),
            )
        shutil.rmtree(self._spool / job_id, ignore_errors=True)
        return self.job(job_id)

    def withdraw(self, uris: Iterable[str]) -> bool:
        """Keeps the documents with these uris from being added by what is open now, as files or as
        members of archives; later uploads of the same name are added. Whether any was awaited."""
        query = f"INSERT OR IGNORE INTO withdrawn SELECT number, ?1 FROM files WHERE {_ABOUT}"
        with connected(self._path) as db:
            return sum(db.execute(query, (uri,)).rowcount for uri in uris) > 0

    def withdrawn(self, task: Task) -> frozenset[str]:
        """The uris that are not to be added, or not to stay, though `task` holds them."""
        with connected(self._path) as db:
            rows = db.execute("SELECT uri FROM withdrawn WHERE file = ?", (task.number,))
            return frozenset(uri for (uri,) in rows)

    def uri_of(self, document_id_: str) -> str | None:
        """The uri of the file to be added whose document will have this id."""
        with connected(self._path) as db:
            rows = db.execute(f"SELECT uri FROM files WHERE {OPEN}").fetchall()
        return next((uri for (uri,) in rows if document_id(uri) == document_id_), None)

    def give_back(self, task: Task) -> None:
        """Leaves `task` for later, as if it had not been tried."""
        with connected(self._path) as db:
            db.execute(
                "UPDATE files SET status = 'pending', attempts = attempts - 1, share = 0 "
                "WHERE number = ? AND status = 'running'",
                (task.number,),
            )

    def finish(
        self, task: Task, documents: Sequence[Added], errors: Sequence[tuple[str, str]]
    ) -> None:
        """Notes what became of `task`; with the last file its job is finished, and the bytes are
        thrown away."""
        with connected(self._path) as db:
            db.execute(
                "UPDATE files SET status = iif(status = 'cancelled', status, ?), documents = ?, "
                "errors = ? WHERE number = ?",
                (
                    "done" if documents else "failed",
                    _json(documents),
                    json.dumps(list(errors)),
                    task.number,
                ),
            )
            job_id = task.path.parent.name
            db.execute(
                f"UPDATE jobs SET finished_at = {NOW} WHERE id = ?1 AND NOT EXISTS "
                f"(SELECT 1 FROM files WHERE job_id = ?1 AND {OPEN})",
                (job_id,),
            )
        task.path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Throws away the bytes of jobs that are finished, or were never begun."""
        with connected(self._path) as db:
            rows = db.execute("SELECT id FROM jobs WHERE finished_at IS NULL").fetchall()
        kept = {job_id for (job_id,) in rows}
        for folder in self._spool.iterdir() if self._spool.is_dir() else ():
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)


def _job(
    job_id: str,
    created_at: str,
    finished_at: str | None,
    files: Sequence[tuple[str, float, str, str, str]],
) -> Job:
    over = [file for file in files if file[0] not in ("pending", "running")]
    if any(file[0] == "cancelled" for file in files):
        status = "cancelled"
    elif finished_at:
        status = "done" if any(file[0] == "done" for file in files) else "failed"
    else:
        status = "running" if any(file[0] != "pending" for file in files) else "pending"
    present = [file for file in files if file[0] == "running"]
    share = sum(file[1] for file in present)
    steps = [Step(**step) for file in present if (step := json.loads(file[2]))]
    return Job(
        id=job_id,
        status=status,
        total=len(files),
        done=len(over),
        progress=round((len(over) + share) / len(files), 4),
        documents=tuple(
            Added(**each)
            for file in files
            for each in json.loads(file[3])
            if file[0] != "cancelled" or each["status"] != "pending"
        ),
        errors=tuple((uri, why) for file in files for uri, why in json.loads(file[4])),
        created_at=created_at,
        finished_at=finished_at,
        step=steps[-1] if steps else None,
    )


def _json(documents: Sequence[Added]) -> str:
    return json.dumps([asdict(each) for each in documents])
