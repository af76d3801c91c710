"""The jobs of a store in PostgreSQL, with the bytes that wait for them: any number of servers bring
and do them, and every one knows of all.

A file belongs to the worker that took it as long as its lease is renewed. One that was silent for
too long and comes back finds that it stores nothing any more: the transaction in which it writes
looks at its claim last.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from itertools import count

from api.uploads.jobs import FINISHED_KEPT, Job, State, Task, Unwanted, Upload, job_of, listed
from index.document import document_id
from index.errors import FootnoteError, ServerBusy, UnknownJob
from index.generations import note_written
from index.postgres.address import Address
from index.postgres.connections import Connection, Connections
from index.postgres.store import PostgresStore
from index.progress import Step
from index.records import Added
from index.store import Store
from index.uri import MEMBER

_MOST = 8  # connections beside those of the store
_PART = 1_000_000  # bytes in a row
_SUBMITTING = 0x464E544A  # "FNTJ"
_OPEN = "status IN ('pending', 'running')"
_ABOUT = (  # what is open and of this name, or the archive that it is in, or a member of it
    f"{_OPEN} AND root = %s AND (uri = %s OR starts_with(uri, %s) "
    f"OR starts_with(%s, uri || '{MEMBER}'))"
)
_FREE = (  # for this holder to take
    "SELECT number FROM job_files AS file WHERE (status = 'pending' OR status = 'running' "
    "AND (leased_until < now() OR holder = %s)) AND NOT EXISTS (SELECT 1 FROM job_files AS earlier "
    "WHERE earlier.root = file.root AND earlier.number < file.number "
    "AND earlier.status IN ('pending', 'running')) ORDER BY number LIMIT 1"
)
_LEASED = "leased_until = now() + make_interval(secs => %s)"
_MINE = "number = %s AND claims = %s"
_TIME = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
logger = logging.getLogger(__name__)


def holder_name() -> str:
    """A name for the workers of this server, which no other server has."""
    return f"{platform.node()} {os.getpid()} {secrets.token_hex(4)}"


class PostgresJobs:
    """The `Jobs` of the store at `address`, which is there. A file that a worker took is another's
    to take when it was not heard of for `lease` seconds; at most `most_mb` wait, all servers
    together. One process takes one file at a time."""

    is_shared = True

    def __init__(self, address: Address, lease: float, most_mb: float, holder: str = "") -> None:
        self.holder = holder or holder_name()
        self._connections = Connections(address, _MOST)
        self._lease = lease
        self._most = most_mb
        self._held: Task | None = None

    def submit(self, uploads: Sequence[Upload]) -> Job:
        job_id = secrets.token_hex(8)
        with self._connections.pooled() as db:
            self._require_room(db, 0)  # before anything is sent
            with db.transaction():
                db.execute("INSERT INTO jobs (id) VALUES (%s)", (job_id,))
                size = sum(_sent(db, job_id, each, place) for place, each in enumerate(uploads))
                # Who counts next sees what this one has committed.
                db.execute("SELECT pg_advisory_xact_lock(%s)", (_SUBMITTING,))
                self._require_room(db, size)
                db.execute(
                    "DELETE FROM jobs WHERE finished_at IS NOT NULL AND number <= "
                    "(SELECT max(number) FROM jobs) - %s",
                    (FINISHED_KEPT,),
                )
        return self.job(job_id)

    def _require_room(self, db: Connection, own: int) -> None:
        query = f"SELECT coalesce(sum(size), 0)::bigint FROM job_files WHERE {_OPEN}"
        (waiting,) = db.execute(query).fetchone()
        others = waiting - own
        if others + max(own, 1) > self._most * 1e6:
            raise ServerBusy(
                f"uploads of {others / 1e6:g} MB wait to be added, of {self._most:g} MB that may; "
                "send it again later, or raise FOOTNOTE_UPLOADS_MB"
            )

    def job(self, job_id: str) -> Job:
        for found in self._jobs("WHERE id = %s", (job_id.replace("\0", ""),)):
            return found
        raise UnknownJob.called(job_id)

    def jobs(self, limit: int = 100) -> list[Job]:
        return self._jobs("ORDER BY number DESC LIMIT %s", (limit,))

    def _jobs(self, which: str, values: tuple[object, ...]) -> list[Job]:
        with self._connections.pooled() as db, db.transaction():
            db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            # Whoever is told that a document is stored may ask for it at once, at any server.
            (generation,) = db.execute("SELECT generation FROM totals").fetchone()
            created, finished = _TIME.format("created_at"), _TIME.format("finished_at")
            jobs = db.execute(f"SELECT id, {created}, {finished} FROM jobs {which}", values)
            found = jobs.fetchall()
            rows = db.execute(
                "SELECT job_id, status, share, step, documents, errors FROM job_files "
                "WHERE job_id = ANY(%s::text[]) ORDER BY job_id, place",
                ([row[0] for row in found],),
            ).fetchall()
        note_written(generation)
        files: dict[str, list[State]] = {}
        for job_id, *state in rows:
            files.setdefault(job_id, []).append((state[0], state[1], state[2], state[3], state[4]))
        return [job_of(id_, made, ended, files[id_]) for id_, made, ended in found]

    def is_open(self) -> bool:
        """Never, where it is not this role's to change, or at a replica."""
        with self._connections.pooled() as db:
            (found,) = db.execute(
                "SELECT NOT pg_is_in_recovery() AND has_table_privilege('job_files', 'UPDATE') "
                f"AND EXISTS ({_FREE})",
                (self.holder,),
            ).fetchone()
        return bool(found)

    def awaits(self, uris: Iterable[str]) -> bool:
        query = f"SELECT 1 FROM job_files WHERE {_ABOUT} LIMIT 1"
        with self._connections.pooled() as db:
            return any(db.execute(query, _about(uri)).fetchone() for uri in uris)

    @contextmanager
    def working(self) -> Iterator[None]:
        over = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(over,), name="lease", daemon=True)
        renewing.start()
        try:
            yield
        finally:
            over.set()
            renewing.join()

    def _renew(self, over: threading.Event) -> None:
        while not over.wait(self._lease / 3):
            if (task := self._held) is not None:
                try:
                    with self._connections.pooled() as db:
                        db.execute(
                            f"UPDATE job_files SET {_LEASED} WHERE {_MINE} AND status = 'running'",
                            (self._lease, task.number, task.claim),
                        )
                except FootnoteError as error:  # the next time may be in time
                    logger.warning("the lease of %s could not be renewed: %s", task.uri, error)

    def guard(self, store: Store) -> None:
        assert isinstance(store, PostgresStore)
        store.before_commit = self._require_held

    def _require_held(self, db: Connection) -> None:
        """Locks the claim until the transaction ends. Raises `Unwanted`."""
        if (task := self._held) is not None:
            query = f"SELECT 1 FROM job_files WHERE {_MINE} FOR SHARE"
            if not db.execute(query, (task.number, task.claim)).fetchone():
                raise Unwanted(f"{task.uri} was taken by another server")

    def take(self) -> Task | None:
        with self._connections.pooled() as db:
            row = db.execute(
                "UPDATE job_files SET status = 'running', attempts = attempts + 1, "
                f"claims = claims + 1, share = 0, step = NULL, holder = %s, {_LEASED} "
                f"WHERE number = ({_FREE} FOR UPDATE SKIP LOCKED) RETURNING "
                "number, job_id, place, uri, media_type, is_text, attempts, collection, claims",
                (self.holder, self._lease, self.holder),
            ).fetchone()
        if row is None:
            return None
        number, job_id, place, uri, *rest = row
        self._held = Task(number, job_id, place, uri, partial(self._read, number, uri), *rest)
        return self._held

    def _read(self, number: int, uri: str) -> bytes:
        with self._connections.pooled() as db:
            query = "SELECT data FROM job_bytes WHERE file = %s ORDER BY part"
            parts = db.execute(query, (number,)).fetchall()
        if not parts:
            raise FileNotFoundError(f"the bytes of {uri} are gone")
        return b"".join(data for (data,) in parts)

    def advance(
        self, task: Task, share: float, step: Step | None, documents: Sequence[Added]
    ) -> bool:
        with self._connections.pooled() as db:
            changed = db.execute(
                "UPDATE job_files SET share = %s, step = %s, "
                f"documents = coalesce(%s, documents), {_LEASED} "
                f"WHERE {_MINE} AND status = 'running'",
                (
                    share,
                    json.dumps(step and asdict(step)),
                    json.dumps(listed(documents)) if documents else None,
                    self._lease,
                    task.number,
                    task.claim,
                ),
            )
            return bool(changed.rowcount)

    def give_back(self, task: Task, *, tried: bool = False) -> None:
        with self._connections.pooled() as db:
            db.execute(
                "UPDATE job_files SET status = 'pending', attempts = attempts - %s, share = 0, "
                f"holder = '' WHERE {_MINE} AND status = 'running'",
                (0 if tried else 1, task.number, task.claim),
            )
        self._held = None

    def finish(
        self, task: Task, documents: Sequence[Added], errors: Sequence[tuple[str, str]]
    ) -> None:
        with self._connections.pooled() as db, db.transaction():
            changed = db.execute(
                "UPDATE job_files SET status = CASE status WHEN 'cancelled' THEN status ELSE %s "
                f"END, documents = %s, errors = %s WHERE {_MINE}",
                (
                    "done" if documents else "failed",
                    json.dumps(listed(documents)),
                    json.dumps(list(errors)),
                    task.number,
                    task.claim,
                ),
            )
            if changed.rowcount:
                db.execute("DELETE FROM job_bytes WHERE file = %s", (task.number,))
                # Whoever ends another file of it just now waits here, and sees that this one ended.
                db.execute("SELECT 1 FROM jobs WHERE id = %s FOR UPDATE", (task.job_id,))
                db.execute(
                    "UPDATE jobs SET finished_at = now() WHERE id = %s AND finished_at IS NULL "
                    f"AND NOT EXISTS (SELECT 1 FROM job_files WHERE job_id = jobs.id AND {_OPEN})",
                    (task.job_id,),
                )
        self._held = None

    def cancel(self, job_id: str) -> Job:
        self.job(job_id)
        with self._connections.pooled() as db, db.transaction():
            db.execute(
                f"UPDATE job_files SET status = 'cancelled' WHERE job_id = %s AND {_OPEN}",
                (job_id,),
            )
            db.execute(
                "DELETE FROM job_bytes WHERE file IN "
                "(SELECT number FROM job_files WHERE job_id = %s)",
                (job_id,),
            )
            db.execute(
                "UPDATE jobs SET finished_at = now() WHERE id = %s AND finished_at IS NULL",
                (job_id,),
            )
        return self.job(job_id)

    def withdraw(self, uris: Iterable[str]) -> bool:
        query = (
            f"INSERT INTO job_withdrawn SELECT number, %s FROM job_files WHERE {_ABOUT} "
            "ON CONFLICT DO NOTHING"
        )
        with self._connections.pooled() as db, db.transaction():
            found = [int(db.execute(query, (uri, *_about(uri))).rowcount) for uri in uris]
        return sum(found) > 0

    def withdrawn(self, task: Task) -> frozenset[str]:
        with self._connections.pooled() as db:
            query = "SELECT uri FROM job_withdrawn WHERE file = %s"
            return frozenset(uri for (uri,) in db.execute(query, (task.number,)).fetchall())

    def uri_of(self, document_id_: str) -> str | None:
        with self._connections.pooled() as db:
            rows = db.execute(f"SELECT uri FROM job_files WHERE {_OPEN}").fetchall()
        return next((uri for (uri,) in rows if document_id(uri) == document_id_), None)

    def close(self) -> None:
        self._connections.close()


