"""What holds of jobs, on the disk and in PostgreSQL."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from support_postgres import EmptyStore

from api.uploads.folder_jobs import FolderJobs
from api.uploads.jobs import Jobs, Upload
from api.uploads.postgres_jobs import PostgresJobs
from index.document import document_id
from index.errors import StoreUnusable, UnknownJob
from index.progress import Step
from index.records import Added

FILES = [
    Upload("big/report.txt", BytesIO(b"one"), "text/plain"),
    Upload("two.json", BytesIO(b"{}"), is_text=True),
]


Open = Callable[[], Jobs]


@pytest.fixture(params=["folder", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the jobs of one store, as another process would."""
    for each in FILES:
        each.data.seek(0)
    if request.param == "folder":
        yield lambda: FolderJobs(tmp_path)
        return
    store = EmptyStore()
    some: list[Jobs] = []

    def opened() -> Jobs:
        some.append(PostgresJobs(store.address, lease=60, most_mb=1))
        return some[-1]

    yield opened
    for each in some:
        each.close()
    store.close()


@pytest.fixture
def jobs(opened: Open) -> Jobs:
    return opened()


def stored(uri: str) -> Added:
    return Added("id", uri, "T", "s", 3, "added")


def test_from_pending_to_done(jobs: Jobs, opened: Open) -> None:
    job = jobs.submit(FILES)
    assert (job.status, job.total, job.done, job.progress) == ("pending", 2, 0, 0.0)
    assert job.documents[0] == Added(
        document_id("big/report.txt"),
        "big/report.txt",
        "report",
        hashlib.sha256(b"one").hexdigest(),
        0,
        "pending",
    )
    assert jobs.is_open()
    assert jobs.awaits(["other", "two.json"])
    again = opened()  # another process, or the same after a restart
    first = again.take()
    assert first is not None
    assert (first.uri, first.media_type, first.is_text, first.attempts) == (
        "big/report.txt",
        "text/plain",
        False,
        1,
    )
    assert first.read() == b"one"
    step = Step("big/report.txt", "reading", 5, 10)
    assert again.advance(first, 0.5, step, [])
    now = jobs.job(job.id)
    assert (now.status, now.progress, now.step) == ("running", 0.25, step)
    assert [each.status for each in now.documents] == ["pending", "pending"]
    assert again.advance(first, 0.5, step, [stored("big/report.txt")])
    assert [each.status for each in jobs.job(job.id).documents] == ["added", "pending"]
    again.finish(first, [stored("big/report.txt")], [])
    second = again.take()
    assert second is not None
    assert (second.uri, second.is_text, second.read()) == ("two.json", True, b"{}")
    again.finish(second, [], [("two.json", "two.json holds no text")])
    done = jobs.job(job.id)
    assert (done.status, done.done, done.progress) == ("done", 2, 1.0)
    assert done.documents == (stored("big/report.txt"),)
    assert done.errors == (("two.json", "two.json holds no text"),)
    assert done.created_at <= str(done.finished_at)
    assert (jobs.is_open(), jobs.awaits(["two.json"]), jobs.take()) == (False, False, None)
    with pytest.raises(FileNotFoundError):
        first.read()  # the bytes are gone


def test_a_cancelled_job_keeps_what_is_stored_and_takes_no_more(jobs: Jobs) -> None:
    job = jobs.submit(FILES)
    task = jobs.take()
    assert task is not None
    assert jobs.advance(task, 0.5, None, [stored("big/report.txt")])
    cancelled = jobs.cancel(job.id)
    assert (cancelled.status, cancelled.done) == ("cancelled", 2)
    assert cancelled.finished_at is not None
    assert [each.status for each in cancelled.documents] == ["added"]
    assert not jobs.advance(task, 0.6, None, [])
    jobs.finish(task, [stored("big/report.txt")], [])
    assert jobs.job(job.id) == cancelled
    assert (jobs.take(), jobs.is_open(), jobs.awaits(["two.json"])) == (None, False, False)
    with pytest.raises(FileNotFoundError):
        task.read()
    over = jobs.submit([Upload("a.txt", BytesIO(b"a"))])
    task = jobs.take()
    assert task is not None
    jobs.finish(task, [stored("a.txt")], [])
    assert jobs.cancel(over.id).status == "done"


