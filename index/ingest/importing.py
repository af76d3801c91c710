"""What was exported, in a store: cut and embedded as that is built, and all else as it was."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from index.document import Chunk, Document
from index.errors import InvalidCollection, StoreMismatch, UnknownDocument, UnreadableFile
from index.ingest.builder import Builder
from index.ingest.embedding import embed_chunks
from index.ingest.exported import (
    FORMAT,
    CollectionPart,
    DocumentPart,
    FolderPart,
    Line,
    OriginalPart,
    SettingPart,
    read_line,
)
from index.ingest.pending import cut, twin
from index.quotas import within_quotas
from index.records import Added, Copied
from index.store import ReadTransaction, Store, WriteTransaction

_BATCH_CHUNKS = 64
_BATCH_DOCUMENTS = 256
_BATCH_BYTES = 32_000_000  # of originals and texts

Refuse = Callable[[int, str], None]
"""Is told the number of a line, from 1, and what is wrong with it."""


@dataclass(slots=True)
class _Incoming:
    """A document on its way in; `chunks` is None where the store holds it."""

    line: int
    part: DocumentPart
    document: Document
    pieces: list[bytes] = field(default_factory=list)
    chunks: tuple[Chunk, ...] | None = None

    @property
    def size(self) -> int:
        return len(self.document.text) + sum(map(len, self.pieces))


class Importing:
    """Puts lines into `store`, as `builder` says, one after the other. A line that is wrong is
    refused, and the rest goes on; what is stored by then stays when it is cut short, and is left as
    it is by the next one."""

    def __init__(
        self, store: Store, builder: Builder, tell: Callable[[Added], None], refuse: Refuse
    ) -> None:
        self._store = store
        self._builder = builder
        self._tell = tell
        self._refuse = refuse
        self._batch: list[_Incoming] = []
        self._last: _Incoming | None = None  # which pieces of an original may follow
        self._is_over = False
        self._documents = 0
        self._ids: dict[str, str] = {}  # under which each document is stored, by its own

    def run(self, lines: Iterable[bytes], progress: Callable[[int, int], None]) -> None:
        """`progress` is told (documents done, documents in all). Raises `UnreadableFile` where the
        first line is not that of an export, `StoreMismatch` for one of a later form, and
        `StoreBusy`."""
        total, number = 0, 0
        for number, line in enumerate(lines, 1):
            if number == 1:
                total = expected(line)
                continue
            try:
                self._take(number, read_line(line))
            except (ValueError, InvalidCollection) as error:
                self._refuse(number, str(error))
            progress(self._documents, total)
        self._close()
        self._flush()
        if not self._is_over:
            self._refuse(number + 1, "the file ends here, before all of it; export it again")

    def _take(self, number: int, line: Line) -> None:
        """Raises `ValueError` and `InvalidCollection`."""
        if self._is_over:
            raise ValueError("the export ended before this line")
        if line.original:
            self._add_piece(line.original)
            return
        self._close()
        if line.document:
            self._documents += 1
            self._last = _Incoming(number, line.document, line.document.document())
            return
        self._flush()
        with self._store.write() as writer, within_quotas(writer):
            if line.collection:
                missing = _put_collection(writer, line.collection, self._ids)
                if missing:
                    self._refuse(number, f"{missing} documents of the collection are not there")
            elif line.setting:
                _put_setting(writer, line.setting)
            elif line.folder:
                _put_folder(writer, line.folder)
            elif line.end:
                self._is_over = True
            else:
                raise ValueError("only the first line says what the file is")

    def _add_piece(self, piece: OriginalPart) -> None:
        last = self._last
        if last is None or last.document.sha256 != piece.sha256:
            raise ValueError("an original without its document before it; it is left out")
        if piece.part != len(last.pieces) + 1 or piece.part > piece.of:
            last.pieces.clear()
            raise ValueError(f"piece {piece.part} of the original of {last.document.uri} is amiss")
        try:
            last.pieces.append(base64.b64decode(piece.data, validate=True))
        except binascii.Error as error:
            raise ValueError(f"the data are no base64 ({error})") from None
        if piece.part == piece.of:
            data = b"".join(last.pieces)
            last.pieces.clear()
            if hashlib.sha256(data).hexdigest() != piece.sha256:
                raise ValueError(
                    f"the original of {last.document.uri} has another SHA-256 than it says; it is "
                    "left out"
                )
            last.document = replace(last.document, original=data)

    def _close(self) -> None:
        """The document before is complete."""
        last, self._last = self._last, None
        if last is None:
            return
        if last.pieces:
            self._refuse(last.line, f"the original of {last.document.uri} is not whole")
        incoming = {name for each in self._batch for name in each.part.names}
        if incoming & set(last.part.names):
            self._flush()
        with self._store.read() as snapshot:
            self._builder.require_same(snapshot.identity())
            is_held = _is_held(snapshot, last) or twin(snapshot, last.document) is not None
        if not is_held:
            last.chunks = cut(self._builder, last.document).chunks
        self._batch.append(last)
        chunks = sum(len(each.chunks or ()) for each in self._batch)
        size = sum(each.size + len(each.document.original or b"") for each in self._batch)
        if chunks >= _BATCH_CHUNKS or size >= _BATCH_BYTES or len(self._batch) >= _BATCH_DOCUMENTS:
            self._flush()

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        if not batch:
            return
        for each in self._write(batch):
            each.chunks = cut(self._builder, each.document).chunks
            self._write([each])

    def _write(self, batch: list[_Incoming]) -> list[_Incoming]:
        """Those that are not stored: what held them when they came is gone since, by somebody else
        or by one before them in `batch`. One with chunks is never among them."""
        vectors = embed_chunks(
            self._builder.embedder, [(each.document, each.chunks or ()) for each in batch]
        )
        added, left = [], []
        with self._store.write() as writer, within_quotas(writer):
            self._builder.require_same(writer.identity(), loaded=len(vectors) > 0)
            if len(vectors) and writer.identity() is None:
                writer.set_identity(self._builder.identity)
            for each in batch:
                number = len(each.chunks or ())
                found = _put(writer, each, vectors[:number])
                vectors = vectors[number:]
                if found is None:
                    left.append(each)
                    continue
                document_id, status = found
                self._ids[each.part.id] = document_id
                note = self._builder.keeping.too_large(each.document)
                if self._builder.keeping.wants(writer, each.document):
                    note = self._builder.keeping.keep(writer, each.document)
                one = writer.stored(document_id).as_added(each.document.uri, status)
                added.append(replace(one, note=note))
        for one in added:
            self._tell(one)
        return left


def expected(line: bytes) -> int:
    """How many documents the export with this first line holds. Raises `UnreadableFile` where it is
    none, and `StoreMismatch` where it is of a later form."""
    try:
        told = read_line(line).export
        if told is None:
            raise ValueError("it has another key than export")
    except ValueError as error:
        raise UnreadableFile(
            f"line 1 is not that of an export ({error}); name a file that `footnote export` wrote"
        ) from None
    if told.format > FORMAT:
        raise StoreMismatch(
            f"the export is of form {told.format}, this Footnote reads forms up to {FORMAT}; use "
            f"Footnote {told.footnote} or a later one"
        )
    return told.documents


def _is_held(snapshot: ReadTransaction, incoming: _Incoming) -> bool:
    """Whether the store has the document just so."""
    part = incoming.part
    try:
        if snapshot.document(part.id) != incoming.document:
            return False
    except UnknownDocument:
        return False
    return all((named := snapshot.named(name)) and named[0] == part.id for name in part.names)


def _put(
    writer: WriteTransaction, incoming: _Incoming, vectors: NDArray[np.float32]
) -> tuple[str, str] | None:
    """(id, status), under its own id and as it was where nothing of it is there; else in the place
    of what has its names, as a file that is added. None where it has to be cut first."""
    part, document = incoming.part, incoming.document
    if _is_held(writer, incoming):
        return part.id, "unchanged"
    found = [writer.named(name) for name in part.names]
    same = twin(writer, document)
    if same is None and incoming.chunks is None:
        return None
    if same is None and not any(found) and not _is_taken(writer, part.id):
        copied = Copied(
            document,
            tuple(part.names),
            part.added_at,
            part.is_current,
            incoming.chunks or (),
            vectors,
        )
        writer.restore(copied)
        return part.id, "added"
    if same is None:
        same, _ = writer.put(document, incoming.chunks or (), vectors)
    for name in part.names:
        named = writer.named(name)
        if named is None or named[0] != same:
            writer.link(name, document.sha256, same)
    changed = [each for each in found if each is None or each[0] != same or each[1] != part.sha256]
    status = "replaced" if any(changed) else "added" if changed else "unchanged"
    return same, status


def _is_taken(writer: WriteTransaction, document_id: str) -> bool:
    try:
        writer.stored(document_id)
    except UnknownDocument:
        return False
    return True


def _put_collection(writer: WriteTransaction, part: CollectionPart, ids: dict[str, str]) -> int:
    """How many of its documents there are not. What is in a collection of this name stays there."""
    if part.name not in writer.collections.names():
        writer.collections.create(part.name)
    for folder in part.folders:
        writer.collections.feed(part.name, folder)
    put = {ids.get(document_id, document_id) for document_id in part.documents}
    there = sorted(document_id for document_id in put if _is_taken(writer, document_id))
    writer.collections.include(part.name, there)
    return len(put) - len(there)


def _put_setting(writer: WriteTransaction, part: SettingPart) -> None:
    """What the store keeps under this name stays."""
    if part.name not in writer.settings():
        writer.set_setting(part.name, part.value)


def _put_folder(writer: WriteTransaction, part: FolderPart) -> None:
    if writer.folders.name(part.path) is None:
        writer.folders.register(part.path, part.name)
    writer.folders.see(part.path, [each.seen() for each in part.files])