def _sent(db: Connection, job_id: str, upload: Upload, place: int) -> int:
    """Keeps a file of a job; its size in bytes."""
    (number,) = db.execute(
        "INSERT INTO job_files (job_id, place, uri, root, media_type, is_text, collection, size, "
        "documents) VALUES (%s, %s, %s, %s, %s, %s, %s, 0, '[]') RETURNING number",
        (
            *(job_id, place, upload.uri, _root(upload.uri), upload.media_type),
            *(upload.is_text, upload.collection),
        ),
    ).fetchone()
    digest, size = hashlib.sha256(), 0
    for part in count():
        data = upload.data.read(_PART)
        if part and not data:
            break
        db.execute("INSERT INTO job_bytes VALUES (%s, %s, %s)", (number, part, data))
        digest.update(data)
        size += len(data)
    pending = upload.as_pending(digest.hexdigest())
    db.execute(
        "UPDATE job_files SET size = %s, documents = %s WHERE number = %s",
        (size, json.dumps(listed([pending])), number),
    )
    return size


def _root(uri: str) -> str:
    """The outermost archive that a document of this name would be in, or is itself."""
    return uri.partition(MEMBER)[0]


def _about(uri: str) -> tuple[str, str, str, str]:
    """What the places in `_ABOUT` are for."""
    return _root(uri), uri, uri + MEMBER, uri
