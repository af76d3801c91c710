"""What the workers of a cluster do."""

from __future__ import annotations

import atexit
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.embed.embedder import Embedder
from index.embed.minilm import PackagedEmbedder
from index.errors import ClusterUnavailable
from index.load.parse import Outcome
from index.load.pool import Pool
from index.load.process import ParseJob
from index.progress import Step, Told
from index.versions import fingerprint

Result = TypeVar("Result")

_SECRET = "RAY_AUTH_TOKEN"  # opens the cluster: nothing for those who parse

_embedders: dict[str, Embedder] = {}


@dataclass(frozen=True, slots=True)
class Terms:
    """On which a worker works: for the Footnote that asks, giving way to others of the machine as
    far as `niceness`, and without the GPUs that it was not given."""

    footnote: str
    niceness: int = 0
    hide_gpus: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a file, and of its pages."""

    outcomes: tuple[Outcome, ...]
    steps: tuple[Step, ...] = ()


def work(terms: Terms, do: Callable[..., Result], *given: object) -> Result:
    """Does a task. Raises `ClusterUnavailable` where another Footnote asks."""
    if terms.footnote != fingerprint():
        raise ClusterUnavailable(
            f"a Ray worker on {platform.node()} runs Footnote {fingerprint()}, not "
            f"{terms.footnote} as here; install the same one there"
        )
    os.environ.pop(_SECRET, None)
    if terms.hide_gpus:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if (missing := terms.niceness - niceness()) > 0:
        os.nice(missing)
    return do(*given)


def niceness() -> int:
    """Of this process; 0 where the system knows no priorities."""
    return os.nice(0) if hasattr(os, "nice") else 0


def parse_files(jobs: Sequence[ParseJob]) -> list[Read]:
    """What is in each file, one after the other, in a process that is limited as ever."""
    found = []
    for job in jobs:
        steps: dict[str, Step] = {}

        def tell(told: Told, steps: dict[str, Step] = steps) -> None:
            if isinstance(told, Step):
                steps[told.uri] = told  # the last one counts, for all come at once

        run = _parsers().start(job, progress=tell)
        assert run is not None
        found.append(Read(tuple(run), tuple(steps.values())))
    return found


def embed_texts(embedder: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
    """One vector for each text: [n, dim]. The embedder loads once in each worker."""
    own = _embedders.setdefault(embedder.name, embedder)
    if isinstance(own, PackagedEmbedder):  # which would take every core for several at once
        return np.concatenate([own.passages([text]) for text in texts])
    return own.passages(texts)


@cache
def _parsers() -> Pool:
    pool = Pool(1)  # a worker has one core
    atexit.register(pool.close)
    return pool
