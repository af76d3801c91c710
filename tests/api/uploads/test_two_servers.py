"""Two servers over one PostgreSQL, each a process of its own, and one is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from support_postgres import new_database, run

from index.postgres.address import Address
from index.postgres.store import PostgresStore

ROOT = Path(__file__).parents[3]
TEXT = " ".join(f"The lighthouse number {n} was lit by keeper {n * 7}." for n in range(2000))


class Server:
    """A `footnote serve` of its own, which ends with the test."""

    def __init__(self, address: Address, home: Path, **settings: object) -> None:
        given = {f"FOOTNOTE_{name.upper()}": str(value) for name, value in settings.items()}
        home.mkdir()
        self._log = (home / "log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "footnote", "--json", "serve", "--port", "0"],
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "FOOTNOTE_STORE": address.url,
                "XDG_STATE_HOME": str(home / "state"),
                **given,
            },
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,  # so that its workers end with it
        )
        assert self.process.stdout is not None
        said = b""
        while not said.endswith(b"}\n"):
            line = self.process.stdout.readline()
            assert line, (home / "log").read_text(encoding="utf-8")
            said += line
        self.client = httpx.Client(base_url=json.loads(said)["url"], timeout=300)

    def kill(self) -> None:
        """As when its machine is gone: nothing of it says a word any more."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.close()


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def started(address: Address, **settings: object) -> Server:
            home = tmp_path / f"server{len([*tmp_path.iterdir()])}"
            server = Server(address, home, **settings)
            stack.callback(server.close)
            return server

        yield started


def wait_until(reached: Callable[[], Any]) -> Any:
    until = time.monotonic() + 600
    while not (found := reached()):
        assert time.monotonic() < until
        time.sleep(0.2)
    return found


def test_a_killed_servers_job_is_done_by_the_other(start: Start) -> None:
    address = new_database()
    settings = {"background_mb": 0, "job_lease_seconds": 15}
    servers = [start(address, **settings) for _ in range(2)]

    def rows(what: str) -> list[tuple[object, ...]]:
        return run(f"SELECT {what} FROM footnote.job_files ORDER BY number", address.url)

    # Both bring jobs, and either tells of all; each file is taken once.
    small = []
    for number in range(6):
        file = {"file": (f"{number}.txt", f"Note {number} is about ships.".encode())}
        answered = servers[number % 2].client.post("/v1/documents", files=file)
        assert answered.status_code == 202, answered.text
        small.append(answered.json()["job"]["id"])
    for number, job in enumerate(small):
        done = over(servers[(number + 1) % 2].client, job)
        assert (done["status"], done["documents"][0]["uri"]) == ("done", f"{number}.txt")
    assert rows("claims, attempts") == [(1, 1)] * 6

    sent = servers[0].client.post("/v1/documents", files={"file": ("log.txt", TEXT.encode())})
    job = sent.json()["job"]["id"]
    where = f"/v1/jobs/{job}"
    seen = [wait_until(lambda at=each.client: at.get(where).json()["progress"]) for each in servers]
    assert all(0 < progress < 1 for progress in seen)
    (holder,) = rows("holder")[-1]
    (holding,) = [each for each in servers if f" {each.process.pid} " in str(holder)]
    (other,) = [each for each in servers if each is not holding]
    holding.kill()
    assert other.client.get(where).json()["status"] == "running"
    done = over(other.client, job)
    (document,) = done["documents"]
    assert (done["status"], document["uri"], document["status"]) == ("done", "log.txt", "added")
    assert rows("claims, attempts")[-1] == (2, 2)
    assert f" {other.process.pid} " in str(rows("holder")[-1])
    assert run("SELECT count(*) FROM footnote.job_bytes", address.url) == [(0,)]
    assert other.client.get(f"/v1/documents/{document['id']}/text").text == TEXT
    assert other.client.get("/v1/documents").json()["total"] == 7
    store = PostgresStore(address, create=False)
    assert store.check() == []
    store.close()


def over(client: httpx.Client, job: str) -> Any:
    """The job, when it is over."""

    def found() -> Any:
        now = client.get(f"/v1/jobs/{job}").json()
        return now if now["status"] not in ("pending", "running") else None

    return wait_until(found)
