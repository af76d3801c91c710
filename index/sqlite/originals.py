"""The bytes of the files that were added: which of them are kept, and where.

Each is a file of its own beside the catalog, named by the SHA-256 of its bytes, so that two
documents of one content share it; the catalog has a row for each. The file is on the disk before
its row is committed, and goes after the document that used it last: a trigger marks its row as
leaving in the transaction that removes the document, and `sweep` then takes the file and the row.
Both happen under the lock of writers. Killed at any instant, a document that is said to have its
original has it, and what is left over is marked as leaving or named by `problems`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from index.errors import StoreUnusable, UnknownOriginal
from index.sqlite.texts import Connection

FOLDER = "originals"
_PART = ".part"  # of a file that is being written
_PIECE_BYTES = 2**20


class Originals:
    """Those of the catalog in `folder`; changes count only inside a `Writer`."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self._db = connection
        self._folder = folder / FOLDER

    def lying_in(self, folder: Path) -> Originals:
        """The same, with their files in another folder."""
        return Originals(self._db, folder)

    def size(self, sha256: str) -> int | None:
        """How many bytes the original with this digest has; None where it is not kept."""
        query = "SELECT bytes FROM originals WHERE sha256 = ? AND NOT leaving"
        row = self._db.execute(query, (sha256,)).fetchone()
        return row[0] if row else None

    def total(self) -> int:
        """The bytes of all."""
        return int(self._db.execute("SELECT coalesce(sum(bytes), 0) FROM originals").fetchone()[0])

    def open(self, sha256: str) -> IO[bytes]:
        """The bytes themselves. Raises `UnknownOriginal` where they are not kept, or lost."""
        try:
            if self.size(sha256) is not None:
                return self._path(sha256).open("rb")
        except OSError as error:
            raise UnknownOriginal(
                f"the original with the SHA-256 {sha256} is lost ({error.strerror}); remove the "
                "document and add its file again"
            ) from error
        raise UnknownOriginal(f"the original with the SHA-256 {sha256} is not kept")

    def keep(self, sha256: str, data: bytes) -> None:
        """Keeps `data` for as long as a document has this digest. Raises `StoreUnusable`."""
        path = self._path(sha256)
        part = path.with_suffix(_PART)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            _sync_folder(path.parent)
        except OSError as error:
            raise StoreUnusable(
                f"the original '{path}' cannot be written ({error.strerror}); make room or change "
                "the permissions there, or set FOOTNOTE_ORIGINALS to false"
            ) from error
        self._db.execute(
            "INSERT INTO originals (sha256, bytes) VALUES (?, ?) "
            "ON CONFLICT (sha256) DO UPDATE SET bytes = excluded.bytes, leaving = 0",
            (sha256, len(data)),
        )

    def copy_to(self, folder: Path, *, first: bool = False) -> list[str]:
        """Copies to the store in `folder` the originals that it lacks; what could not be copied as
        it was kept, one line each. What is there is believed to be right by its size; of a `first`
        copy it is read, and all is left there; a later one takes away what is over. Raises
        `StoreUnusable`."""
        there = self.lying_in(folder)
        problems, wanted = [], set()
        query = "SELECT sha256, bytes FROM originals WHERE NOT leaving ORDER BY sha256"
        for sha256, size in self._db.execute(query).fetchall():
            source, path = self._path(sha256), there._path(sha256)
            wanted.add(path)
            has = path.is_file() and path.stat().st_size == size
            if has and (not first or _digest(path) == sha256):
                continue
            if problem := _copy(source, path, sha256):
                problems.append(f"the original '{source}' {problem}; it is not copied")
        for path in () if first else there._files() - wanted:
            path.unlink()
        return problems

    def leaving(self) -> bool:
        """Whether there is something to sweep."""
        query = "SELECT EXISTS (SELECT 1 FROM originals WHERE leaving)"
        return bool(self._db.execute(query).fetchone()[0])

    def unused(self) -> list[Path]:
        """The files that no document uses. What another is keeping now is among them, unless this
        is asked inside a `Writer`."""
        rows = self._db.execute("SELECT sha256 FROM originals WHERE NOT leaving")
        return sorted(self._files() - {self._path(sha256) for (sha256,) in rows})

    def sweep(self) -> None:
        """Takes away the originals that no document uses any more. Raises `StoreUnusable`."""
        rows = self._db.execute("SELECT sha256 FROM originals WHERE leaving").fetchall()
        for (sha256,) in rows:
            path = self._path(sha256)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise StoreUnusable(
                    f"the original '{path}' cannot be removed ({error.strerror}); change the "
                    "permissions there"
                ) from error
            self._db.execute("DELETE FROM originals WHERE sha256 = ?", (sha256,))

    def strays(self) -> Iterator[str]:
        """What is wrong with the files' names, one line each. Only inside a `Writer`, so that no
        other is adding or removing one."""
        rows = self._db.execute("SELECT sha256, leaving FROM originals")
        known = {self._path(sha256): bool(leaving) for sha256, leaving in rows}
        found = self._files()
        for path in sorted(found - known.keys()):
            yield f"the original '{path}' belongs to no document; delete the file"
        for path in sorted(found & {path for path, leaving in known.items() if leaving}):
            yield f"the original '{path}' is of no document any more; the next change removes it"
        for path in sorted({path for path, leaving in known.items() if not leaving} - found):
            yield f"the original '{path}' is lost; remove its document and add the file again"

    def damaged(self) -> Iterator[str]:
        """Those whose bytes are not what they were, one line each."""
        for (sha256,) in self._db.execute("SELECT sha256 FROM originals WHERE NOT leaving"):
            path = self._path(sha256)
            try:
                digest = _digest(path)
            except FileNotFoundError:
                continue  # lost, or removed since
            except OSError as error:
                yield f"the original '{path}' cannot be read ({error.strerror})"
                continue
            if digest != sha256:
                yield f"the original '{path}' is damaged; remove its document and add it again"

    def _files(self) -> set[Path]:
        return {path for path in self._folder.glob("*/*") if path.is_file()}

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(source: Path, target: Path, sha256: str) -> str:
    """Copies a file whose bytes have this digest; why that was not possible, "" where it was. A
    file that is cut short has another name. Raises `StoreUnusable`."""
    part = target.with_suffix(_PART)
    digest = hashlib.sha256()
    try:
        file = source.open("rb")
    except OSError as error:
        return f"is lost ({error.strerror})"
    with file:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as copy:
                while piece := file.read(_PIECE_BYTES):
                    digest.update(piece)
                    copy.write(piece)
                copy.flush()
                os.fsync(copy.fileno())
            if digest.hexdigest() != sha256:
                part.unlink()
                return "is damaged"
            part.replace(target)
            _sync_folder(target.parent)
        except OSError as error:
            raise StoreUnusable(
                f"'{source}' cannot be copied to '{target}' ({error.strerror}); make room there"
            ) from error
    return ""


def _sync_folder(folder: Path) -> None:
    """Writes the names in a folder to the disk, on systems that let us."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
