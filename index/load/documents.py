"""A file, bytes or text → `Document`, and the files under folders. `formats.py` holds the formats
that are read."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from index.document import Document, MetadataValue, document_id
from index.errors import UnreadableFile
from index.extract.content import Extracted
from index.extract.file_metadata import iso_date, title_of
from index.extract.limits import PARSING, Parsing
from index.extract.text_builder import TextBuilder
from index.load.formats import supported_suffixes as supported_suffixes
from index.load.link_lists import ADVICE, is_address
from index.load.parse import Archive, Parsed, Refused
from index.load.pool import pool
from index.load.process import ParseJob
from index.sqlite.catalog import is_of_originals
from index.text.clean import one_line


def load(path: Path, parsing: Parsing = PARSING) -> Document:
    """The document in the file at `path`; its `uri` is the path as given, with forward slashes.

    Raises `UnsupportedFile` for a kind that is not read, and `UnreadableFile` for a file that is
    empty, damaged, encrypted, without text or out of reach, for an archive, which holds several
    (`load_all` gives them), and for one that exceeds a limit of `parsing`.
    """
    return load_bytes(read_file(path, parsing), path.as_posix(), parsing=parsing)


def load_bytes(
    data: bytes, uri: str, media_type: str | None = None, parsing: Parsing = PARSING
) -> Document:
    """The document in `data`. Its format is the one that `media_type` names, else the one of the
    suffix of `uri`, else the one that its first bytes tell. Raises as `load` does."""
    run = pool().start(job_of(data, uri, parsing, media_type))
    assert run is not None
    with closing(iter(run)) as outcomes:
        first = next(outcomes)
        if isinstance(first, Archive) and first.members[0] == uri:  # with files attached to it
            first = next(outcomes)
        if isinstance(first, Archive):
            raise UnreadableFile(f"{uri} is an archive of several documents; add it as a file")
        for _ in outcomes:  # to the end, so that the process can parse the next file
            pass
    if isinstance(first, Refused):
        raise first.error
    return replace(document_of(first), original=data)


def read_file(path: Path, parsing: Parsing, uri: str = "") -> bytes:
    """The bytes of a file, which errors call `uri`, or else by its path. Raises `UnreadableFile`
    for one that is out of reach or too large, for what is no file, and for one that changes
    meanwhile."""
    uri = uri or path.as_posix()
    try:
        if path.is_dir():
            os.listdir(path)
            raise UnreadableFile(f"{uri} is a folder; name the files in it")
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableFile(f"{uri} is no file; pipe what it gives into `footnote add -`")
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            _check_size(before.st_size, uri, parsing)
            data = file.read(before.st_size + 1)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise UnreadableFile(f"{uri} cannot be read: {error.strerror}") from error
    then, now = (before.st_size, before.st_mtime_ns), (after.st_size, after.st_mtime_ns)
    if then != now or len(data) != before.st_size:
        raise UnreadableFile(f"{uri} changed while it was being read; add it again")
    return data


def job_of(data: bytes, uri: str, parsing: Parsing, media_type: str | None = None) -> ParseJob:
    """What to parse. Raises `UnreadableFile` for a name that no document can have and for too
    many bytes."""
    _check_name(uri)
    _check_size(len(data), uri, parsing)
    return ParseJob(uri, data, parsing, media_type or "")


def document_of(parsed: Parsed) -> Document:
    document = _document(parsed.uri, parsed.extracted, parsed.sha256, parsed.media_type)
    return replace(document, original=parsed.original)


def from_text(
    uri: str, title: str, text: str, metadata: Mapping[str, MetadataValue], parsing: Parsing
) -> Document:
    """The document that a client states in so many words. `sha256` is that of title, text and
    metadata together, so that a change of any of them replaces the document. A `date` that names
    a day becomes YYYY-MM-DD. Raises `UnreadableFile` for an empty text or uri, and for
    more text than `parsing` allows."""
    _check_name(uri)
    builder = TextBuilder(parsing)
    builder.block(text)
    stated = {
        one_line(key): one_line(value) if isinstance(value, str) else value
        for key, value in metadata.items()
    }
    if isinstance(dated := stated.get("date"), str):
        stated["date"] = iso_date(dated) or dated
    extracted = builder.build(title, stated)
    if not extracted.text:
        raise UnreadableFile(f"{uri} holds no text")
    original = json.dumps([title, text, dict(metadata)], sort_keys=True).encode()
    return _document(uri, extracted, hashlib.sha256(original).hexdigest(), "text/plain")


def walk(paths: Iterable[Path]) -> Iterator[Path]:
    """The files at and under `paths`, folder by folder in the order of their names.

    Hidden files and folders inside a folder are left out; a path that is given is not. Files that
    no loader reads, and folders that cannot be listed, are yielded for `load` to give the reason.
    Links to folders are followed, each folder once. Raises `UnreadableFile` for a path that does
    not exist.
    """
    for path in paths:
        if not os.path.exists(path) and is_address(address := str(path).replace(":/", "://", 1)):
            raise UnreadableFile(f"{address} is an address of a page; {ADVICE}")
        if not os.path.exists(path):
            raise UnreadableFile(f"{path.as_posix()} does not exist")
        if os.path.isdir(path):
            yield from _walk(path, set())
        else:
            yield path


def _walk(folder: Path, seen: set[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in seen:
        return
    seen.add(real)
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError:
        yield folder
        return
    for entry in entries:
        if entry.name.startswith((".", "~$")):  # ~$ marks the lock files of word processors
            continue
        if is_of_originals(entry):
            continue
        if os.path.isdir(entry):
            yield from _walk(entry, seen)
        elif os.path.isfile(entry) or entry.is_symlink():
            yield entry


def _check_name(uri: str) -> None:
    if not uri.strip():
        raise UnreadableFile("a document needs a uri that is not empty")
    try:
        uri.encode()
    except UnicodeEncodeError as error:
        raise UnreadableFile(f"the name {uri!r} is not valid UTF-8; rename the file") from error


def _check_size(size: int, uri: str, parsing: Parsing) -> None:
    most = parsing.file_mb
    if size > most * 1_000_000:
        raise UnreadableFile(
            f"{uri} has {size / 1e6:,.1f} MB, more than the {most:,} MB that are read; split it, "
            "or raise FOOTNOTE_PARSE_FILE_MB"
        )


def _document(uri: str, extracted: Extracted, sha256: str, media_type: str) -> Document:
    return Document(
        id=document_id(uri),
        uri=uri,
        title=title_of(extracted, uri),
        text=extracted.text,
        sha256=sha256,
        media_type=media_type,
        pages=extracted.pages,
        headings=extracted.headings,
        metadata=extracted.metadata,
        locations=extracted.locations,
    )
