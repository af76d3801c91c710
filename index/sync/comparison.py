"""A synced folder as it is against what is remembered of it. Nothing is read here."""

from __future__ import annotations

import time
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from index.records import Known
from index.sync.file_stamp import stamp
from index.sync.listing import Listing
from index.sync.result import Synced
from index.uri import MEMBER, is_carrier


@dataclass(frozen=True, slots=True)
class Comparison:
    """`paths` are the files that are there, by uri, and `members` the known uris in those that are
    archives. `suspects` are the uris of files that may have changed, `gone` those of files, and of
    members of archives, that are not there any more."""

    known: Mapping[str, Known]
    paths: Mapping[str, Path]
    members: dict[str, list[str]] = field(default_factory=dict)
    suspects: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)

    def within(self, uri: str) -> list[Known]:
        """What is known of the members of the archive at `uri`."""
        return [self.known[member] for member in self.members.get(uri, ())]

    def file_of(self, uri: str) -> str:
        """The file that `uri` names, or the one whose member it names."""
        return _archive_of(uri, self.paths) or uri

    def is_same_archive(self, uri: str, sha256: str) -> bool:
        """Whether `uri` is an archive of this digest, all of which the store holds."""
        known, within = self.known.get(uri), self.within(uri)
        return (
            known is not None
            and known.seen.sha256 == sha256
            and not known.seen.problem
            and bool(within)
            and (known.is_stored or not is_carrier(uri))
            and all(each.is_stored for each in within)
        )


def compare(
    root: Path,
    name: PurePosixPath,
    listing: Listing,
    known: Mapping[str, Known],
    full: bool,
    settled: float,
    result: Synced,
) -> Comparison:
    """What `listing`, of the folder at `root` whose uris begin with `name`, says against `known`.
    Files that are as they were, and those that are left for the next time, are counted in `result`.
    """

    def uri_of(path: str) -> str:
        return (name / path).as_posix()

    found = Comparison(known, {uri_of(path): root / path for path in listing.files})
    for uri in known:
        if archive := _archive_of(uri, found.paths):
            found.members.setdefault(archive, []).append(uri)
    now = time.time_ns()
    settles = now - int(settled * 1e9)
    unsettled = set()
    for path, status in listing.files.items():
        uri = uri_of(path)
        if settles < max(status.st_mtime_ns, status.st_ctime_ns) < now:
            result.waiting += 1
            unsettled.add(_kept_in_moves(stamp(status)))
            continue
        before = known.get(uri)
        same = before is not None and before.seen.stamp == stamp(status) and not full
        if before is None or not same or not _is_as_before(before, found.within(uri), result):
            found.suspects.append(uri)
    there = found.paths.keys() | {uri for each in found.members.values() for uri in each}
    for uri in known.keys() - there:
        file = known.get(uri.partition(MEMBER)[0], known[uri])
        may_be_there = listing.may_hold(str(PurePosixPath(uri).relative_to(name)))
        if not may_be_there and _kept_in_moves(file.seen.stamp) not in unsettled:
            found.gone.add(uri)
    return found


def _kept_in_moves(stamp: str) -> tuple[str, ...]:
    """The size and the time of the last writing, which a file that moves keeps: one that has just
    moved may still have to be looked at under its new name."""
    return tuple(stamp.split()[:2])


def _archive_of(uri: str, files: Container[str]) -> str:
    """The one of `files` whose member `uri` names; "" where there is none."""
    at = uri.find(MEMBER) if uri not in files else -1
    while at >= 0 and uri[:at] not in files:
        at = uri.find(MEMBER, at + 1)
    return uri[: max(at, 0)]


def _is_as_before(known: Known, within: list[Known], result: Synced) -> bool:
    """Counts a file that is as it was when it was seen, and all in it where it is an archive;
    false where the store has changed."""
    whole = known.seen.problem or not within or is_carrier(known.seen.uri)
    looked_at = [known, *within] if whole else within
    if not all(each.is_current if each.seen.problem else each.is_stored for each in looked_at):
        return False
    for seen in (each.seen for each in looked_at):
        if not seen.problem:
            result.unchanged += 1
        elif seen.unread:
            result.skipped.append((seen.uri, seen.problem))
        else:
            result.errors.append((seen.uri, seen.problem))
    return True
