"""Jobs on the disk."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import pytest

from api.uploads.jobs import Jobs, Upload
from index.document import document_id
from index.errors import StoreUnusable, UnknownJob
from index.records import Added

FILES = [
    Upload("big/report.txt", BytesIO(b"one"), "text/plain"),
    Upload("two.json", BytesIO(b"{}"), is_text=True),
]


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    for each in FILES:
        each.data.seek(0)
    return Jobs(tmp_path)


def stored(uri: str) -> Added:
    return Added("id", uri, "T", "s", 3, "added")


def test_from_pending_to_done(jobs: Jobs, tmp_path: Path) -> None:
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
    again = Jobs(tmp_path)  # another process, or the same after a restart
    first = again.take()
    assert first is not None
    assert (first.uri, first.media_type, first.is_text, first.attempts) == (
        "big/report.txt",
        "text/plain",
        False,
        1,
    )
    assert first.path.read_bytes() == b"one"
    again.advance(first, 0.5)
    assert (jobs.job(job.id).status, jobs.job(job.id).progress) == ("running", 0.25)
    again.finish(first, [stored("big/report.txt")], [])
    second = again.take()
    assert second is not None
    assert (second.uri, second.is_text, second.path.read_bytes()) == ("two.json", True, b"{}")
    again.finish(second, [], [("two.json", "two.json holds no text")])
    done = jobs.job(job.id)
    assert (done.status, done.done, done.progress) == ("done", 2, 1.0)
    assert done.documents == (stored("big/report.txt"),)
    assert done.errors == (("two.json", "two.json holds no text"),)
    assert done.created_at <= str(done.finished_at)
    assert (jobs.is_open(), jobs.awaits(["two.json"]), jobs.take()) == (False, False, None)
    assert not first.path.exists()


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


def test_bytes_that_no_job_needs_are_swept(jobs: Jobs, tmp_path: Path) -> None:
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


def test_unknown_jobs_and_a_folder_that_cannot_be_used(jobs: Jobs, tmp_path: Path) -> None:
    with pytest.raises(UnknownJob, match="there is no job 'x'"):
        jobs.job("x")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnusable):
        Jobs(tmp_path / "file").submit(FILES)
