"""A store in PostgreSQL of which questions are asked at a replica."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from index.errors import FootnoteError, StoreBusy, StoreMismatch, StoreMissing, StoreUnusable
from index.filter import Condition
from index.generations import CURRENT, note_read
from index.postgres.address import Address
from index.postgres.snapshot import Snapshot
from index.postgres.store import PostgresStore, found_in
from index.records import Candidate
from index.store import QuestionVector, Select
from index.wrapped import WrappedStore

_PATIENCE_SECONDS = 2.0  # with a replica that does not answer
_AGAIN_SECONDS = 10.0  # until it is tried again
logger = logging.getLogger(__name__)


class ReplicatedStore(WrappedStore):
    """The `Store` of `primary`. What may lag (see `Generations`) is read at `replica`, another
    server's copy of it, where that has the generation that is wanted; else, and where it does not
    answer, at the primary. `close` closes both.

    Raises `StoreMismatch` where the replica is of another store.
    """

    def __init__(self, primary: PostgresStore, replica: Address) -> None:
        super().__init__(primary)
        self.primary = primary
        self.address = primary.address
        self._place = replica
        self._opened: PostgresStore | None = None
        self._lock = threading.Lock()
        self._not_before = 0.0
        self._replica()

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        with ExitStack() as stack:
            yield self._lagging(stack) or stack.enter_context(self.primary.read())

    def _lagging(self, stack: ExitStack) -> Snapshot | None:
        """A state at the replica, until `stack` is closed, where that will do."""
        current = CURRENT.get()
        if current is None or not current.may_lag or (replica := self._replica()) is None:
            return None
        with ExitStack() as own:
            try:
                snapshot, generation = own.enter_context(replica.reading())
            except (StoreBusy, StoreUnusable) as error:
                self._lost(error)
                return None
            if generation < current.at_least:
                return None
            note_read(generation)
            stack.push(own.pop_all())
        return snapshot

    def _replica(self) -> PostgresStore | None:
        if time.monotonic() < self._not_before:
            return None
        with self._lock:
            if self._opened is None:
                try:
                    opened = PostgresStore(self._place, create=False, patience=_PATIENCE_SECONDS)
                except (StoreBusy, StoreMissing, StoreUnusable) as error:
                    self._lost(error)
                    return None
                self._require_same(opened)
                self._opened = opened
            return self._opened

    def _require_same(self, replica: PostgresStore) -> None:
        with self.primary.reading() as (own, _), replica.reading() as (other, _):
            if own.store_id() == other.store_id():
                return
        replica.close()
        raise StoreMismatch(
            f"setting store_replica is {self._place}, which holds another store than "
            f"{self.primary.address}; name a replica of that one"
        )

    def _lost(self, error: FootnoteError) -> None:
        self._not_before = time.monotonic() + _AGAIN_SECONDS
        logger.warning("questions are asked of the primary, for the replica is out: %s", error)

    def find(
        self,
        question: str,
        vector: QuestionVector,
        depth: int,
        conditions: Sequence[Condition],
        select: Select,
    ) -> list[Candidate]:
        wanted = question, vector, depth, conditions, select
        with ExitStack() as stack:
            if (snapshot := self._lagging(stack)) is not None:
                try:
                    return found_in(snapshot, *wanted)
                except (StoreBusy, StoreUnusable) as error:  # what it needs may be gone there
                    logger.warning("a question is asked of the primary anew: %s", error)
        return self.primary.find(*wanted)

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
        super().close()
