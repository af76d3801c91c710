"""How much collections may hold, kept in the store, so that whichever process adds heeds it.

A quota belongs to a name: it stays when the collection of that name is deleted, and goes along,
too, when it is renamed, so that nobody but who sets quotas gets rid of one. That of "*" is of every
collection without one of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from index.errors import CollectionFull, InvalidCollection
from index.filter import Condition, collection_name
from index.store import ReadTransaction, Store, WriteTransaction

EVERY = "*"
_SETTING = "quota "


@dataclass(frozen=True, slots=True)
class Quota:
    """The most that a collection may hold: `documents`, and `bytes` of the files that are kept of
    them and of their texts, a byte for each character. None is no limit."""

    documents: int | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What a collection holds, counted as a `Quota` counts it."""

    documents: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """The quota of the collection `name`, or of those without one of their own where that is "*",
    and what it holds, nothing where it isn't there."""

    name: str
    quota: Quota
    held: Held


class Quotas:
    """Those of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Standing]:
        """In order of name."""
        with self._store.read() as snapshot:
            there = snapshot.collections.names()
            return [
                Standing(name, quota, _held(snapshot, name) if name in there else Held())
                for name, quota in sorted(_quotas(snapshot).items())
            ]

    def set(self, name: str, quota: Quota) -> None:
        """Sets the quota of a collection, which need not be there yet, or of "*"; one of no limits
        is none. What is held already stays, even if it is more. Raises `InvalidCollection`."""
        if name != EVERY:
            collection_name(name)
        for kind, most in asdict(quota).items():
            if most is not None and not 0 <= most < 2**53:
                raise InvalidCollection(f"a quota of {most} {kind} is none; give 0 or more")
        with self._store.write() as writer:
            _put(writer, name, quota)


def pass_on(writer: WriteTransaction, name: str, new: str) -> None:
    """The quota of a collection that is renamed, where `new` has none of its own."""
    quotas = _quotas(writer)
    if name in quotas and new not in quotas:
        _put(writer, new, quotas[name])


@contextmanager
def within_quotas(writer: WriteTransaction) -> Iterator[None]:
    """Raises `CollectionFull` at the end of the block, so that nothing of it is stored, where a
    collection holds more than it may, and more than at the begin."""
    quotas = _quotas(writer)
    if not quotas:
        yield
        return
    before = {name: _held(writer, name) for name in _limited(writer, quotas)}
    yield
    for name in _limited(writer, quotas):
        quota = quotas.get(name) or quotas[EVERY]
        held, was = _held(writer, name), before.get(name, Held())
        if quota.documents is not None and held.documents > max(quota.documents, was.documents):
            _refuse(name, quota.documents, held.documents, "documents")
        if quota.bytes is not None and held.bytes > max(quota.bytes, was.bytes):
            _refuse(name, quota.bytes, held.bytes, "bytes")


def _refuse(name: str, most: int, wanted: int, kind: str) -> None:
    raise CollectionFull(
        f"the collection '{name}' may hold {most:,} {kind}, and would hold {wanted:,}; nothing was "
        "stored: remove documents from it, or have an admin raise its quota (`footnote quota`)"
    )


def _limited(snapshot: ReadTransaction, quotas: dict[str, Quota]) -> list[str]:
    names = snapshot.collections.names()
    return names if EVERY in quotas else [name for name in names if name in quotas]


def _held(snapshot: ReadTransaction, name: str) -> Held:
    within = [Condition("collection", values=(name,))]
    return Held(snapshot.counts(within).documents, snapshot.size(within))


def _quotas(snapshot: ReadTransaction) -> dict[str, Quota]:
    kept = snapshot.settings().items()
    return {
        name.removeprefix(_SETTING): Quota(**json.loads(value))
        for name, value in kept
        if name.startswith(_SETTING)
    }


def _put(writer: WriteTransaction, name: str, quota: Quota) -> None:
    value = None if quota == Quota() else json.dumps(asdict(quota))
    writer.set_setting(_SETTING + name, value)
