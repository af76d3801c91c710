"""Ctrl-C, sent to a real process: what is done is kept, and nothing runs on."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import typer

from api.cli.interrupt import interruptible
from index.sqlite.catalog import FILE_NAME
from index.sqlite.store import SqliteStore

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "footnote")
FILES = 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(FILES):
        sentences = (f"Keeper {n} of house {number} lit lamp {n * number}." for n in range(60))
        (folder / f"{number:03}.txt").write_text(" ".join(sentences), encoding="utf-8")
    return folder


def stored(store: Path) -> int:
    db = sqlite3.connect(store / FILE_NAME)
    (documents,) = db.execute("SELECT count(*) FROM documents").fetchone()
    db.close()
    return int(documents)


def children(process: int) -> list[str]:
    """What `process` has started, as far as this system tells."""
    path = Path(f"/proc/{process}/task/{process}/children")
    return path.read_text("ascii").split() if path.exists() else []


def is_running(process: str) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_add_keeps_what_is_done(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    command = [*COMMAND, "--store", str(store), "add", str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        parsers = children(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    lines += out.splitlines()
    assert process.returncode == 130
    assert 3 <= len(lines) < FILES  # some, and it did not go on to the end
    assert all(line.startswith("added ") for line in lines)
    assert stored(store) >= len(lines)
    assert f" of {FILES} documents are done and kept" in err
    assert "Traceback" not in err
    assert not [each for each in parsers if is_running(each)]


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_sync_keeps_what_is_done(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    command = [*COMMAND, "--store", str(store), "sync", str(folder), "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        database = store / FILE_NAME
        while not (database.exists() and _holds_some(database)):
            assert process.poll() is None
            threading.Event().wait(0.1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    done = json.loads(out)["documents"]
    assert 0 < len(done) < FILES
    assert len(done) <= stored(store) < FILES
    assert f"interrupted; {len(done)} of {FILES} documents are done and kept" in err
    catalog = SqliteStore(store, create=False)
    assert catalog.check() == []
    catalog.close()


def _holds_some(database: Path) -> bool:
    db = sqlite3.connect(database)
    try:
        return bool(db.execute("SELECT count(*) FROM documents").fetchone()[0])
    except sqlite3.OperationalError:  # it is being made
        return False
    finally:
        db.close()


def test_ctrl_c_in_the_block_says_farewell_once() -> None:
    said: list[str] = []
    with pytest.raises(typer.Exit) as ended, interruptible(lambda: said.append("farewell")):
        raise KeyboardInterrupt
    assert (ended.value.exit_code, said) == (130, ["farewell"])
    with interruptible(lambda: said.append("not at the end")):
        pass
    assert said == ["farewell"]


STUCK = """
import time
from api.cli.interrupt import interruptible

def farewell():
    print("farewell", flush=True)

with interruptible(farewell):
    words = ["begun"]
    while True:
        try:
            while words:
                print(words.pop(), flush=True)
            time.sleep(60)  # deaf: what is under way does not end
        except KeyboardInterrupt:
            pass
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_what_does_not_end_by_itself_is_ended() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STUCK], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "farewell\n")
