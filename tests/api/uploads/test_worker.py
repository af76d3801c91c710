"""Large uploads: answered at once, added by a process of its own, whatever happens to it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import WordEmbedder

from api.uploads import worker
from api.uploads.background import Background
from api.uploads.folder_jobs import FolderJobs
from api.uploads.jobs import Job, Task, Upload
from index.document import document_id
from index.index import Index
from index.progress import Step
from index.records import Added
from index.sqlite.store import SqliteStore
from index.text.chunk import Chunking
from rag.assistant import Assistant

TEXT = " ".join(f"The lighthouse number {n} was lit by keeper {n * 7}." for n in range(400))


@pytest.fixture
def backgrounds(monkeypatch: pytest.MonkeyPatch) -> list[Background]:
    """Those of the servers that were started."""
    started: list[Background] = []
    start = Background.start

    def noted(self: Background) -> None:
        started.append(self)
        start(self)

    monkeypatch.setattr(Background, "start", noted)
    return started


def test_a_large_upload_is_answered_at_once_and_survives_its_worker(
    backgrounds: list[Background], serve: Callable[..., str], assistant: Assistant
) -> None:
    address = serve(assistant, background_mb=0.01)
    with httpx.Client(base_url=address, timeout=120) as client:
        files = [
            ("file", ("log.txt", TEXT.encode())),
            ("file", ("broken.pdf", b"%PDF-1.7 and no more")),
        ]
        response = client.post("/v1/documents", files=files)
        assert response.status_code == 202
        body = response.json()
        assert [each["status"] for each in body["documents"]] == ["pending", "pending"]
        assert body["documents"][0]["id"] == document_id("log.txt")
        job = body["job"]
        assert (job["status"], job["total"], job["done"]) == ("pending", 2, 0)
        assert client.get("/v1/documents").json()["total"] == 0
        # A small one may not overtake a large one of the same name; another is added at once.
        late = client.post("/v1/documents", files={"file": ("log.txt", b"The light is out.")})
        assert late.status_code == 202
        small = client.post("/v1/documents", files={"file": ("note.txt", b"A note.")})
        assert small.status_code == 201
        text = {"uri": "large", "title": "Large", "text": TEXT + "!", "metadata": {"author": "A"}}
        assert client.post("/v1/documents", json=text).status_code == 202

        def now() -> Any:
            return client.get(f"/v1/jobs/{job['id']}").json()

        wait_until(lambda: now()["status"] == "running")
        process = backgrounds[0].process
        assert process is not None
        process.kill()
        wait_until(lambda: not FolderJobs(assistant.index.store.folder).is_open())
        done = now()
        assert (done["status"], done["done"], done["progress"]) == ("done", 2, 1.0)
        (log,) = done["documents"]
        assert (log["uri"], log["status"], log["chunks"] > 10) == ("log.txt", "added", True)
        assert [each["uri"] for each in done["errors"]] == ["broken.pdf"]
        jobs = client.get("/v1/jobs").json()["jobs"]
        assert [each["documents"][0]["uri"] for each in jobs] == ["large", "log.txt", "log.txt"]
        assert jobs[1]["documents"][0]["status"] == "replaced"
        assert client.get(f"/v1/documents/{log['id']}/text").text == "The light is out."
        large = client.get(f"/v1/documents/{document_id('large')}").json()
        assert (large["title"], large["metadata"]) == ("Large", {"author": "A"})
        assert client.get("/v1/jobs/none").status_code == 404
    assert assistant.index.check() == []


def wait_until(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + 300
    while not reached():
        assert time.monotonic() < until
        time.sleep(0.1)


# A worker with an embedder of words: "deadly" kills it, "slow" keeps it busy.
WORKER = """
import os, sys, threading, time
from pathlib import Path
from api.uploads import worker as job_worker
from index.text.chunk import Chunking
from index.index import Index
from index.sqlite.store import SqliteStore
from api.uploads.folder_jobs import FolderJobs
from support import WordEmbedder

