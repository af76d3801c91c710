"""A network run by ONNX Runtime, one text at a time and every core on another text."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelUnavailable

Ids = Sequence[int]


class Network:
    """The graph that `locate` makes or finds, a file or its content; it loads on first use and may
    be used by many threads. A text goes through alone, unpadded, on one core: its result does not
    depend on what is computed beside it, and the memory needed not on how many there are.

    Raises `ModelUnavailable` on loading.
    """

    def __init__(self, locate: Callable[[], Path | bytes]) -> None:
        self._locate = locate
        self._loading = threading.Lock()
        self._session: Any = None

    def run(self, texts: Sequence[tuple[Ids, Ids]]) -> list[NDArray[np.float32]]:
        """The output for each (token ids, token types) in order; long texts are begun first."""
        session = self._loaded()
        if len(texts) < 2:
            return [_run(session, text) for text in texts]
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row][0]))
        results: list[Any] = [None] * len(texts)
        # Threads of this call alone: a question never waits for the documents being added, and
        # they inherit the priority of the thread that asks.
        with ThreadPoolExecutor(min(cores(), len(texts))) as threads:
            done = threads.map(lambda row: _run(session, texts[row]), order)
            for row, result in zip(order, done, strict=True):
                results[row] = result
        return results

    def _loaded(self) -> Any:
        with self._loading:
            if self._session is None:
                self._session = _session(self._locate())
            return self._session


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _run(session: Any, text: tuple[Ids, Ids]) -> NDArray[np.float32]:
    ids, kinds = text
    feed = {
        "input_ids": np.array([ids], dtype=np.int64),
        "token_type_ids": np.array([kinds], dtype=np.int64),
    }
    output: NDArray[np.float32] = session.run(None, feed)[0][0]
    return output


def _session(graph: Path | bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Without it, processors older than VNNI add int8 products in 16 bits that overflow.
    options.add_session_config_entry("session.x64quantprecision", "1")
    source = graph if isinstance(graph, bytes) else str(graph)
    try:
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no base of their own
        reason = str(error).strip().splitlines()[0]
        raise ModelUnavailable(f"the network could not be loaded: {reason}") from error
