"""The jobs of a store in a folder: the bytes lie there, their state in a small SQLite file beside
the catalog.

One worker at a time takes files from here: the holder of a lock that ends with its process.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock

from api.uploads.job_file import NOW, OPEN, connected
from api.uploads.jobs import FINISHED_KEPT, Job, Task, Upload, job_of, listed
from index.document import document_id
from index.errors import StoreUnusable, UnknownJob
from index.progress import Step
from index.records import Added
from index.store import Store
from index.sync.file_stamp import digest_of
from index.uri import MEMBER

FILE_NAME = "jobs.sqlite3"
LOCK_NAME = "jobs.lock"  # is held by the one that adds them
SPOOL = "spool"
_ABOUT = (  # what is open and of the name ?1, or the archive that it is in, or a member of it
    f"{OPEN} AND (uri = ?1 OR substr(uri, 1, length(?1) + {len(MEMBER)}) = ?1 || '{MEMBER}' "
    f"OR substr(?1, 1, length(uri) + {len(MEMBER)}) = uri || '{MEMBER}')"
)


class FolderJobs:
    """The `Jobs` of the store in `folder`. Raises `StoreUnusable` when it cannot be written to."""

    is_shared = False
    holder = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / FILE_NAME
        self._spool = folder / SPOOL

    def submit(self, uploads: Sequence[Upload]) -> Job:
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
                (FINISHED_KEPT,),
            )
        return self.job(job_id)

    def _spooled(self, upload: Upload, path: Path) -> Added:
        with path.open("wb") as file:
            shutil.copyfileobj(upload.data, file)
            file.flush()
            os.fsync(file.fileno())
        return upload.as_pending(digest_of(path))

    def job(self, job_id: str) -> Job:
        for found in self._jobs("WHERE id = ?", (job_id,)):
            return found
        raise UnknownJob.called(job_id)

    def jobs(self, limit: int = 100) -> list[Job]:
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
                states = [(status, share, *map(json.loads, rest)) for status, share, *rest in files]
                yield job_of(job_id, created_at, finished_at, states)

    def is_open(self) -> bool:
        with connected(self._path) as db:
            return bool(db.execute(f"SELECT 1 FROM files WHERE {OPEN} LIMIT 1").fetchone())

    def awaits(self, uris: Iterable[str]) -> bool:
        with connected(self._path) as db:
            return any(
                db.execute(f"SELECT 1 FROM files WHERE {_ABOUT}", (uri,)).fetchone() for uri in uris
            )

    @contextmanager
    def working(self) -> Iterator[None]:
        with FileLock(self.folder / LOCK_NAME):
            self.sweep()
            yield

    def guard(self, store: Store) -> None:
        """Nothing is to be done: only one process takes files."""

    def take(self) -> Task | None:
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
        place = number - first
        read = self._path_of(job_id, place).read_bytes
        rest = media_type, bool(is_text), attempts, collection
        return Task(number, job_id, place, uri, read, *rest)

    def _path_of(self, job_id: str, place: int) -> Path:
        return self._spool / job_id / str(place)

    def advance(
        self, task: Task, share: float, step: Step | None, documents: Sequence[Added]
    ) -> bool:
        stored = _json(documents) if documents else None
        with connected(self._path) as db:
            changed = db.execute(
                "UPDATE files SET share = ?, step = ?, documents = ifnull(?, documents) "
                "WHERE number = ? AND status = 'running'",
                (share, json.dumps(step and asdict(step)), stored, task.number),
            )
            return changed.rowcount > 0

    def cancel(self, job_id: str) -> Job:
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
        query = f"INSERT OR IGNORE INTO withdrawn SELECT number, ?1 FROM files WHERE {_ABOUT}"
        with connected(self._path) as db:
            return sum(db.execute(query, (uri,)).rowcount for uri in uris) > 0

    def withdrawn(self, task: Task) -> frozenset[str]:
        with connected(self._path) as db:
            rows = db.execute("SELECT uri FROM withdrawn WHERE file = ?", (task.number,))
            return frozenset(uri for (uri,) in rows)

    def uri_of(self, document_id_: str) -> str | None:
        with connected(self._path) as db:
            rows = db.execute(f"SELECT uri FROM files WHERE {OPEN}").fetchall()
        return next((uri for (uri,) in rows if document_id(uri) == document_id_), None)

    def give_back(self, task: Task, *, tried: bool = False) -> None:
        with connected(self._path) as db:
            db.execute(
                "UPDATE files SET status = 'pending', attempts = attempts - ?, share = 0 "
                "WHERE number = ? AND status = 'running'",
                (0 if tried else 1, task.number),
            )

    def finish(
        self, task: Task, documents: Sequence[Added], errors: Sequence[tuple[str, str]]
    ) -> None:
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
            db.execute(
                f"UPDATE jobs SET finished_at = {NOW} WHERE id = ?1 AND NOT EXISTS "
                f"(SELECT 1 FROM files WHERE job_id = ?1 AND {OPEN})",
                (task.job_id,),
            )
        self._path_of(task.job_id, task.place).unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing is open between two uses."""

    def sweep(self) -> None:
        """Throws away the bytes of jobs that are finished, or were never begun."""
        with connected(self._path) as db:
            rows = db.execute("SELECT id FROM jobs WHERE finished_at IS NULL").fetchall()
        kept = {job_id for (job_id,) in rows}
        for folder in self._spool.iterdir() if self._spool.is_dir() else ():
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)


def _json(documents: Sequence[Added]) -> str:
    return json.dumps(listed(documents))
