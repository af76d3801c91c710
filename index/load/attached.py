"""The files that are attached to another one, as members of it: `letter.eml!/costs.xlsx`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath

from index.errors import UnreadableFile, UnsupportedFile
from index.extract.content import File
from index.load.formats import ARCHIVE, format_of
from index.load.zip_members import Member, members_of
from index.uri import MEMBER


def attached(files: Sequence[File], deep: bool) -> tuple[list[Member], list[File]]:
    """Those that are read, each under a name of its own and without the folders that it states; and
    those that are not, which are all where they lie too `deep`."""
    members: list[Member] = []
    unread: list[File] = []
    names: set[str] = set()
    for file in files:
        path = PurePosixPath(file.name.replace("\\", "/"))
        name, number = path.name, 1
        while name in names:
            number += 1
            name = f"{path.stem} ({number}){path.suffix}"
        found = [] if deep or not file.data.strip() else _members(name, file.data)
        names.add(name)
        members += found
        unread += [] if found else [file]
    return members, unread


def _members(name: str, data: bytes) -> list[Member]:
    """The file under `name`, or those in it where it is an archive; none where it is not read."""
    if not PurePosixPath(name).suffix:
        return []
    try:
        kind, _ = format_of(data, name, "")
        if kind is not ARCHIVE:
            return [Member(name, partial(bytes, data))]
        return [Member(name + MEMBER + one.path, one.read) for one in members_of(data)]
    except (UnreadableFile, UnsupportedFile):
        return []
