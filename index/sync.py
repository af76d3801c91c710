"""The store brought in step with a folder.

A sync lists the folder, reads the files whose size or times differ from those it remembers, gives
known content its new names and takes away what is gone in one transaction, and then adds what is
left, a batch at a time. Cut short anywhere it has done a part of the work, and the next one goes
on: what is remembered of a file is written after its document, never before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from index.catalog import Catalog
from index.digest import Read, read, stamp
from index.document import Document
from index.errors import UnknownDocument, UnreadableFile, UnsupportedFile
from index.folder import files_in
from index.folders import Known, Seen
from index.records import Added
from index.writer import Writer

_REMEMBER_EACH = 64  # files; fewer would wait for the disk too often

Progress = Callable[[int, int], None]
Adding = Callable[[Iterable[Document]], Iterator[Added]]


@dataclass(frozen=True, slots=True)
class Moved:
    """A document that is found at `uri` now, and no longer `before`."""

    document_id: str
    before: str
    uri: str


@dataclass(slots=True)
class Synced:
    """What a sync did. `documents` are those added and replaced, `removed` the uris that are gone
    with their documents or as one name of several. `errors` are (uri, reason) of files that cannot
    be read, whose stored text is kept; `skipped` those of kinds that are not read, and of empty
    ones. `waiting` counts files left for the next time because they are being written."""

    documents: list[Added] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    hashed: int = 0
    waiting: int = 0
    errors: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.documents or self.moved or self.removed)


def sync(
    catalog: Catalog,
    add: Adding,
    folder: Path,
    full: bool,
    allow_empty: bool,
    settled: float,
    progress: Progress,
) -> Synced:
    """`Index.sync`."""
    if not folder.is_dir():
        raise UnreadableFile(
            f"the folder {folder.as_posix()} is not there or cannot be reached; what is stored of "
            "it is kept"
        )
    root = folder.resolve()
    with catalog.read() as snapshot:
        name = snapshot.folders.name(root.as_posix())
    if name is None:
        with catalog.write() as writer:
            name = writer.folders.register(root.as_posix(), folder.as_posix())
    return _Sync(catalog, root, PurePosixPath(name), progress).run(add, full, allow_empty, settled)


class _Sync:
    """One sync of the folder at `root`, whose files' uris begin with `name`."""

    def __init__(
        self, catalog: Catalog, root: Path, name: PurePosixPath, progress: Progress
    ) -> None:
        self._catalog = catalog
        self._root = root
        self._folder = root.as_posix()
        self._name = name
        self._progress = progress
        self._result = Synced()
        self._paths: dict[str, Path] = {}  # of the files that are there, by uri
        self._known: dict[str, Known] = {}
        self._seen: list[Seen] = []  # to be remembered

    def run(self, add: Adding, full: bool, allow_empty: bool, settled: float) -> Synced:
        suspects, gone = self._compare(full, allow_empty, settled)
        self._progress(0, len(suspects))
        new = self._settle(self._read(suspects), gone)
        done = len(suspects) - len(new)
        try:
            for added in add(self._loaded(new)):
                self._note(added)
                self._seen.append(_remembered(new[added.uri], added))
                done += 1
                self._progress(done, len(suspects))
                if len(self._seen) >= _REMEMBER_EACH:
                    self._remember()
        finally:
            self._remember()
        return self._result

    def _compare(self, full: bool, allow_empty: bool, settled: float) -> tuple[list[str], set[str]]:
        """The uris of the files that may have changed, and of those that are gone."""
        listing = files_in(self._root, self._catalog.path.parent.resolve())
        with self._catalog.read() as snapshot:
            self._known = snapshot.folders.known(self._folder)
        stored = sum(known.document_id is not None for known in self._known.values())
        if not listing.files and stored and not allow_empty:
            raise UnreadableFile(
                f"no file is left in {self._folder}, from which {stored} documents came; what is "
                "stored is kept. If it is not just out of reach, remove them with --allow-empty"
            )
        for path, reason in listing.unlisted.items():
            self._result.errors.append((self._uri(path), f"cannot be listed: {reason}"))
        suspects, there = [], set()
        now = time.time_ns()
        settles = now - int(settled * 1e9)
        for path, status in listing.files.items():
            uri = self._uri(path)
            there.add(uri)
            self._paths[uri] = self._root / path
            known = self._known.get(uri)
            if settles < max(status.st_mtime_ns, status.st_ctime_ns) < now:
                self._result.waiting += 1
                continue
            same = known is not None and known.seen.stamp == stamp(status) and not full
            if known is None or not same or not self._as_before(known):
                suspects.append(uri)
        gone = {
            uri
            for uri in self._known.keys() - there
            if not listing.may_hold(str(PurePosixPath(uri).relative_to(self._name)))
        }
        return suspects, gone

    def _as_before(self, known: Known) -> bool:
        """Counts a file that is as it was when it was seen; false where the store has changed."""
        seen = known.seen
        if seen.problem:
            (self._result.skipped if seen.unread else self._result.errors).append(
                (seen.uri, seen.problem)
            )
        elif known.is_stored:
            self._result.unchanged += 1
        else:
            return False
        return True

    def _read(self, uris: Iterable[str]) -> Iterator[Read]:
        """The digests of files; one that cannot be read keeps what is stored."""
        for uri in uris:
            try:
                uri.encode()
                found = read(uri, self._paths[uri])
            except FileNotFoundError:  # gone since the folder was listed; the next sync sees to it
                continue
            except (OSError, UnicodeEncodeError) as error:
                reason = getattr(error, "strerror", None) or "its name is not valid UTF-8"
                self._result.errors.append((uri, f"{uri!r} cannot be read: {reason}"))
                continue
            self._result.hashed += 1
            yield found

    def _settle(self, found: Iterable[Read], gone: set[str]) -> dict[str, Seen]:
        """Sees to all that needs no embedding, in one transaction, and gives the files that do."""
        files = list(found)
        if not files and not gone:
            return {}
        new: dict[str, Seen] = {}
        with self._catalog.write() as writer:
            leaving = {uri: named[0] for uri in gone if (named := writer.named(uri))}
            for file in files:
                if file.empty:
                    self._drop(writer, file.seen.uri)
                    self._skip(file.seen, f"{file.seen.uri} is empty")
                elif not self._link(writer, file.seen, leaving):
                    new[file.seen.uri] = file.seen
            writer.folders.forget(self._folder, gone)
            moved = {each.before for each in self._result.moved}
            for uri in gone:
                if not writer.folders.is_seen(uri):
                    self._drop(writer, uri, told=uri not in moved)
            writer.folders.see(self._folder, self._seen)
            self._seen.clear()
        return new

    def _link(self, writer: Writer, seen: Seen, leaving: dict[str, str]) -> bool:
        """Whether the content is stored already; then under this uri too."""
        twins = writer.twins(seen.sha256)
        twin = next((id_ for id_, uri, _ in twins if _suffix(uri) == _suffix(seen.uri)), None)
        linked = writer.link(seen.uri, seen.sha256, twin)
        if linked is None:
            return False
        self._seen.append(seen)
        document_id, status = linked
        before = next((uri for uri, id_ in leaving.items() if id_ == document_id), None)
        if status == "unchanged":
            self._result.unchanged += 1
        elif before is not None:
            leaving.pop(before)
            self._result.moved.append(Moved(document_id, before, seen.uri))
        else:
            stored = writer.stored(document_id)
            self._result.documents.append(stored.as_added(seen.uri, status))
        return True

    def _drop(self, writer: Writer, uri: str, told: bool = True) -> None:
        with suppress(UnknownDocument):
            writer.drop_name(uri)
            if told:
                self._result.removed.append(uri)

    def _loaded(self, new: dict[str, Seen]) -> Iterator[Document]:
        from index.load import load_bytes

        for uri, seen in new.items():
            try:
                yield load_bytes(self._paths[uri].read_bytes(), uri)
            except FileNotFoundError:
                continue
            except UnsupportedFile as error:
                if self._is_stored(uri):
                    self._fail(seen, str(error))
                else:
                    self._skip(seen, str(error))
            except UnreadableFile as error:
                self._fail(seen, str(error))
            except OSError as error:
                self._fail(seen, f"{uri} cannot be read: {error.strerror}")

    def _is_stored(self, uri: str) -> bool:
        with self._catalog.read() as snapshot:
            return snapshot.named(uri) is not None

    def _fail(self, seen: Seen, reason: str) -> None:
        kept = "; what is stored of it is kept" if self._is_stored(seen.uri) else ""
        self._seen.append(replace(seen, problem=reason + kept))
        self._result.errors.append((seen.uri, reason + kept))

    def _skip(self, seen: Seen, reason: str) -> None:
        self._seen.append(replace(seen, problem=reason, unread=True))
        self._result.skipped.append((seen.uri, reason))

    def _note(self, added: Added) -> None:
        if added.status == "unchanged":
            self._result.unchanged += 1
        else:
            self._result.documents.append(added)

    def _remember(self) -> None:
        if self._seen:
            with self._catalog.write() as writer:
                writer.folders.see(self._folder, self._seen)
            self._seen.clear()

    def _uri(self, path: str) -> str:
        return (self._name / path).as_posix()


def _remembered(seen: Seen, added: Added) -> Seen:
    """What to remember of a file whose document is stored. One that has changed between its two
    readings is to be read again the next time."""
    return seen if added.sha256 == seen.sha256 else replace(seen, stamp="")


def _suffix(uri: str) -> str:
    """What tells, with the bytes, that two files are read alike."""
    return PurePosixPath(uri).suffix.lower()
