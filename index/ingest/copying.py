"""A store's documents, and all that was made of them, in another store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace

from index.collections import put_by_hand
from index.errors import StoreMismatch, StoreUnusable, UnknownOriginal
from index.records import Copied, Counts, Listing, Stored
from index.store import ReadTransaction, Store, WriteTransaction

_SETTING = "copying"  # what a store is told to keep until it holds everything
_BATCH_CHUNKS = 256
_PAGE = 1000


def copy(source: Store, target: Store, progress: Callable[[int, int], None]) -> tuple[Counts, str]:
    """Makes `target` hold what `source` holds, and compares both in the end; (how much that is, a
    checksum of it). Nothing is embedded again: documents keep their ids, names, times, chunks and
    vectors, their collections, and their originals where those are kept.

    All is of one committed state of `source`, whatever is written to it meanwhile. A copy that is
    cut short is taken up where it stopped by the next one. `progress` is told (documents done,
    documents in all). Raises `StoreMismatch` where `target` holds anything else, and
    `StoreUnusable` where what it holds in the end is not the same.
    """
    with source.read() as held:
        identity = held.identity()
        stored = {each.id: each for each in _listed(held)}
        with target.write() as writer:
            if writer.settings().get(_SETTING) is None:
                _require_empty(writer, target, stored)
            writer.set_setting(_SETTING, source.name)
            if identity is not None:
                writer.set_identity(identity)
            there = {each.id: each for each in _listed(writer)}
            for each in there.values():  # that has changed since the last copy was cut short
                if stored.get(each.id) != each:
                    writer.drop(each.id)
        missing = [id_ for id_, each in stored.items() if there.get(id_) != each]
        done = len(stored) - len(missing)
        for batch in _batches(held, missing):
            with target.write() as writer:
                for copied in batch:
                    writer.restore(copied)
                    _copy_original(held, writer, copied.document.sha256)
            done += len(batch)
            progress(done, len(stored))
        with target.write() as writer:
            for each in there.values():  # that may be of a copy without originals
                if stored.get(each.id) == each:
                    _copy_original(held, writer, each.sha256)
            _copy_folders(held, writer)
            _copy_collections(held, writer)
            for name in writer.settings():
                writer.set_setting(name, None)
            for name, value in held.settings().items():
                writer.set_setting(name, value)
        counts = held.counts()
        return counts, _compared(held, counts, target)


def _listed(transaction: ReadTransaction) -> Iterator[Stored]:
    page = transaction.listed(Listing(), _PAGE)
    yield from page.documents
    while page.last is not None:
        page = transaction.listed(Listing(), _PAGE, page.last)
        yield from page.documents


def _require_empty(writer: WriteTransaction, target: Store, stored: dict[str, Stored]) -> None:
    """Lets pass what an earlier copy has made, too."""
    others = sum(stored.get(each.id) != each for each in _listed(writer))
    if others:
        raise StoreMismatch(
            f"{target.name} holds {others} documents that are not in the other store; copy into an "
            "empty one"
        )


def _batches(held: ReadTransaction, document_ids: list[str]) -> Iterator[list[Copied]]:
    batch: list[Copied] = []
    for document_id in document_ids:
        batch.append(held.copied(document_id))
        if sum(len(each.chunks) for each in batch) >= _BATCH_CHUNKS:
            yield batch
            batch = []
    if batch:
        yield batch


def _copy_original(held: ReadTransaction, writer: WriteTransaction, sha256: str) -> None:
    if held.originals.size(sha256) is None or writer.originals.size(sha256) is not None:
        return
    with suppress(UnknownOriginal):  # its last document is removed meanwhile, or it is lost
        with held.originals.open(sha256) as file:
            data = file.read()
        writer.originals.keep(sha256, data)


def _copy_folders(held: ReadTransaction, writer: WriteTransaction) -> None:
    """What would be read otherwise now is not remembered, so that the next sync reads it."""
    for path in held.folders.paths():
        writer.folders.register(path, held.folders.name(path) or path)
        writer.folders.forget(path, list(writer.folders.known(path)))
        known = held.folders.known(path).values()
        writer.folders.see(path, [each.seen for each in known if each.is_current])


def _copy_collections(held: ReadTransaction, writer: WriteTransaction) -> None:
    """Their folders, and the documents in them that lie in none of those."""
    for name in writer.collections.names():  # of an earlier copy
        writer.collections.delete(name)
    for each in held.collections.all():
        writer.collections.create(each.name)
        for folder in each.folders:
            writer.collections.feed(each.name, folder)
        writer.collections.include(each.name, put_by_hand(held, each))


def _compared(held: ReadTransaction, counts: Counts, target: Store) -> str:
    """The checksum of what both stores hold. Raises `StoreUnusable`."""
    total = hashlib.sha256()
    with target.read() as copy:
        if copy.counts() != counts:
            raise StoreUnusable(
                f"{target.name} holds {copy.counts()} instead of {counts}; was it written to "
                "meanwhile? Copy into an empty one"
            )
        for each in _listed(held):
            digest = digest_of(held.copied(each.id))
            if digest_of(copy.copied(each.id)) != digest:
                raise StoreUnusable(
                    f"document {each.id} ({each.uri}) in {target.name} differs from what was "
                    "copied; remove it there, and copy again"
                )
            total.update(digest)
    return total.hexdigest()


def digest_of(copied: Copied) -> bytes:
    """A digest of all that is held of a document, but for the ids of its chunks."""
    document = asdict(copied.document) | {"metadata": sorted(copied.document.metadata.items())}
    chunks = [replace(chunk, id=0) for chunk in copied.chunks]
    told = repr((document, copied.names, copied.added_at, copied.is_current, chunks))
    return hashlib.sha256(told.encode() + copied.vectors.astype("<f4").tobytes()).digest()