class Embedder(WordEmbedder):
    def passages(self, texts):
        for text in texts:
            if "deadly" in text:
                os.kill(os.getpid(), 9)
            if "slow" in text:
                print("busy", flush=True)
                time.sleep(60)
        return super().passages(texts)

folder = Path(sys.argv[1])
job_worker._IDLE_SECONDS = 0.1
index = Index(SqliteStore(folder), Embedder(), Chunking())
worker = job_worker.Worker(index, FolderJobs(folder))
wake = threading.Event()
threading.Thread(target=job_worker.listen, args=(wake, worker), daemon=True).start()
worker.run(wake)
"""


def started(folder: Path) -> subprocess.Popen[bytes]:
    tests = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tests.parent,
        env={"PYTHONPATH": f"{tests.parent}:{tests}", "PATH": ""},
    )


def upload(uri: str, text: str) -> Upload:
    return Upload(uri, BytesIO(text.encode()))


def test_a_file_that_kills_its_worker_again_and_again_is_left_out(tmp_path: Path) -> None:
    jobs = FolderJobs(tmp_path)
    job = jobs.submit([upload("a.txt", "A deadly text."), upload("b.txt", "A good text.")])
    codes = []
    for _ in range(4):
        with started(tmp_path) as process:
            codes.append(process.wait(timeout=60))
    assert codes == [-9, -9, -9, 0]
    found = jobs.job(job.id)
    assert (found.status, found.done) == ("done", 2)
    assert [each.uri for each in found.documents] == ["b.txt"]
    assert found.errors[0][1].startswith("a.txt ended the process that adds it 3 times")
    sound(tmp_path, ["b.txt"])


def test_when_the_server_ends_its_worker_ends_and_the_file_is_not_blamed(tmp_path: Path) -> None:
    jobs = FolderJobs(tmp_path)
    jobs.submit([upload("a.txt", "A slow text.")])
    with started(tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"busy\n"
        second = started(tmp_path)  # of another server over the same store: it waits its turn
        process.stdin.close()
        assert process.wait(timeout=60) == 0
    assert second.stdout is not None
    assert second.stdout.readline() == b"busy\n"
    second.kill()
    second.communicate()
    task = jobs.take()
    assert task is not None
    assert task.attempts == 2  # the one that was killed, and this
    sound(tmp_path, [])


def test_when_the_server_ends_its_worker_ends_though_nothing_can_be_given_back(
    tmp_path: Path,
) -> None:
    FolderJobs(tmp_path).submit([upload("a.txt", "A slow text.")])
    with started(tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"busy\n"
        for log in ("", "-wal", "-shm"):
            (tmp_path / f"jobs.sqlite3{log}").unlink(missing_ok=True)
        (tmp_path / "jobs.sqlite3").mkdir()
        process.stdin.close()
        assert process.wait(timeout=300) == 0  # and not 1, when it has done its file


@pytest.mark.parametrize(("minutes", "is_kept"), [(0, False), (60, True)])
def test_a_job_keeps_what_it_replaces_as_long_as_its_server_was_told(
    serve: Callable[..., str], assistant: Assistant, minutes: int, is_kept: bool
) -> None:
    address = serve(assistant, background_mb=0, undo_minutes=minutes)
    with httpx.Client(base_url=address, timeout=120) as client:
        for text in (b"The lamp is red.", b"The lamp is blue."):
            sent = client.post("/v1/documents", files={"file": ("a.txt", text)})
            job = f"/v1/jobs/{sent.json()['job']['id']}"
            wait_until(lambda job=job: client.get(job).json().get("finished_at"))  # type: ignore[misc]
        (document,) = client.get(job).json()["documents"]
    assert document["status"] == "replaced"
    assert bool(document.get("undo")) is is_kept


def test_killed_between_storing_and_noting_it_nothing_is_stored_twice(tmp_path: Path) -> None:
    jobs = FolderJobs(tmp_path)
    job = jobs.submit([upload("a.txt", "A good text.")])
    index = Index(SqliteStore(tmp_path), WordEmbedder(), Chunking())
    from api.uploads.worker import loaded
    from index.sync.add_loaded import add_all

    task = jobs.take()
    assert task is not None
    list(add_all(index, loaded(task, index.parsing), lambda one: None))  # and no `finish`
    index.close()
    with started(tmp_path) as process:
        assert process.wait(timeout=60) == 0
    assert [each.status for each in jobs.job(job.id).documents] == ["unchanged"]
    sound(tmp_path, ["a.txt"])


def test_an_archive_is_added_member_by_member(tmp_path: Path) -> None:
    jobs = FolderJobs(tmp_path)

    def sent(files: dict[str, str]) -> Job:
        data = BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        job = jobs.submit([Upload("a.zip", BytesIO(data.getvalue()))])
        with started(tmp_path) as process:
            assert process.wait(timeout=60) == 0
        return jobs.job(job.id)

    first = sent({"x.txt": "Xenon is a gas.", "y.txt": "Yarrow grows.", "z.txt": ""})
    assert [each.uri for each in first.documents] == ["a.zip!/x.txt", "a.zip!/y.txt"]
    assert first.errors == (("a.zip!/z.txt", "a.zip!/z.txt is empty"),)
    second = sent({"x.txt": "Xenon is a gas."})
    assert [(each.uri, each.status) for each in second.documents] == [("a.zip!/x.txt", "unchanged")]
    sound(tmp_path, ["a.zip!/x.txt"])


class Noting(FolderJobs):
    """Notes what it is told, and does what a person does meanwhile, `then`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.shares: list[float] = []
        self.stored: list[int] = []
        self.steps: list[Step] = []
        self.then: Callable[[], None] = lambda: None

    def advance(
        self, task: Task, share: float, step: Step | None, documents: Sequence[Added]
    ) -> bool:
        self.shares.append(share)
        self.stored.append(len(documents))
        self.steps += [step] if step else []
        self.then()
        return super().advance(task, share, step, documents)


