"""The chunks that a filter allows, remembered while the catalog stays as it is."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from index.filter import Condition
from index.sqlite.snapshot import Snapshot
from index.vectors.vector_store import Ids

_KEPT = 16  # filters; a million chunks are 8 MB

State = tuple[str, int, tuple[Condition, ...]]


class Allowed:
    """A conversation asks one part of the store again and again, and a large part takes long to
    list. May be used by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[State, Ids] = OrderedDict()

    def among(self, snapshot: Snapshot, conditions: Sequence[Condition]) -> Ids | None:
        """`Snapshot.matching`; None where there is no condition."""
        if not conditions:
            return None
        state = snapshot.store_id(), snapshot.generation(), tuple(conditions)
        with self._lock:
            found = self._known.get(state)
        if found is None:
            found = snapshot.matching(conditions)
        with self._lock:
            self._known[state] = found
            self._known.move_to_end(state)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found
