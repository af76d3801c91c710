"""Bytes → what is read of them, in the process that parses: the format, the text, the fault."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from index.errors import EmptyFile, FootnoteError, UnreadableFile, UnsupportedFile
from index.extract.beat import beat
from index.extract.content import Extracted
from index.extract.left_out import with_unread
from index.extract.limits import Parsing
from index.load.attached import attached
from index.load.encrypted import decrypted, is_encrypted
from index.load.formats import ARCHIVE, Format, format_of
from index.load.link_lists import ADVICE, count_if_only_addresses
from index.load.zip_members import MOST_DEPTH, Member, members_of
from index.uri import MEMBER

_ARCHIVE_FILES = 30  # an archive may take the time, and hold the text, of so many files


@dataclass(frozen=True, slots=True)
class Parsed:
    """The text of a file, or of a member of an archive; `sha256` is that of its bytes, which a
    member has with it in `original`, if they are not too many."""

    uri: str
    sha256: str
    media_type: str
    extracted: Extracted
    original: bytes | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A file, or a member of an archive, that is not read, and why: `UnsupportedFile` or
    `UnreadableFile`."""

    uri: str
    error: FootnoteError


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was opened, and the uris of all its members; or a file to which others are
    attached, and its own uri and theirs."""

    uri: str
    members: tuple[str, ...]


Outcome = Parsed | Refused | Archive


def key_of(outcome: Outcome) -> str:
    """What tells an outcome from the others of one file."""
    if isinstance(outcome, Archive):
        return outcome.uri + MEMBER
    return outcome.uri


def parse(
    data: bytes,
    uri: str,
    parsing: Parsing,
    media_type: str = "",
    done: Collection[str] = (),
) -> Iterator[Outcome]:
    """One `Parsed` or `Refused`; of an archive, an `Archive` and then one of the two for each
    member. A file to which others are attached that are read is as an archive of itself and of
    them, within archives too. The outcomes whose keys are `done` are left out.

    The format is the one that `media_type` names, else the one of the suffix of `uri`, else the
    one that the first bytes tell.
    """
    try:
        kind, charset = format_of(data, uri, media_type)
        members = _members(data, uri) if kind is ARCHIVE else None
    except (UnreadableFile, UnsupportedFile) as error:
        yield Refused(uri, error)
        return
    if members is None:
        yield from _whole(data, uri, kind, charset, parsing, done)
        return
    if uri + MEMBER not in done:
        yield Archive(uri, tuple(uri + MEMBER + member.path for member in members))
    yield from _contents(members, uri, parsing, done)


def _members(data: bytes, uri: str) -> list[Member]:
    try:
        return members_of(data)
    except UnreadableFile as error:
        raise UnreadableFile(f"{uri} {error}") from error


def _whole(
    data: bytes, uri: str, kind: Format, charset: str, parsing: Parsing, done: Collection[str]
) -> Iterator[Outcome]:
    """What a file gives, and then those that are attached to it."""
    opened = uri + MEMBER in done
    if uri in done and not opened:
        return
    outcome = _outcome(data, uri, kind, charset, parsing)
    members: list[Member] = []
    if isinstance(outcome, Parsed):
        members, unread = attached(outcome.extracted.files, deep=uri.count(MEMBER) >= MOST_DEPTH)
        outcome = replace(outcome, extracted=with_unread(outcome.extracted, unread))
    if members and not opened:
        yield Archive(uri, (uri, *(uri + MEMBER + member.path for member in members)))
    if uri not in done:
        yield outcome
    yield from _contents(members, uri, parsing, done)


def _contents(
    members: list[Member], archive: str, parsing: Parsing, done: Collection[str]
) -> Iterator[Outcome]:
    until = time.monotonic() + _ARCHIVE_FILES * parsing.seconds
    characters = 0
    for number, member in enumerate(members):
        if characters > _ARCHIVE_FILES * parsing.characters or time.monotonic() > until:
            fault = UnreadableFile(
                f"{archive} holds more than is read of one archive; {len(members) - number} of its "
                "files were left out: unpack it and add those"
            )
            yield Refused(archive, fault)
            return
        beat()
        for outcome in _member(member, archive + MEMBER + member.path, parsing, done):
            if isinstance(outcome, Parsed):
                characters += len(outcome.extracted.text)
            yield outcome


def _member(member: Member, uri: str, parsing: Parsing, done: Collection[str]) -> Iterator[Outcome]:
    if uri in done and uri + MEMBER not in done:
        return
    try:
        data = member.read()
        kind, charset = format_of(data, uri, "")
    except UnsupportedFile as error:
        yield Refused(uri, error)
    except UnreadableFile as error:
        yield Refused(uri, UnreadableFile(f"{uri} {error}"))
    else:
        small = len(data) <= parsing.original_mb * 1_000_000
        for outcome in _whole(data, uri, kind, charset, parsing, done):
            if small and isinstance(outcome, Parsed) and outcome.uri == uri:
                yield replace(outcome, original=data)
            else:
                yield outcome


def _outcome(
    data: bytes, uri: str, kind: Format, charset: str, parsing: Parsing
) -> Parsed | Refused:
    try:
        extracted = read(data, kind, parsing, charset)
    except (UnreadableFile, UnsupportedFile) as error:
        return Refused(uri, type(error)(f"{uri} {error}"))
    except MemoryError:
        return Refused(uri, too_large(uri, parsing))
    return Parsed(uri, hashlib.sha256(data).hexdigest(), kind.media_type, extracted)


def read(data: bytes, kind: Format, parsing: Parsing, charset: str = "") -> Extracted:
    """The text of `data`, which is of the format `kind`. Raises `EmptyFile`, `UnreadableFile` for
    what is damaged, encrypted or without text, and `UnsupportedFile` for a list of addresses."""
    if not data.strip():
        raise EmptyFile("is empty")
    try:
        if kind.content and is_encrypted(data):
            data = decrypted(data)
        extracted = kind.read(data, charset, parsing)
    except (UnreadableFile, ImportError, MemoryError):
        raise  # a broken installation is not the file's fault
    except Exception as error:  # whatever a parser meets in a damaged or hostile file
        raise UnreadableFile(f"is damaged or not {kind.name}") from error
    if not extracted.text:
        raise UnreadableFile("holds no text")
    if count := count_if_only_addresses(extracted.text, kind.media_type):
        raise UnsupportedFile(f"holds nothing but addresses ({count}); {ADVICE}")
    return extracted


def too_large(uri: str, parsing: Parsing) -> UnreadableFile:
    """What is said of a file that needs more memory than it may have."""
    return UnreadableFile(
        f"{uri} needs more than {parsing.memory_mb:,} MB of memory to be read; split it, or "
        "raise FOOTNOTE_PARSE_MEMORY_MB"
    )
