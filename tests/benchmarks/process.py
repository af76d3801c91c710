"""Commands as a person runs them, each in a process of its own, with what they took."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx

FOOTNOTE = str(Path(sys.executable).with_name("footnote"))


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds from start to end, and of processors, of a process and those it started; and what it
    wrote to stderr."""

    wall: float
    processor: float
    err: str


def run(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> Took:
    """Runs `command` to its end, with `env` on top of this process's environment. Raises
    `RuntimeError` when it fails; an exit code of 3, no answer, is none."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(each) for each in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
    )
    assert process.stderr
    with process.stderr:
        err = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise RuntimeError(f"{command} ended with {process.returncode}: {err}")
    return Took(wall, used.ru_utime + used.ru_stime, err)


def peak_mb(command: Sequence[str | Path]) -> float:
    """Runs `command` to its end: the most memory of it, or of any process it started. A process
    between tells: on Linux a process begins with the peak of the one that started it."""
    between = (
        "import resource, subprocess, sys; "
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    told = subprocess.run(
        [sys.executable, "-c", between, *map(str, command)], check=True, stdout=subprocess.PIPE
    )
    return int(told.stdout) / 1024


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers. `ready` is the seconds until it did, `processor` those of processors
    until then."""

    process: subprocess.Popen[bytes]
    url: str
    ready: float
    processor: float

    def seconds(self) -> float:
        """Of processors, so far; 0.0 where the system doesn't tell."""
        return _processor(self.process.pid)

    def peak_mb(self) -> float:
        """The most memory so far; 0.0 where the system doesn't tell."""
        with suppress(OSError):
            for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM"):
                    return int(line.split()[1]) / 1024
        return 0.0


class Client:
    """One connection to `url`, by the standard library, which takes less of the cores that it
    shares with the server than others do. Not for use by several threads at once."""

    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(url.removeprefix("http://"), timeout=600)

    def get(self, path: str) -> Any:
        return self._ask("GET", path, None)

    def post(self, path: str, body: Mapping[str, object]) -> Any:
        return self._ask("POST", path, json.dumps(body))

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None) -> Any:
        """What comes back, from JSON. Raises `RuntimeError` unless its status is 200."""
        self._connection.request(method, path, body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise RuntimeError(f"{method} {path}: {response.status} {content.decode()}")
        return json.loads(content)


@contextmanager
def serving(store: Path, env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """`footnote serve` over `store` at a free port, from `/health` answering until the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = time.perf_counter()
    process = subprocess.Popen(
        [FOOTNOTE, "--store", str(store), "serve", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(env or {})},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            with suppress(httpx.TransportError):
                httpx.get(f"{url}/health", timeout=60).raise_for_status()
                break
            if process.poll() is not None:
                raise RuntimeError(f"`footnote serve` ended with {process.returncode}")
            time.sleep(0.01)
        ready = time.perf_counter() - start
        yield Server(process, url, ready, _processor(process.pid))
    finally:
        process.terminate()
        process.wait()


def _processor(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0
