"""`footnote sync` as it is typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.cli.main import main
from index.errors import StoreMissing
from index.sqlite.catalog import Catalog

COMMAND = str(Path(sys.executable).parent / "footnote")
Sync = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "tower.txt").write_text("The Eiffel Tower was built in 1889.", encoding="utf-8")
    return folder


@pytest.fixture
def sync(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Sync:
    """Runs the command on `folder` in this process, whose priority it leaves alone: exit code,
    JSON document and messages."""
    monkeypatch.setattr(os, "nice", lambda steps: 0)

    def run(*options: str) -> tuple[int, Any, str]:
        where = ["--store", str(folder.parent / "store")]
        monkeypatch.setattr(sys, "argv", ["footnote", *where, "sync", str(folder), *options])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), json.loads(out) if "--json" in options else out, err

    return run


def test_it_says_what_it_did(folder: Path, sync: Sync) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    code, first, messages = sync("--json")
    assert (code, first["counts"]["added"], first["folder"]) == (1, 1, folder.as_posix())
    (added,) = first["documents"]
    assert (added["uri"], added["status"]) == ((folder / "tower.txt").as_posix(), "added")
    assert [each["uri"] for each in first["errors"]] == [(folder / "broken.pdf").as_posix()]
    assert [each["uri"] for each in first["skipped"]] == [(folder / "picture.png").as_posix()]
    assert messages.count("footnote:") == messages.count("broken.pdf") == 1
    (folder / "broken.pdf").unlink()
    (folder / "tower.txt").rename(folder / "eiffel.txt")
    code, second, messages = sync("--json")
    assert (code, messages) == (0, "")
    assert second["counts"] == {
        "added": 0,
        "replaced": 0,
        "moved": 1,
        "removed": 0,
        "unchanged": 0,
        "failed": 0,
        "skipped": 1,
        "hashed": 1,
    }
    assert second["moved"] == [
        {
            "id": added["id"],
            "before": (folder / "tower.txt").as_posix(),
            "uri": (folder / "eiffel.txt").as_posix(),
        }
    ]
    (folder / "eiffel.txt").unlink()
    (folder / "picture.png").unlink()
    code, nothing, messages = sync()
    assert (code, nothing) == (1, "")
    assert "remove them with --allow-empty" in messages
    code, emptied, _ = sync("--json", "--allow-empty")
    assert (code, emptied["removed"]) == (0, [(folder / "eiffel.txt").as_posix()])


def test_what_needs_no_embedding_loads_nothing_heavy(folder: Path, sync: Sync) -> None:
    assert sync()[1].splitlines()[-1] == f"{folder.as_posix()}: 1 added, 1 hashed"
    (folder / "tower.txt").rename(folder / "eiffel.txt")
    script = (
        "import sys; from api.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'faiss', 'fastapi', 'sklearn',"
        " 'lxml', 'trafilatura', 'watchfiles'}\n"
        "sys.exit(sorted(heavy & sys.modules.keys()) or 0)"
    )
    arguments = ["--store", folder.parent / "store", "sync", folder]
    command = [sys.executable, "-c", script, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "1 moved" in ran.stdout


def test_watching_ends_cleanly_with_one_document(folder: Path) -> None:
    command = [COMMAND, "--store", folder.parent / "store", "sync", folder, "--watch", "--json"]
    following = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        while not uris(folder.parent / "store"):
            assert following.poll() is None
            time.sleep(0.1)
        (folder / "tower.txt").rename(folder / "eiffel.txt")
        while uris(folder.parent / "store") != [(folder / "eiffel.txt").as_posix()]:
            assert following.poll() is None
            time.sleep(0.1)
    finally:
        following.send_signal(signal.SIGINT)
        out, messages = following.communicate(timeout=60)
    assert (following.returncode, messages) == (130, "")
    told = json.loads(out)
    assert [each["uri"] for each in told["documents"]] == [(folder / "tower.txt").as_posix()]
    assert [each["uri"] for each in told["moved"]] == [(folder / "eiffel.txt").as_posix()]


def uris(store: Path) -> list[str]:
    try:
        catalog = Catalog(store, create=False)
    except StoreMissing:
        return []
    with catalog.read() as snapshot:
        found = [stored.uri for stored in snapshot.documents(0, -1)]
    catalog.close()
    return found


def test_several_folders_are_synced_by_one_command(folder: Path, sync: Sync) -> None:
    """One that is not there is told, and stops none of the others."""
    other, away = folder.parent / "mail", folder.parent / "away"
    other.mkdir()
    (other / "letter.txt").write_text("Ada kept the light.", encoding="utf-8")
    code, done, messages = sync(str(away), str(other), str(folder), "--json")
    assert code == 1
    found = [(each["folder"], each["counts"]["added"]) for each in done["folders"]]
    assert found == [(folder.as_posix(), 1), (away.as_posix(), 0), (other.as_posix(), 1)]
    assert f"the folder {away.as_posix()} is not there" in messages
    (other / "letter.txt").unlink()
    (other / "note.txt").write_text("Eve does now.", encoding="utf-8")
    code, out, _ = sync(str(other))
    assert (code, f"removed    {(other / 'letter.txt').as_posix()}\n" in out) == (0, True)
    wanted = {(folder / "tower.txt").as_posix(), (other / "note.txt").as_posix()}
    assert {*uris(folder.parent / "store")} == wanted


def test_several_folders_are_watched_by_one_command(folder: Path) -> None:
    other, store = folder.parent / "mail", folder.parent / "store"
    other.mkdir()
    (other / "letter.txt").write_text("Ada kept the light.", encoding="utf-8")
    command = [COMMAND, "--store", store, "sync", folder, other, "--watch", "--json"]
    watching = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _wait_for(lambda: len(uris(store)) == 2)
    (other / "second.txt").write_text("Eve does now.", encoding="utf-8")
    _wait_for(lambda: len(uris(store)) == 3)
    (folder / "tower.txt").unlink()
    (folder / "fair.txt").write_text("It was the year of the fair.", encoding="utf-8")
    wanted = [folder / "fair.txt", other / "letter.txt", other / "second.txt"]
    _wait_for(lambda: {*uris(store)} == {each.as_posix() for each in wanted})
    watching.send_signal(signal.SIGINT)
    out, _ = watching.communicate(timeout=60)
    done = json.loads(out)["folders"]
    assert watching.returncode == 130
    assert [each["counts"]["added"] for each in done] == [2, 2]
    assert [each["counts"]["removed"] for each in done] == [1, 0]


def _wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 240
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)
