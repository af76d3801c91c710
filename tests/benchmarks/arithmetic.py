"""How much arithmetic all-MiniLM-L6-v2 takes, and how much this machine does."""

from __future__ import annotations

import time

import numpy as np

LAYERS, WIDTH, INNER = 6, 384, 1536


def operations(tokens: int) -> int:
    """Multiplications and additions in the matrix products of one text."""
    matrices = 4 * WIDTH * WIDTH + 2 * WIDTH * INNER
    return 2 * LAYERS * (tokens * matrices + 2 * tokens * tokens * WIDTH)


def peak() -> float:
    """Float32 operations per second of numpy's matrix product, the best of several."""
    a = np.random.default_rng(0).random((2048, 2048), dtype=np.float32)
    laps = []
    for _ in range(5):
        start = time.perf_counter()
        a @ a
        laps.append(time.perf_counter() - start)
    return 2 * 2048**3 / min(laps)
