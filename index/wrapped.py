"""A store that is another one in all but a few things."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from index.records import ViewState
from index.store import Precedence, ReadTransaction, Store, WriteTransaction


class WrappedStore:
    """Does as `store` does; each kind of it finds in its own way, and says what else it does
    otherwise."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def name(self) -> str:
        return self._store.name

    @property
    def folder(self) -> Path | None:
        return self._store.folder

    @property
    def precedence(self) -> Precedence:
        return self._store.precedence

    def read(self) -> AbstractContextManager[ReadTransaction]:
        return self._store.read()

    def write(self) -> AbstractContextManager[WriteTransaction]:
        return self._store.write()

    def view_state(self) -> ViewState | None:
        return self._store.view_state()

    def check(self) -> list[str]:
        return self._store.check()

    def size(self) -> int:
        return self._store.size()

    def reclaimable(self) -> int:
        return self._store.reclaimable()

    def close(self) -> None:
        self._store.close()
