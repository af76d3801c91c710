"""Who waits for whom, over the file that they meet at."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from index.sqlite.question_lock import FILE_NAME, QuestionLock


@pytest.fixture
def adder(tmp_path: Path) -> QuestionLock:
    """Its last batch took 0.5 s, so that it may wait for 2."""
    adder = QuestionLock(tmp_path)
    with adder.adding():
        time.sleep(0.5)
    return adder


def test_adding_waits_for_every_question(tmp_path: Path, adder: QuestionLock) -> None:
    order: list[str] = []

    def add() -> None:
        with adder.adding():
            order.append("added")

    thread = threading.Thread(target=add)
    first, second = QuestionLock(tmp_path), QuestionLock(tmp_path)
    with first.asking():
        with second.asking():
            thread.start()
            time.sleep(0.1)
            order.append("one is answered")
        time.sleep(0.2)  # longer than a question must be gone for adding to go on
        order.append("both are")
    thread.join()
    assert order == ["one is answered", "both are", "added"]


def test_unceasing_questions_do_not_keep_adding_for_ever(tmp_path: Path) -> None:
    adder = QuestionLock(tmp_path)
    with adder.adding():
        time.sleep(0.01)
    with QuestionLock(tmp_path).asking(), adder.adding():
        pass


def test_nobody_waits_where_the_folder_cannot_be_written_to(adder: QuestionLock) -> None:
    nowhere = QuestionLock(Path("no/such/folder"))
    with nowhere.asking(), nowhere.adding():
        pass
    assert not Path("no").exists()


def test_asking_leaves_nothing_open(tmp_path: Path) -> None:
    precedence = QuestionLock(tmp_path)
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    for _ in range(20):
        with precedence.asking(), precedence.adding():
            pass
    after = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    assert after == before
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
