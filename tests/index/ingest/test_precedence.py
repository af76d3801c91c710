"""Who waits for whom, over the file that they meet at."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support import WordEmbedder

from index.ingest.precedence import FILE_NAME, Deferring, Precedence


@pytest.fixture
def adder(tmp_path: Path) -> Precedence:
    """Its last batch took 0.5 s, so that it may wait for 2."""
    adder = Precedence(tmp_path)
    with adder.adding():
        time.sleep(0.5)
    return adder


def test_adding_waits_for_every_question(tmp_path: Path, adder: Precedence) -> None:
    order: list[str] = []

    def add() -> None:
        with adder.adding():
            order.append("added")

    thread = threading.Thread(target=add)
    first, second = Precedence(tmp_path), Precedence(tmp_path)
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
    adder = Precedence(tmp_path)
    with adder.adding():
        time.sleep(0.01)
    with Precedence(tmp_path).asking(), adder.adding():
        pass


def test_nobody_waits_where_the_folder_cannot_be_written_to(adder: Precedence) -> None:
    nowhere = Precedence(Path("no/such/folder"))
    with nowhere.asking(), nowhere.adding():
        pass
    assert not Path("no").exists()


def test_asking_leaves_nothing_open(tmp_path: Path) -> None:
    precedence = Precedence(tmp_path)
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    for _ in range(20):
        with precedence.asking(), precedence.adding():
            pass
    after = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    assert after == before
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_vectors_come_in_the_order_of_the_texts(tmp_path: Path) -> None:
    given: list[int] = []

    class Noting(WordEmbedder):
        def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            given.append(len(texts))
            return super().passages(texts)

    texts = [" ".join(f"w{n}-{m}" for m in range(n * 7 % 20 + 1)) for n in range(20)]
    deferring = Deferring(Noting("n", 512, 99), Precedence(tmp_path))
    np.testing.assert_array_equal(deferring.passages(texts), WordEmbedder("n", 512).passages(texts))
    assert given == [8, 8, 4]
    assert deferring.passages([]).shape == (0, 512)
    assert (deferring.name, deferring.dim, deferring.max_tokens) == ("n", 512, 99)
    assert deferring.count_tokens(["two words"]) == [2]
