"""The file that a document was read from: kept in the store, or lying in a synced folder."""

from __future__ import annotations

import hashlib
import io
import mimetypes
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from index.errors import UnknownOriginal, UnreadableFile
from index.extract.limits import Parsing
from index.load.documents import read_file
from index.load.pool import ask
from index.load.process import ParseJob
from index.load.questions import Unpack
from index.records import Stored
from index.store import ReadTransaction, Store
from index.uri import MEMBER

Where = Literal["store", "folder"]

_NOT_KEPT = (
    "it was given as text, or it was added while FOOTNOTE_ORIGINALS was false, before originals "
    "were kept, or beyond their limits; add the file again to keep it"
)
_GONE = "its file in a synced folder has changed or is gone since; sync the folder again"


@dataclass(frozen=True, slots=True)
class Original:
    """`file` holds `size` bytes, whose SHA-256 is that of the document, and is the caller's to
    close; `name` is one that a file can have."""

    document: Stored
    name: str
    size: int
    file: IO[bytes]

    def read(self) -> bytes:
        """All of it, and closes it."""
        with self.file:
            return self.file.read()


def open_original(store: Store, document_id: str, parsing: Parsing) -> Original:
    """The original of a document. A file in a synced folder counts only while its SHA-256 is the
    document's. Raises `UnknownDocument`, and `UnknownOriginal` where there is none."""
    with store.read() as snapshot:
        stored = snapshot.stored(document_id)
        name = file_name(stored.uri, stored.media_type)
        if (size := snapshot.originals.size(stored.sha256)) is not None:
            return Original(stored, name, size, snapshot.originals.open(stored.sha256))
        places = _places(snapshot, stored)
    for path, inner in places:
        with suppress(UnreadableFile, UnknownOriginal):
            data = read_file(path, parsing)
            if inner:
                _, data = ask(ParseJob(path.as_posix(), data, parsing), Unpack(path.name, inner))
            if hashlib.sha256(data).hexdigest() == stored.sha256:
                return Original(stored, name, len(data), io.BytesIO(data))
    reason = _GONE if places else _NOT_KEPT
    raise UnknownOriginal(f"the original of '{stored.uri}' is not there: {reason}")


def where(store: Store, document_id: str) -> Where | None:
    """Where the original of a document is, if it is anywhere; a file in a synced folder may have
    changed. Raises `UnknownDocument`."""
    with store.read() as snapshot:
        stored = snapshot.stored(document_id)
        if snapshot.originals.size(stored.sha256) is not None:
            return "store"
        return "folder" if _places(snapshot, stored) else None


def _places(snapshot: ReadTransaction, stored: Stored) -> list[tuple[Path, str]]:
    """The files in synced folders that may hold a document, and its path within one that is an
    archive, or has it attached."""
    places = []
    for uri in (stored.uri, *stored.aliases):
        parts = uri.split(MEMBER)
        for count in range(1, len(parts) + 1):
            file, inner = MEMBER.join(parts[:count]), MEMBER.join(parts[count:])
            places += [(path, inner) for path in snapshot.folders.paths_of(file)]
    return places


def file_name(uri: str, media_type: str) -> str:
    """What to call a document's file: the end of its uri, with a suffix of its kind."""
    name = PurePosixPath(uri.replace("\\", "/")).name or "document"
    if PurePosixPath(name).suffix:
        return name
    return name + (mimetypes.guess_extension(media_type) or "")
