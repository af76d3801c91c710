"""Chunks by their vectors: an exact comparison with all of them, and pgvector's HNSW beside it.

The index holds half-precision numbers and says which are near; what is near is then compared with
the vectors as they are stored.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.filter import Condition
from index.postgres.connections import Connection, Vector, vector_of
from index.postgres.where import CHUNKS_OF, where

LARGE = 10_000
"""From this many chunks on there is an index; fewer, or as few that meet a filter, are compared
one by one."""

_MOST_DIMENSIONS = 4000  # of half-precision numbers in an index
_REFINED = 50  # at least as many of the approximately best are compared with exact vectors
_SEARCHED = 200  # at least as many are looked at in the index
_MOST_SEARCHED = 1000  # that pgvector looks at before it looks at filters
_BUILD_MEMORY = "256MB"


class Vectors:
    """What a snapshot shows through its connection."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def search(
        self, query: NDArray[np.float32], k: int, conditions: Sequence[Condition] = ()
    ) -> dict[int, float]:
        """Exact cosines of the best `k` chunks for `query` [dim], by id, best first; with an index
        a few of the best may be missed."""
        if not self.has_index(len(query)):
            return self.exact(query, k, conditions)
        enough = self._count_up_to(LARGE, conditions) if conditions else LARGE
        if enough < LARGE:
            return self.exact(query, k, conditions)
        found = self._approximate(query, k, conditions)
        return found if len(found) == k else self.exact(query, k, conditions)

    def exact(
        self, query: NDArray[np.float32], k: int, conditions: Sequence[Condition] = ()
    ) -> dict[int, float]:
        """As `search`, by comparing `query` with every vector."""
        among, values = _among(conditions)
        rows = self._db.execute(
            "SELECT chunk_id, -(vector <#> %s) AS cosine FROM vectors "
            f"WHERE true {among} ORDER BY cosine DESC, chunk_id LIMIT %s",
            (Vector(query), *values, k),
        )
        return dict(rows.fetchall())

    def cosines(self, query: NDArray[np.float32], chunk_ids: Sequence[int]) -> dict[int, float]:
        """Of `query` [dim] and the chunks of those ids."""
        if not chunk_ids:
            return {}
        rows = self._db.execute(
            "SELECT chunk_id, -(vector <#> %s) FROM vectors WHERE chunk_id = ANY(%s::bigint[])",
            (Vector(query), list(chunk_ids)),
        )
        return dict(rows.fetchall())

    def of_document(self, document_id: str) -> NDArray[np.float32]:
        """The vectors of a document's chunks, in their order: [n, dim]."""
        rows = self._db.execute(
            "SELECT vector_send(vector) FROM vectors JOIN chunks ON id = chunk_id "
            "WHERE document_id = %s ORDER BY id",
            (document_id,),
        )
        sent = [vector_of(each) for (each,) in rows.fetchall()]
        return np.frombuffer(b"".join(sent), dtype=np.float32).reshape(len(sent), -1)

    def has_index(self, dim: int) -> bool:
        """Whether vectors of `dim` dimensions have an index that can be searched."""
        query = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"
        row = self._db.execute(query, (_index_name(dim),)).fetchone()
        return bool(row and row[0])

    def make_index(self, dim: int) -> None:
        """Makes the index of vectors of `dim` dimensions, where they can have one and are many. In
        a `Writer` only: nobody writes meanwhile, everybody reads."""
        (chunks,) = self._db.execute("SELECT chunks FROM totals").fetchone()
        if chunks < LARGE or dim > _MOST_DIMENSIONS or self.has_index(dim):
            return
        self._db.execute(f"SET LOCAL maintenance_work_mem = '{_BUILD_MEMORY}'")
        self._db.execute(
            f"CREATE INDEX {_index_name(dim)} ON vectors USING hnsw "
            f"({_half(dim)} halfvec_ip_ops) WHERE vector_dims(vector) = {dim:d}"
        )

    def _approximate(
        self, query: NDArray[np.float32], k: int, conditions: Sequence[Condition]
    ) -> dict[int, float]:
        dim, wanted = len(query), max(_REFINED, k + k // 2)
        among, values = _among(conditions)
        searched = min(max(wanted, _SEARCHED), _MOST_SEARCHED)
        self._db.execute(
            f"SET LOCAL hnsw.ef_search = {searched:d}; SET LOCAL enable_seqscan = off; "
            "SET LOCAL enable_sort = off; SET LOCAL hnsw.iterative_scan = strict_order"
        )
        rows = self._db.execute(
            f"WITH near AS MATERIALIZED (SELECT chunk_id, vector FROM vectors "
            f"WHERE vector_dims(vector) = {dim:d} {among} "
            f"ORDER BY {_half(dim)} <#> %s::halfvec({dim:d}) LIMIT %s) "
            "SELECT chunk_id, -(vector <#> %s) AS cosine FROM near "
            "ORDER BY cosine DESC, chunk_id LIMIT %s",
            (*values, Vector(query), wanted, Vector(query), k),
        ).fetchall()
        self._db.execute("SET LOCAL enable_seqscan = on; SET LOCAL enable_sort = on")
        return dict(rows)

    def _count_up_to(self, most: int, conditions: Sequence[Condition]) -> int:
        """How many chunks meet all `conditions`; `most` where they are more."""
        test, values = where(conditions)
        query = f"SELECT count(*) FROM ({CHUNKS_OF.format(where=test)} LIMIT %s) AS counted"
        return int(self._db.execute(query, (*values, most)).fetchone()[0])


def _among(conditions: Sequence[Condition]) -> tuple[str, list[object]]:
    test, values = where(conditions)
    among = f"AND chunk_id IN ({CHUNKS_OF.format(where=test)})" if conditions else ""
    return among, values


def _index_name(dim: int) -> str:
    return f"vectors_of_{dim:d}"


def _half(dim: int) -> str:
    """The expression that is indexed; of a `vector` it takes half the room."""
    return f"(vector::halfvec({dim:d}))"
