"""What was made of originals, for as long as there is room for it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable


class Cache:
    """At most `most` bytes, of which those that were asked for last stay; may be used by many
    threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._held: OrderedDict[object, bytes] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return self._size

    def get(self, key: object, make: Callable[[], bytes]) -> bytes:
        """What is held under `key`, or else what `make` gives, held from now on if it has room."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        made = make()
        with self._lock:
            if key not in self._held and len(made) <= self._most:
                self._held[key] = made
                self._size += len(made)
                while self._size > self._most:
                    self._size -= len(self._held.popitem(last=False)[1])
        return made
