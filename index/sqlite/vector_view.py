"""The vectors of the catalog, held in memory and kept in step with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import FootnoteError
from index.records import ViewState
from index.sqlite import saved_vectors
from index.sqlite.replica import Outrun, Replica, Stopped
from index.sqlite.snapshot import Snapshot
from index.vectors import faiss
from index.vectors.faiss import FlatVectors, ListedVectors
from index.vectors.vector_store import Ids, Vectors, VectorStore, unit

_REFINED = 50  # at least as many of the approximately best are compared with exact vectors
_EXACT, _APPROXIMATE = 1e-5, 0.01  # cosines
_UNSAVED_SHARE = 50  # a fiftieth of the vectors changed: time to save again


class View:
    """A vector store that can be thrown away and rebuilt: it is caught up with the catalog before
    every search, by the chunks added and removed since. May be used by many threads.

    A large one is approximate inside, and what it finds is compared with the exact vectors in the
    catalog; it is built in the background while the old one answers, and saved in `folder`.
    """

    def __init__(
        self, folder: Path, dim: int, read: Callable[[], AbstractContextManager[Snapshot]]
    ) -> None:
        self._folder = folder
        self._dim = dim
        self._read = read
        self._lock = threading.Lock()
        self._replica: Replica[VectorStore] | None = None
        self._renewing: threading.Thread | None = None
        self._stop = threading.Event()
        self._problem = ""

    def search(
        self, snapshot: Snapshot, query: Vectors, k: int, allowed: Ids | None = None
    ) -> tuple[NDArray[np.float32], Ids]:
        """(exact cosines, chunk ids), both [min(k, n)], best first, for one `query` [dim].

        Raises `Outrun` when another thread has brought the view beyond `snapshot`."""
        with self._lock:
            store = self._current(snapshot).store
            wanted = k if store.exact else max(_REFINED, k + k // 2)
            scores, ids = store.search(query[None, :], wanted, allowed)
        if store.exact or not len(ids[0]):
            return scores[0], ids[0]
        return _refined(snapshot, query, k, ids[0])

    def __len__(self) -> int:
        """How many vectors the last search was among."""
        with self._lock:
            return len(self._replica.store) if self._replica else 0

    def ids(self, snapshot: Snapshot) -> Ids:
        """The chunk ids that the view holds, ascending."""
        with self._lock:
            return self._current(snapshot).store.ids()

    def state(self, snapshot: Snapshot) -> ViewState:
        """What the view is, once caught up with `snapshot`."""
        with self._lock:
            store = self._current(snapshot).store
            building = self._renewing is not None
            return ViewState(
                store.name,
                len(store),
                store.bytes_each,
                _EXACT if store.exact else _APPROXIMATE,
                building,
                self._problem,
            )

    def settle(self) -> None:
        """Waits until nothing is being built in the background."""
        if renewing := self._renewing:
            renewing.join()

    def close(self) -> None:
        """Gives up what is being built in the background."""
        self._stop.set()
        self.settle()

    def _current(self, snapshot: Snapshot) -> Replica[VectorStore]:
        if self._replica is None:
            loaded = saved_vectors.load(self._folder, snapshot, self._dim)
            self._replica = loaded or Replica(FlatVectors(self._dim))
        self._replica.catch_up(snapshot)
        self._renew_where_due(self._replica)
        return self._replica

    def _renew_where_due(self, replica: Replica[VectorStore]) -> None:
        store = replica.store
        unfit = not store.suits(len(store))
        unsaved = not store.exact and replica.changed > len(store) // _UNSAVED_SHARE
        if (unfit or unsaved) and not (self._renewing or self._problem or self._stop.is_set()):
            # Not a daemon: a command that ends at once would never get a large store built.
            self._renewing = threading.Thread(target=self._renew, args=(unfit,), name="renew-view")
            self._renewing.start()

    def _renew(self, anew: bool) -> None:
        """Saves a replica that is caught up, and takes it for the present one where it is `anew`.
        The present one goes on changing meanwhile, so another is loaded or built for that."""
        try:
            with suppress(Stopped, Outrun):
                self._build_and_save(anew)
        except (OSError, FootnoteError) as error:
            self._problem = f"the vector view could not be built and saved: {error}"
        finally:
            self._renewing = None

    def _build_and_save(self, anew: bool) -> None:
        replica: Replica[VectorStore]
        with self._read() as snapshot:
            listed = None if anew else saved_vectors.load(self._folder, snapshot, self._dim)
            if listed is None and snapshot.chunk_sums()[0] >= faiss.LARGE:
                listed = self._listed(snapshot)
            if listed is not None:
                saved_vectors.save(self._folder, listed, snapshot)
                replica = listed
            else:
                saved_vectors.discard(self._folder)
                replica = Replica(FlatVectors(self._dim))
                replica.catch_up(snapshot, self._stop)
        if anew and listed is not None:
            with self._read() as snapshot:  # read, it takes no more memory than it needs
                replica = saved_vectors.load(self._folder, snapshot, self._dim) or listed
        with self._lock:
            if anew:
                self._replica = replica
            elif self._replica:
                self._replica.changed = 0

    def _listed(self, snapshot: Snapshot) -> Replica[ListedVectors]:
        number, _ = snapshot.chunk_sums()
        sample = _drawn(snapshot, faiss.sample_size(number)).reshape(-1, self._dim)
        replica = Replica(ListedVectors.trained(sample, number))
        replica.catch_up(snapshot, self._stop)
        return replica


def _refined(
    snapshot: Snapshot, query: Vectors, k: int, ids: Ids
) -> tuple[NDArray[np.float32], Ids]:
    """The best `k` of `ids` by their exact vectors; equal scores are ordered by id."""
    stored = snapshot.vectors(ids.tolist())
    found = np.fromiter(stored, dtype=np.int64, count=len(stored))
    vectors = np.frombuffer(b"".join(stored.values()), dtype=np.float32).reshape(len(found), -1)
    scores: NDArray[np.float32] = unit(vectors) @ unit(query[None, :])[0]
    order = np.lexsort((found, -scores))[:k]
    return scores[order], found[order]


def _drawn(snapshot: Snapshot, size: int) -> NDArray[np.float32]:
    """The vectors of about `size` chunks drawn at random, at least one, end to end."""
    last, (number, _) = snapshot.last_chunk_id(), snapshot.chunk_sums()
    ids = np.random.default_rng(0).choice(last, min(last, size * last // number), replace=False)
    found = snapshot.vectors(np.sort(ids + 1).tolist()) or snapshot.vectors([last])
    return np.frombuffer(b"".join(found.values()), dtype=np.float32)
