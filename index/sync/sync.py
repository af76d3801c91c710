"""The store brought in step with a folder.

A sync lists the folder, reads the files whose size or times differ from those it remembers, gives
known content its new names and takes away what is gone in one transaction, and then adds what is
left, a batch at a time. Cut short anywhere it has done a part of the work, and the next one goes
on: what is remembered of a file is written after its document, never before. An archive is
remembered with all its members, each under its own uri.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from index.document import Document
from index.errors import (
    EmptyFile,
    FootnoteError,
    UnknownDocument,
    UnreadableFile,
    UnsupportedFile,
)
from index.extract.limits import Parsing
from index.filter import folder_name
from index.progress import Expected, Passed, Progress
from index.quotas import within_quotas
from index.records import Added, Seen
from index.store import Store, WriteTransaction
from index.sync.comparison import Comparison, compare
from index.sync.file_stamp import Read, read, stamp
from index.sync.listing import files_in
from index.sync.result import Moved, Synced
from index.uri import CARRIERS, ZIP, is_carrier

if TYPE_CHECKING:
    from index.load.sources import Loading, Source

_REMEMBER_EACH = 64  # files; fewer would wait for the disk too often

Adding = Callable[[Iterable[Document], Progress], Iterator[Added]]


def sync(
    store: Store,
    add: Adding,
    load: Loading,
    folder: Path,
    parsing: Parsing,
    full: bool,
    allow_empty: bool,
    settled: float,
    progress: Progress,
    collection: str | None = None,
) -> Synced:
    """`Index.sync`."""
    if not folder.is_dir():
        raise UnreadableFile(
            f"the folder {folder.as_posix()} is not there or cannot be reached; what is stored of "
            "it is kept"
        )
    root = folder.resolve()
    with store.read() as snapshot:
        name = snapshot.folders.name(root.as_posix())
    if name is None:
        with store.write() as writer:
            name = writer.folders.register(root.as_posix(), folder.as_posix())
    if collection is not None:
        _feed(store, collection, name)
    one = _Sync(store, load, root, PurePosixPath(name), parsing, progress)
    return one.run(add, full, allow_empty, settled)


def _feed(store: Store, collection: str, folder: str) -> None:
    """Has the folder feed the collection, which is made where there is none."""
    with store.read() as snapshot:
        known = collection in snapshot.collections.names()
        if known and folder_name(folder) in snapshot.collections.one(collection).folders:
            return
    with store.write() as writer, within_quotas(writer):
        if collection not in writer.collections.names():
            writer.collections.create(collection)
        writer.collections.feed(collection, folder)


class _Sync:
    """One sync of the folder at `root`, whose files' uris begin with `name`."""

    def __init__(
        self,
        store: Store,
        load: Loading,
        root: Path,
        name: PurePosixPath,
        parsing: Parsing,
        progress: Progress,
    ) -> None:
        self._store = store
        self._load = load
        self._root = root
        self._folder = root.as_posix()
        self._name = name
        self._parsing = parsing
        self._progress = progress
        self._result = Synced()
        self._found = Comparison({}, {})
        self._held: dict[str, frozenset[str]] = {}  # what is in the files that were read
        self._emptied: list[str] = []
        self._notes: dict[str, str] = {}
        self._seen: list[Seen] = []  # to be remembered

    def run(self, add: Adding, full: bool, allow_empty: bool, settled: float) -> Synced:
        self._found = self._compare(full, allow_empty, settled)
        suspects = self._found.suspects
        self._progress(Expected(len(suspects)))
        new, late = self._settle(self._read(suspects), self._found.gone)
        for uri in suspects:
            if uri not in new:
                self._progress(Passed(uri))
        try:
            for added in add(self._loaded(new), self._progress):
                self._note(added)
                self._seen.append(_remembered(new.get(added.uri), added))
                if len(self._seen) >= _REMEMBER_EACH:
                    self._remember()
            self._conclude(new, late)
        finally:
            self._remember()
        return self._result

    def _compare(self, full: bool, allow_empty: bool, settled: float) -> Comparison:
        listing = files_in(self._root, self._store.folder)
        with self._store.read() as snapshot:
            known = snapshot.folders.known(self._folder)
        stored = sum(each.document_id is not None for each in known.values())
        if not listing.files and stored and not allow_empty:
            raise UnreadableFile(
                f"no file is left in {self._folder}, from which {stored} documents came; what is "
                "stored is kept. If it is not just out of reach, remove them with --allow-empty"
            )
        for path, reason in listing.unlisted.items():
            uri = (self._name / path).as_posix()
            self._result.errors.append((uri, f"cannot be listed: {reason}"))
        return compare(self._root, self._name, listing, known, full, settled, self._result)

    def _read(self, uris: Iterable[str]) -> Iterator[Read]:
        """The digests of files; one that cannot be read keeps what is stored."""
        for uri in uris:
            try:
                uri.encode()
                found = read(uri, self._found.paths[uri])
            except FileNotFoundError:  # gone since the folder was listed; the next sync sees to it
                continue
            except (OSError, UnicodeEncodeError) as error:
                reason = getattr(error, "strerror", None) or "its name is not valid UTF-8"
                self._result.errors.append((uri, f"{uri!r} cannot be read: {reason}"))
                continue
            self._result.hashed += 1
            yield found

    def _settle(self, found: Iterable[Read], gone: set[str]) -> tuple[dict[str, Seen], set[str]]:
        """Sees to all that needs no embedding, in one transaction, and gives the files that do.
        Where archives are among those, what is `gone` may be in them, so it is given too, to be
        taken away afterwards."""
        files = list(found)
        if not files and not gone:
            return {}, set()
        new: dict[str, Seen] = {}
        with self._store.write() as writer, within_quotas(writer):
            leaving = {uri: named[0] for uri in gone if (named := writer.named(uri))}
            for file in files:
                if file.empty:
                    self._drop(writer, file.seen.uri)
                    self._take_away(writer, self._found.members.get(file.seen.uri, ()))
                    self._skip(file.seen, f"{file.seen.uri} is empty")
                elif not self._link(writer, file.seen, leaving):
                    new[file.seen.uri] = file.seen
            late = gone if any(_suffix(uri) in (ZIP, *CARRIERS) for uri in new) else set()
            self._take_away(writer, gone - late)
            writer.folders.see(self._folder, self._seen)
            self._seen.clear()
        return new, late

    def _take_away(self, writer: WriteTransaction, uris: Iterable[str]) -> None:
        """Forgets these files, and removes the names that no other folder has seen."""
        uris = sorted(uris)
        writer.folders.forget(self._folder, uris)
        moved = {each.before for each in self._result.moved}
        for uri in uris:
            if not writer.folders.is_seen(uri):
                self._drop(writer, uri, told=uri not in moved)

    def _conclude(self, new: dict[str, Seen], late: set[str]) -> None:
        """Takes away what was emptied or is gone from archives that were read, and remembers those
        archives."""
        if not self._held and not late and not self._emptied:
            return
        with self._store.write() as writer:
            for uri in self._emptied:
                self._drop(writer, uri)
            leaving = set(late)
            for uri, held in self._held.items():
                leaving.update({*writer.members(uri), *self._found.members.get(uri, ())} - held)
            self._take_away(writer, leaving)
            failed = {uri for uri, _ in self._result.errors}
            for uri in self._held.keys() - failed:
                if self._held[uri]:
                    self._seen.append(self._as_read(new[uri]))

    def _as_read(self, seen: Seen) -> Seen:
        """What to remember of an archive; one that has changed since is to be read again."""
        with suppress(OSError):
            if stamp(self._found.paths[seen.uri].stat()) == seen.stamp:
                return seen
        return replace(seen, stamp="")

    def _link(self, writer: WriteTransaction, seen: Seen, leaving: dict[str, str]) -> bool:
        """Whether the content is stored already; then under this uri too."""
        if self._found.is_same_archive(seen.uri, seen.sha256):
            self._seen.append(seen)
            self._result.unchanged += len(self._found.members[seen.uri]) + is_carrier(seen.uri)
            return True
        alike = (
            id_
            for id_, uri, _ in writer.twins(seen.sha256)
            if _suffix(uri) == _suffix(seen.uri) and not (is_carrier(uri) and writer.members(uri))
        )
        twin = next(filter(writer.readings.is_current, alike), None)
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

    def _drop(self, writer: WriteTransaction, uri: str, told: bool = True) -> None:
        with suppress(UnknownDocument):
            writer.drop_name(uri)
            if told:
                self._result.removed.append(uri)

    def _loaded(self, new: dict[str, Seen]) -> Iterator[Document]:
        from index.extract.left_out import note_of
        from index.load.parse import Refused

        for one in self._load(self._sources(new), self._parsing, self._progress):
            if isinstance(one, Document):
                self._notes[one.uri] = note_of(one, self._parsing)
                if one.uri in self._found.members and one.uri not in self._held:
                    self._held[one.uri] = frozenset()
                yield replace(one, original=None)  # its file stays where it is
            elif isinstance(one, Refused):
                self._refuse(new.get(one.uri) or Seen(one.uri, "", ""), one.error)
                self._progress(Passed(one.uri))
            else:
                file = self._found.file_of(one.uri)
                self._held[file] = self._held.get(file, frozenset()).union(one.members)
                self._progress(Expected(len(one.members) - 1))

    def _sources(self, new: Iterable[str]) -> Iterator[Source]:
        from index.load.documents import read_file
        from index.load.sources import Source

        for uri in new:
            path = self._found.paths[uri]
            if path.exists():
                yield Source(uri, partial(read_file, path, self._parsing, uri))
            else:  # gone since; the next sync sees to it
                self._progress(Passed(uri))

    def _refuse(self, seen: Seen, error: FootnoteError) -> None:
        if isinstance(error, EmptyFile):
            self._emptied.append(seen.uri)
            self._skip(seen, str(error))
        elif isinstance(error, UnsupportedFile) and not self._is_stored(seen.uri):
            self._skip(seen, str(error))
        else:
            self._fail(seen, str(error))

    def _is_stored(self, uri: str) -> bool:
        with self._store.read() as snapshot:
            return bool(snapshot.named(uri) or snapshot.members(uri))

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
            note = self._notes.pop(added.uri, "")
            self._result.documents.append(replace(added, note=note))

    def _remember(self) -> None:
        if self._seen:
            with self._store.write() as writer:
                writer.folders.see(self._folder, self._seen)
            self._seen.clear()


def _remembered(seen: Seen | None, added: Added) -> Seen:
    """What to remember of a file, or of the member of an archive, whose document is stored. One
    that has changed between its two readings is to be read again the next time."""
    if seen is None:
        return Seen(added.uri, "", added.sha256)
    return seen if added.sha256 == seen.sha256 else replace(seen, stamp="")


def _suffix(uri: str) -> str:
    """What tells, with the bytes, that two files are read alike."""
    return PurePosixPath(uri).suffix.lower()