@pytest.fixture
def noting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Index, Noting]]:
    """A store and its jobs, which a worker in this process tells of everything."""
    monkeypatch.setattr(worker, "_TELL_SECONDS", 0.0)
    monkeypatch.setattr(worker, "_IDLE_SECONDS", 0.0)
    index = Index(SqliteStore(tmp_path), WordEmbedder(), Chunking())
    yield index, Noting(tmp_path)
    index.close()


def archive(*texts: str) -> BytesIO:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for number, text in enumerate(texts):
            archive.writestr(f"{number}.txt", text)
    data.seek(0)
    return data


def test_the_progress_of_an_archive_counts_its_members(noting: tuple[Index, Noting]) -> None:
    index, jobs = noting
    texts = ["" if number == 3 else f"Text number {number}." for number in range(8)]
    job = jobs.submit([Upload("a.zip", archive(*texts))])
    worker.Worker(index, jobs).run(threading.Event())
    assert jobs.shares == sorted(jobs.shares)
    assert (jobs.shares[0], jobs.shares[-1]) == (0.0, 1.0)
    assert jobs.stored == sorted(jobs.stored)
    assert jobs.stored[-1] == 7
    found = jobs.job(job.id)
    assert (found.status, found.progress, len(found.documents)) == ("done", 1.0, 7)
    assert [why for _, why in found.errors] == ["a.zip!/3.txt is empty"]


def test_a_long_text_moves_by_chunks(noting: tuple[Index, Noting]) -> None:
    index, jobs = noting
    jobs.submit([upload("log.txt", TEXT)])
    worker.Worker(index, jobs).run(threading.Event())
    chunks = index.counts().chunks
    assert chunks > 8
    assert {(step.uri, step.doing, step.total) for step in jobs.steps} == {
        ("log.txt", "embedding", chunks)
    }
    assert [step.done for step in jobs.steps][:2] == [8, min(16, chunks)]


