"""A server that is told to end sends others away first, and answers as long as it is there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A `footnote serve` of its own, and its address."""
    (tmp_path / "store").mkdir()
    given = {"FOOTNOTE_STORE": str(tmp_path / "store"), "FOOTNOTE_DRAIN_SECONDS": "600"}
    process = subprocess.Popen(
        [sys.executable, "-m", "footnote", "--json", "serve", "--port", "0"],
        env={**os.environ, "PYTHONPATH": str(ROOT), **given},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    said = b""
    while not said.endswith(b"}\n"):
        line = process.stdout.readline()
        assert line, said
        said += line
    yield process, json.loads(said)["url"]
    if process.poll() is None:
        process.kill()
        process.wait()
    process.stdout.close()


def test_it_answers_and_is_not_ready_until_it_ends(
    server: tuple[subprocess.Popen[bytes], str],
) -> None:
    process, address = server
    with httpx.Client(base_url=address, timeout=300) as client:
        assert client.get("/ready").status_code == 200
        assert client.get("/health").headers.get("connection") != "close"
        process.send_signal(signal.SIGTERM)
        until = time.monotonic() + 60
        while (ready := client.get("/ready")).status_code == 200:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert (ready.status_code, "about to end" in ready.json()["detail"]) == (503, True)
        asked = client.post("/v1/search", json={"query": "ships"})
        assert (asked.status_code, asked.headers["connection"]) == (200, "close")
        process.send_signal(signal.SIGTERM)  # a second time is at once
    assert process.wait(timeout=120) in (0, -signal.SIGTERM)
