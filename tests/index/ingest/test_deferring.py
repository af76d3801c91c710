from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from support import WordEmbedder

from index.ingest.deferring import Deferring
from index.sqlite.question_lock import QuestionLock


def test_vectors_come_in_the_order_of_the_texts(tmp_path: Path) -> None:
    given: list[int] = []

    class Noting(WordEmbedder):
        def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            given.append(len(texts))
            return super().passages(texts)

    texts = [" ".join(f"w{n}-{m}" for m in range(n * 7 % 20 + 1)) for n in range(20)]
    deferring = Deferring(Noting("n", 512, 99), QuestionLock(tmp_path))
    np.testing.assert_array_equal(deferring.passages(texts), WordEmbedder("n", 512).passages(texts))
    assert given == [8, 8, 4]
    assert deferring.passages([]).shape == (0, 512)
    assert (deferring.name, deferring.dim, deferring.max_tokens) == ("n", 512, 99)
    assert deferring.count_tokens(["two words"]) == [2]
