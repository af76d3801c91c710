"""What holds of jobs in PostgreSQL beyond the suite of all: leases, order, room."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from support import CAT, WordEmbedder
from support_postgres import EmptyStore, run

from api.uploads import worker
from api.uploads.jobs import Task, Unwanted, Upload
from api.uploads.postgres_jobs import PostgresJobs
from index.errors import ServerBusy, StoreUnusable
from index.index import Index
from index.postgres.address import Address
from index.progress import Step
from index.records import Added
from index.text.chunk import Chunking

Open = Callable[..., PostgresJobs]


@pytest.fixture
def store() -> Iterator[EmptyStore]:
    store = EmptyStore()
    yield store
    store.close()


@pytest.fixture
def server(store: EmptyStore) -> Iterator[Open]:
    """The jobs as another server sees them, with a lease of so many seconds."""
    some: list[PostgresJobs] = []

    def opened(lease: float = 60, most_mb: float = 1) -> PostgresJobs:
        some.append(PostgresJobs(store.address, lease, most_mb))
        return some[-1]

    yield opened
    for each in some:
        each.close()


def upload(uri: str, text: str = "A good text.") -> Upload:
    return Upload(uri, BytesIO(text.encode()))


def taken(jobs: PostgresJobs) -> Task:
    task = jobs.take()
    assert task is not None
    return task


def stored(uri: str) -> Added:
    return Added("id", uri, "T", "s", 1, "added")


def test_every_file_is_taken_by_one(server: Open) -> None:
    servers = [server() for _ in range(4)]
    for number in range(10):
        servers[0].submit([upload(f"{number}-{part}.txt") for part in range(4)])

    def work(jobs: PostgresJobs) -> list[str]:
        done = []
        while (task := jobs.take()) is not None:
            assert task.read() == b"A good text."
            jobs.finish(task, [stored(task.uri)], [])
            done.append(task.uri)
        return done

    with ThreadPoolExecutor(4) as threads:
        done = [uri for each in threads.map(work, servers) for uri in each]
    assert sorted(done) == sorted(f"{n}-{part}.txt" for n in range(10) for part in range(4))
    assert {(job.status, job.done) for job in servers[3].jobs()} == {("done", 4)}
    assert all(job.finished_at for job in servers[3].jobs())


def test_what_may_be_the_same_document_is_added_in_order(server: Open) -> None:
    first, second, third = server(), server(), server()
    for uri in ("x.txt", "x.txt", "y.txt", "a.zip", "a.zip!/m.txt"):
        first.submit([upload(uri)])
    one = taken(first)
    assert [one.uri, taken(second).uri, taken(third).uri] == ["x.txt", "y.txt", "a.zip"]
    assert (server().take(), server().is_open()) == (None, False)
    first.finish(one, [stored("x.txt")], [])
    again = taken(server())
    assert (again.uri, again.number > one.number) == ("x.txt", True)


def test_a_lease_that_has_run_out_is_another_servers(server: Open) -> None:
    dead, alive = server(lease=0), server()
    job = dead.submit([upload("a.txt")])
    lost = taken(dead)
    found = taken(alive)
    assert (found.uri, found.attempts, found.claim > lost.claim) == ("a.txt", 2, True)
    assert server().take() is None  # that lease is good
    assert not dead.advance(lost, 0.5, None, [stored("a.txt")])
    dead.finish(lost, [], [("a.txt", "too late")])
    dead.give_back(lost)
    now = alive.job(job.id)
    assert (now.status, now.errors, now.progress) == ("running", (), 0.0)
    alive.finish(found, [stored("a.txt")], [])
    assert dead.job(job.id).documents == (stored("a.txt"),)


def test_who_lost_its_lease_stores_nothing_any_more(server: Open, store: EmptyStore) -> None:
    index = Index(store, WordEmbedder(), Chunking())
    dead, alive = server(lease=0), server()
    dead.submit([upload("a.txt")])
    taken(dead)
    dead.guard(store)
    list(index.add([CAT]))  # nobody else has taken it yet
    index.remove("cat.txt")
    held = taken(alive)
    with pytest.raises(Unwanted, match=r"a\.txt was taken by another server"):
        list(index.add([CAT]))
    assert index.documents() == []
    alive.guard(store)
    list(index.add([CAT]))
    alive.finish(held, [stored("a.txt")], [])
    index.remove("cat.txt")  # the next one's to do


class Overtaken(PostgresJobs):
    """Is silent for so long, once, that `other` takes what it had."""

    other: PostgresJobs
    late: Task | None = None

    def advance(
        self, task: Task, share: float, step: Step | None, documents: Sequence[Added]
    ) -> bool:
        while self.late is None:  # its row may be locked just now, for the lease is renewed
            self.late = self.other.take()
        return super().advance(task, share, step, documents)


def test_a_worker_that_was_overtaken_leaves_the_file_to_the_other(
    server: Open, store: EmptyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_TELL_SECONDS", 0.0)
    monkeypatch.setattr(worker, "_IDLE_SECONDS", 0.0)
    index = Index(store, WordEmbedder(), Chunking())
    slow = Overtaken(store.address, 0, 1)
    slow.other = server()
    job = slow.submit([upload("a.txt")])
    worker.Worker(index, slow).run(threading.Event())
    assert index.documents() == []
    assert slow.other.job(job.id).status == "running"
    assert slow.late is not None
    slow.other.give_back(slow.late)
    quick = server()
    worker.Worker(index, quick).run(threading.Event())
    assert [each.uri for each in index.documents()] == ["a.txt"]
    assert quick.job(job.id).status == "done"
    slow.close()


def test_a_lease_is_renewed_as_long_as_its_holder_works(server: Open, store: EmptyStore) -> None:
    jobs = server(lease=0.6)
    jobs.submit([upload("a.txt")])

    def lease() -> object:
        return run("SELECT leased_until FROM footnote.job_files", store.address.url)

    with jobs.working():
        task = taken(jobs)
        begun = lease()
        until = time.monotonic() + 60
        while lease() == begun:
            assert time.monotonic() < until
            time.sleep(0.1)
        jobs.finish(task, [stored("a.txt")], [])
        assert run("SELECT count(*) FROM footnote.job_bytes", store.address.url) == [(0,)]


def test_a_restarted_worker_of_the_same_server_need_not_wait(
    server: Open, store: EmptyStore
) -> None:
    first = server()
    first.submit([upload("a.txt")])
    taken(first)
    assert not server().is_open()
    assert taken(PostgresJobs(store.address, 60, 1, first.holder)).attempts == 2


def test_no_more_waits_than_there_is_room_for(server: Open) -> None:
    jobs = server(most_mb=0.001)
    jobs.submit([upload("a.txt", "a" * 600), upload("empty.txt", "")])
    with pytest.raises(ServerBusy, match=r"uploads of 0\.0006 MB wait to be added, of 0\.001 MB"):
        jobs.submit([upload("b.txt", "b" * 600)])
    jobs.submit([upload("c.txt", "c" * 400)])
    with pytest.raises(ServerBusy):
        jobs.submit([upload("d.txt", "d")])
    assert [job.documents[0].uri for job in jobs.jobs()] == ["c.txt", "a.txt"]
    for _ in range(2):
        task = taken(jobs)
        assert len(task.read()) in (600, 0)
        jobs.finish(task, [stored(task.uri)], [])
    jobs.submit([upload("b.txt", "b" * 600)])


def test_large_files_come_back_whole(server: Open) -> None:
    data = bytes(range(256)) * 10_000  # in three parts
    server(most_mb=3).submit([Upload("a.bin", BytesIO(data))])
    assert taken(server()).read() == data


def test_errors_name_the_server_and_no_password(store: EmptyStore) -> None:
    gone = store.address.url.replace("//postgres:@", "//postgres:s3cret@") + "/nowhere"
    jobs = PostgresJobs(Address(gone), 60, 1)
    with pytest.raises(StoreUnusable, match="does not answer") as caught:
        jobs.jobs()
    assert "s3cret" not in str(caught.value)
    jobs.close()