def test_what_is_removed_while_it_is_awaited_is_withdrawn(jobs: Jobs) -> None:
    jobs.submit([Upload("a.zip", BytesIO(b"PK")), Upload("b.txt", BytesIO(b"b"))])
    assert jobs.uri_of(document_id("b.txt")) == "b.txt"
    assert jobs.uri_of(document_id("c.txt")) is None
    assert jobs.withdraw(["a.zip!/x.txt", "c.txt"])
    assert not jobs.withdraw(["c.txt"])
    archive = jobs.take()
    assert archive is not None
    jobs.finish(archive, [stored("a.zip!/y.txt")], [])
    assert jobs.withdrawn(archive) == {"a.zip!/x.txt"}
    assert not jobs.withdraw(["a.zip!/x.txt"])  # it is done
    text = jobs.take()
    assert text is not None
    assert jobs.withdrawn(text) == frozenset()


def test_a_file_of_an_older_version_is_brought_up(tmp_path: Path) -> None:
    older = sqlite3.connect(tmp_path / "jobs.sqlite3")
    older.executescript(
        "CREATE TABLE jobs (number INTEGER PRIMARY KEY, id, created_at, finished_at);"
        "CREATE TABLE files (number INTEGER PRIMARY KEY, job_id TEXT, uri TEXT, media_type TEXT, "
        "is_text INTEGER, status TEXT DEFAULT 'pending', attempts INTEGER DEFAULT 0, "
        "share REAL DEFAULT 0, documents TEXT, errors TEXT DEFAULT '[]');"
        "INSERT INTO jobs VALUES (1, 'j', '2025-01-01T00:00:00Z', NULL);"
        "INSERT INTO files (job_id, uri, media_type, is_text, documents) "
        "VALUES ('j', 'a.txt', '', 0, '[]');"
    )
    older.close()
    jobs = FolderJobs(tmp_path)
    assert (jobs.job("j").status, jobs.withdraw(["a.txt"])) == ("pending", True)
    task = jobs.take()
    assert task is not None
    assert jobs.advance(task, 0.5, Step("a.txt", "embedding", 1, 2), [])
    assert jobs.job("j").step == Step("a.txt", "embedding", 1, 2)


def test_an_archive_and_its_members_await_one_another(jobs: Jobs) -> None:
    """Else a small upload would be added at once, and an older one over it later."""
    jobs.submit([Upload("a.zip", BytesIO(b"PK")), Upload("b.zip!/in.zip!/x.txt", BytesIO(b"x"))])
    awaited = ["a.zip", "a.zip!/x.txt", "a.zip!/b.zip!/c.txt", "b.zip", "b.zip!/in.zip"]
    assert [uri for uri in awaited if not jobs.awaits([uri])] == []
    others = ["a.zip!", "a.zi", "xa.zip!/x.txt", "b.zip!/in.zip!/y.txt", "b.zip!/in", "A.zip!/x"]
    assert [uri for uri in others if jobs.awaits([uri])] == []
    for _ in range(2):
        task = jobs.take()
        assert task is not None
        jobs.finish(task, [stored(task.uri)], [])
    assert not jobs.awaits(awaited)


def test_a_job_without_one_good_file_has_failed(jobs: Jobs) -> None:
    job = jobs.submit(FILES[:1])
    task = jobs.take()
    assert task is not None
    jobs.finish(task, [], [(task.uri, "no text")])
    assert jobs.job(job.id).status == "failed"


def test_what_was_interrupted_is_taken_again_and_counted(jobs: Jobs) -> None:
    jobs.submit(FILES[:1])
    attempts = []
    for _ in range(3):
        task = jobs.take()
        assert task is not None
        attempts.append(task.attempts)
    assert attempts == [1, 2, 3]
    jobs.give_back(task)
    assert not jobs.jobs()[0].progress
    task = jobs.take()
    assert task is not None
    assert task.attempts == 3


def test_bytes_that_no_job_needs_are_swept(tmp_path: Path) -> None:
    jobs = FolderJobs(tmp_path)
    FILES[0].data.seek(0)
    finished = jobs.submit(FILES[:1])
    task = jobs.take()
    assert task is not None
    jobs.finish(task, [stored("x")], [])
    FILES[0].data.seek(0)
    kept = jobs.submit(FILES[:1])
    (tmp_path / "spool/never-begun").mkdir()
    jobs.sweep()
    assert [folder.name for folder in (tmp_path / "spool").iterdir()] == [kept.id]
    assert [each.id for each in jobs.jobs()] == [kept.id, finished.id]
    assert [each.id for each in jobs.jobs(limit=1)] == [kept.id]


def test_unknown_jobs(jobs: Jobs) -> None:
    with pytest.raises(UnknownJob, match="there is no job 'x'"):
        jobs.job("x")
    with pytest.raises(UnknownJob, match="there is no job"):
        jobs.cancel("\0")


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnusable):
        FolderJobs(tmp_path / "file").submit(FILES)
