from __future__ import annotations

from math import log

import pytest

from index.text.lexical_share import full_bm25, lexical_shares


def test_full_bm25_by_hand() -> None:
    # Three words that say something, each in one of 8 chunks: ln((8 - 1 + 0.5) / (1 + 0.5)) each.
    assert full_bm25("What is the capital of northern Norway?", 8) == pytest.approx(3 * log(5))
    # In two chunks or fewer no word weighs anything, as in FTS5.
    assert full_bm25("Norway", 2) == full_bm25("Norway", 0) == pytest.approx(1e-6)


def test_shares_by_hand() -> None:
    full = log(5)  # of one word in 8 chunks
    shares = lexical_shares({7: full / 2, 3: full / 8, 5: 0.0}, "Norway", 8)
    assert shares == pytest.approx({7: 0.5, 3: 0.125, 5: 0.0})
    assert lexical_shares({7: 2 * full, 3: full}, "Norway", 8) == pytest.approx({7: 1.0, 3: 0.5})
    assert lexical_shares({7: 0.0}, "Norway", 8) == {7: 0.0}
    assert lexical_shares({}, "", 8) == {}
