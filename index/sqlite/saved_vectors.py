"""The vector view beside the catalog: opening a large store reads it instead of building it.

The file is a line of JSON, padded, and FAISS's bytes. The line says which store and generation it
was made from and the digest of the bytes, and holds the digests of some vectors: a file that is
damaged, of another store, or of a past that a restored backup has undone, is thrown away.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

from index.sqlite.catalog import FILE_NAME as CATALOG
from index.sqlite.replica import Replica
from index.sqlite.snapshot import Snapshot
from index.vectors.faiss import ListedVectors

FILE_NAME = "vectors.view"
_FORMAT = 1
_HEADER_BYTES = 16384
_PROOFS = 64  # of the newest vectors, and as many of any
_MOST_BEHIND = 4  # a quarter of the vectors: building anew is quicker than adding more
_STALE_SECONDS = 3600


def save(folder: Path, replica: Replica[ListedVectors], snapshot: Snapshot) -> None:
    """Writes `replica`, caught up with `snapshot`, in the place of what was saved; all of it or
    nothing. Raises `OSError`."""
    store = replica.store
    _clear(folder)
    with tempfile.NamedTemporaryFile(
        dir=folder, prefix="vectors-", suffix=".tmp", delete=False
    ) as file:
        try:
            file.write(b" " * _HEADER_BYTES)
            hashed = _Hashed(file)
            store.write(hashed)  # type: ignore[arg-type]
            header = {
                "format": _FORMAT,
                "store": replica.store_id,
                "generation": replica.generation,
                "last_id": replica.last_id,
                "trained_for": store.trained_for,
                "digest": hashed.digest.hexdigest(),
                "proofs": digests(snapshot, _some(store)),
            }
            line = json.dumps(header).encode()
            file.seek(0)
            file.write(line.ljust(_HEADER_BYTES - 1) + b"\n")
            file.flush()
            os.fsync(file.fileno())
            shutil.copymode(folder / CATALOG, file.name)
            os.replace(file.name, folder / FILE_NAME)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    replica.changed = 0


def load(folder: Path, snapshot: Snapshot, dim: int) -> Replica[ListedVectors] | None:
    """What was saved, caught up with `snapshot`; None when there is nothing that can be trusted, or
    it is so far behind that building it anew is better."""
    try:
        with open(folder / FILE_NAME, "rb") as file:
            header = _header(file)
            if not header or not _follows(header, snapshot) or not _is_whole(file, header):
                return None
            file.seek(_HEADER_BYTES)
            store = ListedVectors.read(file, int(header["trained_for"]))
    except OSError:
        return None
    replica = Replica(store, header["store"], int(header["generation"]), int(header["last_id"]))
    if store.dim != dim or snapshot.last_chunk_id() - replica.last_id > len(store) // _MOST_BEHIND:
        return None
    replica.catch_up(snapshot)
    ids = store.ids()
    return replica if (len(ids), int(ids.sum())) == snapshot.chunk_sums() else None


def digests(snapshot: Snapshot, chunk_ids: Sequence[int]) -> dict[str, str]:
    """Those of the vectors of `chunk_ids` that exist, by id in digits."""
    return {
        str(chunk_id): hashlib.blake2b(blob, digest_size=8).hexdigest()
        for chunk_id, blob in snapshot.vectors(chunk_ids).items()
    }


def left_over(folder: Path, snapshot: Snapshot) -> list[Path]:
    """What was saved and will not be read: of another past, and what processes that were killed
    have left."""
    left = _stale(folder)
    with suppress(OSError), open(folder / FILE_NAME, "rb") as file:
        header = _header(file)
        if header is None or not _follows(header, snapshot):
            left.append(folder / FILE_NAME)
    return left


def _stale(folder: Path) -> list[Path]:
    """What processes that were killed have left; not what another is writing now."""
    left = []
    for path in folder.glob("vectors-*.tmp"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                left.append(path)
    return left


def _clear(folder: Path) -> None:
    for path in _stale(folder):
        with suppress(OSError):
            path.unlink()


def discard(folder: Path) -> None:
    """Takes away what was saved."""
    with suppress(OSError):
        (folder / FILE_NAME).unlink(missing_ok=True)


def _header(file: BufferedReader) -> dict[str, Any] | None:
    try:
        header = json.loads(file.read(_HEADER_BYTES))
    except ValueError:
        return None
    return header if isinstance(header, dict) and header.get("format") == _FORMAT else None


def _follows(header: dict[str, Any], snapshot: Snapshot) -> bool:
    """Whether the catalog is of the same store, at the same generation or one that came of it."""
    if header["store"] != snapshot.store_id():
        return False
    if not snapshot.pruned() <= header["generation"] <= snapshot.generation():
        return False
    now = digests(snapshot, [int(number) for number in header["proofs"]])
    return all(header["proofs"][number] == digest for number, digest in now.items())


def _is_whole(file: BufferedReader, header: dict[str, Any]) -> bool:
    file.seek(_HEADER_BYTES)
    return bool(hashlib.file_digest(file, "sha256").hexdigest() == header["digest"])


def _some(store: ListedVectors) -> list[int]:
    ids = store.ids()
    any_of = np.random.default_rng().choice(ids, min(_PROOFS, len(ids)), replace=False)
    return [int(number) for number in np.union1d(ids[-_PROOFS:], any_of)]


class _Hashed:
    """A file that is written to, and the digest of what was written."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return int(self._file.write(data))
