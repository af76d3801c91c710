"""What documents were before they were removed or replaced, kept for a while and put back.

Each is packed whole, with its chunks and vectors, so that putting it back embeds nothing; nothing
of it is found, listed or answered from meanwhile. What belongs together has one word, which whoever
made the change is told.
"""

from __future__ import annotations

import json
import secrets
import struct
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from index.document import Chunk, Document, Heading
from index.errors import NameTaken, UnknownUndo
from index.filter import Condition
from index.records import Added, Copied
from index.store import Store, WriteTransaction

_HEAD = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Undo:
    """What is kept by a change, and for how long from now on."""

    word: str
    minutes: int

    @classmethod
    def lasting(cls, minutes: int) -> Undo | None:
        """A new one; None where nothing is to be kept."""
        return cls(secrets.token_urlsafe(12), minutes) if minutes > 0 else None

    def keep(self, writer: WriteTransaction, document_ids: Iterable[str], replaced: bool) -> None:
        """Keeps documents as they are, before they are `replaced` or removed. Raises
        `UnknownDocument`."""
        until = _stamp(datetime.now(UTC) + timedelta(minutes=self.minutes))
        collections = writer.collections.all()
        for document_id in document_ids:
            copied, stored = writer.copied(document_id), writer.stored(document_id)
            own = Condition("document_id", (document_id,))
            put = [
                each.name
                for each in collections
                if not each.is_fed(stored)
                and writer.documents(0, 1, [Condition("collection", (each.name,)), own])
            ]
            data = _packed(copied, put, replaced)
            writer.former.keep(self.word, until, stored.sha256, data)


def put_back(writer: WriteTransaction, undo: Undo, again: Undo) -> list[Added]:
    """Makes what was kept as `undo` be there again, with its names and in its collections; all of
    it or nothing. What took the place of a document makes way and is kept as `again`. Raises
    `UnknownUndo`, and `NameTaken` where another document has the name of one that was removed."""
    kept = writer.former.of(undo.word, _stamp(datetime.now(UTC)))
    if not kept:
        raise UnknownUndo(
            "there is nothing left to be put back: its time is over, or it is back already"
        )
    back = [_put_back(writer, again, data) for data in reversed(kept)]
    writer.former.forget(undo.word)  # only now, for until then it has the originals stay
    return back


def expire(store: Store) -> None:
    """Throws away what has been kept for long enough."""
    now = _stamp(datetime.now(UTC))
    with store.read() as snapshot:
        until = snapshot.former.next()
    if until is not None and until <= now:
        with store.write() as writer:
            writer.former.expire(now)


def _put_back(writer: WriteTransaction, again: Undo, data: bytes) -> Added:
    copied, collections, replaced = _unpacked(data)
    document = copied.document
    missing = []
    for name in copied.names:
        found = writer.named(name)
        if found and found[1] == document.sha256:
            continue
        missing.append(name)
        if found and not replaced:
            raise NameTaken(
                f"another document is called '{name}' by now; remove that one, then put this back"
            )
        if found:
            again.keep(writer, [found[0]], replaced=True)
            writer.drop_name(name)
    same = [id_ for id_, _, _ in writer.twins(document.sha256)]
    if document.id in same:
        for name in missing:
            writer.link(name, document.sha256, document.id)
        back = document.id
    elif missing:
        uri = document.uri if document.uri in missing else missing[0]
        put = replace(copied, document=replace(document, uri=uri), names=tuple(missing))
        back = writer.restore(put)
    else:
        back = same[0]
    there = writer.collections.names()
    for name in collections:
        if name in there:
            writer.collections.include(name, [back])
    return writer.stored(back).as_added(document.uri, "restored")


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _packed(copied: Copied, collections: list[str], replaced: bool) -> bytes:
    head = {
        "document": {**asdict(copied.document), "original": None},
        "names": copied.names,
        "added_at": copied.added_at,
        "is_current": copied.is_current,
        "chunks": [(each.start, each.end, each.heading) for each in copied.chunks],
        "shape": copied.vectors.shape,
        "collections": collections,
        "replaced": replaced,
    }
    packed = zlib.compress(json.dumps(head).encode())
    return _HEAD.pack(len(packed)) + packed + copied.vectors.astype("<f4").tobytes()


def _unpacked(data: bytes) -> tuple[Copied, list[str], bool]:
    (length,) = _HEAD.unpack_from(data)
    end = _HEAD.size + length
    head = json.loads(zlib.decompress(data[_HEAD.size : end]))
    told = head["document"]
    told["pages"] = tuple(told["pages"])
    told["headings"] = tuple(Heading(**each) for each in told["headings"])
    told["locations"] = tuple((start, label) for start, label in told["locations"])
    document = Document(**told)
    copied = Copied(
        document,
        tuple(head["names"]),
        head["added_at"],
        head["is_current"],
        tuple(Chunk(document.id, *each) for each in head["chunks"]),
        np.frombuffer(data[end:], "<f4").reshape(head["shape"]),
    )
    return copied, head["collections"], head["replaced"]
