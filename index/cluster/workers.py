"""The workers of a cluster, as an index has them parse and embed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from index.cluster.cluster import Cluster
from index.cluster.embedding import EmbeddingByWorkers
from index.cluster.loading import load_by
from index.embed.embedder import Embedder
from index.extract.limits import Parsing
from index.load.sources import Loaded, Source
from index.progress import Progress, untold

_TEXTS = 32  # embedded together, about a second of one core: what a killed worker costs
_TEXTS_GPU = 256


class ClusterWorkers:
    """What `Index.workers` may be. What is under way is bounded: of files by tasks and by bytes, of
    chunks by tasks."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._texts = _TEXTS_GPU if cluster.gpus else _TEXTS

    def load(
        self, sources: Iterable[Source], parsing: Parsing, progress: Progress = untold
    ) -> Iterator[Loaded]:
        return load_by(self._cluster, sources, parsing, progress)

    def embedding(self, embedder: Embedder) -> EmbeddingByWorkers:
        return EmbeddingByWorkers(self._cluster, embedder, self._texts)