def test_a_job_that_is_cancelled_ends_in_the_middle(noting: tuple[Index, Noting]) -> None:
    index, jobs = noting
    job = jobs.submit([upload("log.txt", TEXT), upload("next.txt", "Another text.")])
    jobs.then = lambda: jobs.cancel(job.id) and None
    worker.Worker(index, jobs).run(threading.Event())
    assert len(jobs.shares) == 1
    assert (jobs.job(job.id).status, jobs.job(job.id).documents) == ("cancelled", ())
    assert index.documents() == []


def test_what_is_removed_does_not_come_back_from_a_job(noting: tuple[Index, Noting]) -> None:
    index, jobs = noting
    job = jobs.submit([Upload("a.zip", archive("Ash.", "Beech.", "Cedar.")), upload("d.txt", "D.")])
    jobs.withdraw(["a.zip!/1.txt"])  # before it is read

    def remove() -> None:
        if "a.zip!/2.txt" in {each.uri for each in index.documents()}:  # after it was stored
            jobs.withdraw(["a.zip!/2.txt"])

    jobs.then = remove
    worker.Worker(index, jobs).run(threading.Event())
    assert [each.uri for each in index.documents()] == ["a.zip!/0.txt", "d.txt"]
    found = jobs.job(job.id)
    assert [each.uri for each in found.documents] == ["a.zip!/0.txt", "d.txt"]
    assert [why for _, why in found.errors] == [
        "a.zip!/1.txt was removed before it was added",
        "a.zip!/2.txt was removed before it was added",
    ]


def test_removing_over_http_withdraws_what_is_awaited(
    client: httpx.Client, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_IDLE_SECONDS", 0.0)
    (was,) = client.post("/v1/documents", files={"file": ("log.txt", b"Old.")}).json()["documents"]
    jobs = FolderJobs(assistant.index.store.folder)
    jobs.submit([upload("log.txt", "New."), upload("late.txt", "Late.")])
    refused = {"documents": [was["id"], document_id("none.txt")]}
    assert client.post("/v1/documents/remove", json=refused).status_code == 404
    assert jobs.withdraw(["log.txt"])  # nothing was, with what is unknown
    assert client.delete(f"/v1/documents/{was['id']}").status_code == 204
    assert client.delete(f"/v1/documents/{document_id('late.txt')}").status_code == 204
    assert client.delete(f"/v1/documents/{document_id('none.txt')}").status_code == 404
    worker.Worker(assistant.index, jobs).run(threading.Event())
    (job,) = jobs.jobs()
    assert (job.status, job.documents) == ("failed", ())
    assert [uri for uri, _ in job.errors] == ["log.txt", "late.txt"]
    assert client.get("/v1/documents").json()["total"] == 0


def test_cancelling_over_http(client: httpx.Client, assistant: Assistant) -> None:
    job = FolderJobs(assistant.index.store.folder).submit([upload("a.txt", "A good text.")])
    cancelled = client.delete(f"/v1/jobs/{job.id}")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert client.delete("/v1/jobs/none").status_code == 404


def test_bytes_that_are_gone_end_the_job(tmp_path: Path) -> None:
    jobs = FolderJobs(tmp_path)
    job = jobs.submit([upload("a.txt", "A good text.")])
    (tmp_path / "spool" / job.id / "0").unlink()
    with started(tmp_path) as process:
        assert process.wait(timeout=60) == 0
    assert jobs.job(job.id).status == "failed"


def sound(folder: Path, uris: list[str]) -> None:
    index = Index(SqliteStore(folder), WordEmbedder(), Chunking())
    assert index.check() == []
    assert [stored.uri for stored in index.documents()] == uris
    index.close()


def test_the_wire_form_is_the_agreed_one(client: httpx.Client, assistant: Assistant) -> None:
    jobs = FolderJobs(assistant.index.store.folder)
    jobs.submit([upload("a.txt", "A good text.")])
    (job,) = client.get("/v1/jobs", params={"limit": 1}).json()["jobs"]
    assert set(job) == {
        *("id", "status", "total", "done", "progress", "documents", "errors"),
        *("created_at", "finished_at"),
    }
    assert set(job["documents"][0]) == {"id", "uri", "title", "sha256", "chunks", "status"}
    assert json.loads(json.dumps(job)) == job
