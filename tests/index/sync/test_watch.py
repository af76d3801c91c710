"""Following a folder as it changes, with the real watcher."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import WordEmbedder

from index.errors import UnknownDocument, UnreadableFile
from index.index import Index
from index.sqlite.store import SqliteStore
from index.sync.watch import bursts
from index.text.chunk import Chunking


class Follower:
    """Syncs whenever something changes, in a thread of its own."""

    def __init__(self, index: Index, folder: Path) -> None:
        self.index, self.folder = index, folder
        self.refused = 0
        self.turns = 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        waiting = 0
        for changed in bursts(self.folder, self.index.store.folder):
            if self.stop.is_set():
                return
            if changed or waiting:
                self.turns += 1
                try:
                    waiting = self.index.sync(self.folder, settled=0.1).waiting
                except UnreadableFile:
                    self.refused += 1

    def comes_to(self, what: Callable[[], bool]) -> bool:
        """Whether `what` becomes so before long."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if what():
                return True
            time.sleep(0.05)
        return False


@pytest.fixture
def follower(tmp_path: Path) -> Iterator[Follower]:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("A cat.", encoding="utf-8")
    index = Index(SqliteStore(folder / "store"), WordEmbedder(), Chunking())
    follower = Follower(index, folder)
    yield follower
    follower.stop.set()
    follower.thread.join()
    index.close()


def test_bursts_renames_and_the_ways_of_editors_are_followed(follower: Follower) -> None:
    index, folder = follower.index, follower.folder

    def texts() -> list[str]:
        try:
            return sorted(index.document(stored.id).text for stored in index.documents(0, -1))
        except UnknownDocument:  # removed since it was listed; to be asked again
            return []

    assert follower.comes_to(lambda: texts() == ["A cat."])
    for n in range(200):  # a burst
        (folder / f"{n}.txt").write_text(f"Number {n}.", encoding="utf-8")
    assert follower.comes_to(lambda: len(texts()) == 201)
    # As many editors save: to a file beside it, which then takes its place.
    (folder / ".a.txt.swp").write_text("editor", encoding="utf-8")
    (folder / "a.txt.tmp").write_text("A dog.", encoding="utf-8")
    (folder / "a.txt.tmp").rename(folder / "a.txt")
    (folder / ".a.txt.swp").unlink()
    assert follower.comes_to(lambda: "A dog." in texts() and "A cat." not in texts())
    (folder / "sub").mkdir()
    (folder / "a.txt").rename(folder / "sub/b.txt")
    assert follower.comes_to(lambda: index.documents(0, 1)[0].uri.endswith("/sub/b.txt"))
    for n in range(200):
        (folder / f"{n}.txt").unlink()
    assert follower.comes_to(lambda: texts() == ["A dog."])
    turns = follower.turns
    time.sleep(1.5)
    assert follower.turns == turns  # what a sync writes to the store in the folder is no change


def test_a_folder_that_comes_back_is_followed_again(tmp_path: Path) -> None:
    folder = tmp_path / "drive"
    folder.mkdir()
    (folder / "a.txt").write_text("A cat.", encoding="utf-8")
    index = Index(SqliteStore(tmp_path / "store"), WordEmbedder(), Chunking())
    follower = Follower(index, folder)
    try:
        assert follower.comes_to(lambda: index.counts().documents == 1)
        folder.rename(tmp_path / "away")
        assert follower.comes_to(lambda: follower.refused > 0)
        assert index.counts().documents == 1
        (tmp_path / "away").rename(folder)
        (folder / "b.txt").write_text("A dog.", encoding="utf-8")
        assert follower.comes_to(lambda: index.counts().documents == 2)
    finally:
        follower.stop.set()
        follower.thread.join()
        index.close()
