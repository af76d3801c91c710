"""The workers that `--ray` names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from index.index import Index
    from rag.settings import Settings

Ray = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS",
        help="Have the workers of a Ray cluster parse and embed: local, auto, HOST:PORT or "
        "ray://HOST:PORT.",
    ),
]


@contextmanager
def working_on(index: Index, ray: str | None, settings: Settings) -> Iterator[None]:
    """Has the cluster at `ray`, if any, parse and embed what is added to `index` meanwhile. Raises
    `NotInstalled`, `InvalidSetting` and `ClusterUnavailable`."""
    if ray is None:
        yield
        return
    from index.cluster.cluster import Cluster
    from index.cluster.workers import ClusterWorkers
    from index.embed.minilm import PackagedEmbedder

    on_processors = isinstance(index.embedder, PackagedEmbedder)
    with closing(Cluster(ray, 0.0 if on_processors else settings.ray_gpus)) as cluster:
        index.workers = ClusterWorkers(cluster)
        try:
            yield
        finally:
            index.workers = None
