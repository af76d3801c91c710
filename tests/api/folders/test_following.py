"""Folders that the server follows: a real server, a real process beside it, a real folder."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.access.keys import keys_of
from api.access.role import Role
from api.folders import follower as follower_module
from api.folders.follower import Follower
from api.folders.following import Following
from api.folders.standing import Standing
from index.errors import StoreBusy
from index.index import Index
from index.sync.result import Synced
from rag.assistant import Assistant
from rag.settings import Settings, read_settings

Folder = dict[str, Any]


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """One folder with two files, of which one can't be read, and one that is not there."""
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "tower.txt").write_text("The Eiffel Tower was built in 1889.", encoding="utf-8")
    (papers / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (papers / "picture.png").write_bytes(b"\x89PNG")
    return papers, tmp_path / "away"


@pytest.fixture
def client(
    serve: Callable[..., str], assistant: Assistant, two: tuple[Path, Path]
) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=serve(assistant, sync_folders=two), timeout=60) as client:
        yield client


def until(client: httpx.Client, holds: Callable[[list[Folder]], bool]) -> list[Folder]:
    """The folders once they are so."""
    last = time.monotonic() + 240
    while not holds(folders := client.get("/v1/folders").json()["folders"]):
        assert time.monotonic() < last, folders
        time.sleep(0.1)
    return list(folders)


def test_folders_are_followed_while_the_server_runs(
    client: httpx.Client, two: tuple[Path, Path]
) -> None:
    papers, away = two
    found = until(client, lambda each: [f["status"] for f in each] == ["following", "unreachable"])
    first, second = found
    assert (first["folder"], second["folder"]) == (papers.as_posix(), away.as_posix())
    counts = ("documents", "added", "replaced", "removed", "failed", "skipped")
    assert [first[name] for name in counts] == [1, 1, 0, 0, 1, 1]
    assert [each["uri"] for each in first["errors"]] == [(papers / "broken.pdf").as_posix()]
    assert (first["problem"], first["share"]) == ("", None)
    assert second["problem"].startswith(f"the folder {away.as_posix()} is not there")
    (one,) = client.get("/v1/documents").json()["documents"]
    assert one["uri"] == (papers / "tower.txt").as_posix()

    (papers / "new.txt").write_text("The tower is 330 metres tall.", encoding="utf-8")
    (papers / "tower.txt").write_text("The Eiffel Tower was opened in 1889.", encoding="utf-8")
    shutil.copytree(papers, away)  # the drive is there now
    first, second = until(client, lambda each: each[0]["documents"] + each[1]["documents"] == 4)
    assert second["status"] == "following"
    (papers / "new.txt").unlink()
    first, _ = until(client, lambda each: bool(each[0]["removed"]))
    assert [first[name] for name in counts[:4]] == [1, 2, 1, 1]
    text = client.get("/v1/documents", params={"in": f"{papers.as_posix()}/"}).json()
    (one,) = text["documents"]  # the same as in the other folder, whichever was read first
    named = {one["uri"], *one["aliases"]}
    assert named == {(folder / "tower.txt").as_posix() for folder in (papers, away)}


def test_what_follows_is_started_again_and_ends_with_the_server(
    settings: Settings, index: Index, two: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    following = Following(settings.model_copy(update={"sync_folders": two[:1]}))

    def wait(holds: Callable[[], bool]) -> None:
        last = time.monotonic() + 240
        while not holds():
            assert time.monotonic() < last
            time.sleep(0.05)

    following.start()
    try:
        wait(lambda: following.stands()[0].status == "following")
        first = following.process
        assert first is not None
        first.kill()
        wait(lambda: following.process is not first)
        wait(lambda: following.stands()[0].status == "following")
        assert "the process that follows folders ended: -9" in caplog.text
        assert following.stands()[0].added == 0  # all is there already
    finally:
        following.stop()
    last = following.process
    assert last is not None
    assert last.returncode is not None
    following.stop()  # twice is as good
    assert index.counts().documents == 1


def test_a_store_that_cannot_be_opened_ends_what_follows(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "footnote.sqlite3").write_bytes(b"no database at all" * 400)
    given = {"store": (tmp_path / "store").as_posix(), "sync_folders": [tmp_path.as_posix()]}
    command = [sys.executable, "-m", "api.folders.follower"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(given) + "\n")
        process.stdin.flush()
        assert process.wait(120) == 1  # though nobody has closed its standard input
        assert process.stderr is not None
        assert "following a folder failed" in process.stderr.read()


def test_without_folders_nothing_runs(settings: Settings) -> None:
    following = Following(settings)
    following.start()
    assert (following.stands(), following.process) == ([], None)
    following.stop()


def test_who_may_see_them(
    serve: Callable[..., str], assistant: Assistant, settings: Settings
) -> None:
    keys = keys_of(settings)
    _, reader = keys.create("ada", Role.READER)
    _, editor = keys.create("eve", Role.EDITOR)
    with httpx.Client(base_url=serve(assistant), timeout=60) as client:
        for key, status in ((reader, 403), (editor, 200)):
            headers = {"authorization": f"Bearer {key}"}
            assert client.get("/v1/folders", headers=headers).status_code == status


class Scripted:
    """What a folder is synced by: it raises or gives what it is told to, in order."""

    def __init__(self, index: Index, script: list[Synced | Exception]) -> None:
        self.store = index.store
        self.counts = index.counts
        self.script = script

    def sync(self, *_: object, **__: object) -> Synced:
        found = self.script.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def test_a_store_that_is_busy_is_waited_for(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower_module, "_BUSY_SECONDS", 0.0)
    told: list[Standing] = []
    script: list[Synced | Exception] = [StoreBusy("another"), Synced(waiting=2), Synced()]
    one = Follower(Scripted(index, script), tmp_path, threading.Lock(), told.append)  # type: ignore[arg-type]
    assert [one.sync(), one.sync(), one.sync()] == [True, True, False]
    assert [each.status for each in told] == ["syncing", "following"]


def test_a_line_is_said_for_each_change(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr("sys.stdout", written)
    follower_module.say(Standing("a", errors=(("u", "why"),)))
    assert json.loads(written.getvalue())["errors"] == [["u", "why"]]


def test_folders_are_named_in_one_line_or_as_a_list(tmp_path: Path) -> None:
    named = os.pathsep.join(["one two", "~/three", ""])
    wanted = (Path("one two"), Path.home() / "three")
    assert read_settings({"sync_folders": named}).sync_folders == wanted
    assert read_settings({"sync_folders": ["one two", "~/three"]}).sync_folders == wanted
    assert Settings().sync_folders == ()
