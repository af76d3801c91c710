"""The files in a ZIP archive, and in the archives inside it, as documents of their own.

A member is named as Java and Spring name it in their archives: `reports.zip!/2023/costs.xlsx`, and
`a.zip!/b.zip!/c.txt` within another. Nothing is ever written to disk.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from index.errors import UnreadableFile
from index.extract.zipped_xml import MOST_UNPACKED
from index.uri import MEMBER, ZIP

MOST_MEMBERS = 10_000  # of one archive, those of the archives inside it among them
MOST_DEPTH = 3  # archives within one another

_ENCRYPTED = 1  # a flag bit
_NAMELESS = "has no name that a file can have; it is left out"
_LOCKED = "is encrypted and opens only with a password; unpack it and add the files"


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive. `read` gives its bytes, and raises `UnreadableFile` for a member that
    is damaged, encrypted, a link, or named so that it would lie outside of the archive."""

    path: str
    read: Callable[[], bytes]


def members_of(data: bytes) -> list[Member]:
    """The files in the archive `data` in the order in which it lists them; hidden ones are left
    out, as in a folder. Raises `UnreadableFile` for what is no archive, and for one that unpacks
    to more than `MOST_UNPACKED` bytes or `MOST_MEMBERS` files, before any of it is read."""
    members = list(_Listing().members(data, "", 1))
    if not members:
        raise UnreadableFile("is an archive without files")
    return members


class _Listing:
    """Counts what an archive and those inside it hold, so that the limits are of the whole."""

    def __init__(self) -> None:
        self._count = 0
        self._unpacked = 0

    def members(self, data: bytes, within: str, depth: int) -> Iterator[Member]:
        archive = _opened(data)
        entries = {
            entry.filename: entry
            for entry in archive.infolist()
            if not entry.filename.endswith("/")
        }
        self._count += len(entries)
        self._unpacked += sum(entry.file_size for entry in entries.values())
        if self._count > MOST_MEMBERS:
            raise UnreadableFile(
                f"holds more than the {MOST_MEMBERS:,} files that are read of one archive; split it"
            )
        if self._unpacked > MOST_UNPACKED:
            raise UnreadableFile(
                f"unpacks to over {MOST_UNPACKED // 2**20} MB; it looks like a decompression bomb"
            )
        for name, entry in entries.items():
            path = PurePosixPath(name.replace("\\", "/"))
            if any(
                part.startswith((".", "~$", "__MACOSX")) and part != ".." for part in path.parts
            ):
                continue
            if not path.parts:
                yield Member(f"{within}{name or '?'}", _raiser(UnreadableFile(_NAMELESS)))
                continue
            member = Member(within + name, _reader(archive, entry, path))
            if path.suffix.lower() == ZIP:
                yield from self._inside(member, depth)
            else:
                yield member

    def _inside(self, member: Member, depth: int) -> Iterator[Member]:
        """The files in the archive that `member` is; itself where they can't be told."""
        try:
            if depth == MOST_DEPTH:
                raise UnreadableFile(f"lies more than {MOST_DEPTH} archives deep; unpack it")
            data = member.read()
            _opened(data)
        except UnreadableFile as error:
            yield Member(member.path, _raiser(error))
        else:
            yield from self.members(data, member.path + MEMBER, depth + 1)


def _opened(data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except Exception as error:  # the module lets through what it meets in a damaged directory
        raise UnreadableFile(f"is no ZIP archive, or a damaged one ({error})") from error


def _reader(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: PurePosixPath
) -> Callable[[], bytes]:
    def read() -> bytes:
        if ".." in path.parts or path.is_absolute() or ":" in path.parts[0]:
            raise UnreadableFile("has a name that leads out of its archive; it is left out")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise UnreadableFile("is a link; add the file that it leads to")
        if entry.flag_bits & _ENCRYPTED:
            raise UnreadableFile(_LOCKED)
        try:
            return archive.read(entry)  # no more than the size that was counted
        except NotImplementedError as error:
            raise UnreadableFile(f"is packed in a way that is not read ({error})") from error
        except MemoryError:
            raise
        except Exception as error:
            raise UnreadableFile(f"is damaged ({error})") from error

    return read


def _raiser(error: UnreadableFile) -> Callable[[], bytes]:
    def read() -> bytes:
        raise error

    return read
