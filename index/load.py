"""A file, bytes or text → `Document`, and the files under folders. `formats.py` holds the formats
that are read."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from index.document import Document, MetadataValue, document_id
from index.errors import UnreadableFile
from index.extracted import Extracted, TextBuilder, one_line
from index.formats import format_of
from index.formats import supported_suffixes as supported_suffixes
from index.stated import iso_date, title_of


def load(path: Path) -> Document:
    """The document in the file at `path`; its `uri` is the path as given, with forward slashes.

    Raises `UnsupportedFile` for a kind that is not read, and `UnreadableFile` for a file that is
    empty, damaged, encrypted, without text or out of reach.
    """
    uri = path.as_posix()
    try:
        if path.is_dir():
            os.listdir(path)
            raise UnreadableFile(f"{uri} is a folder; name the files in it")
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{uri} cannot be read: {error.strerror}") from error
    return load_bytes(data, uri)


def load_bytes(data: bytes, uri: str, media_type: str | None = None) -> Document:
    """The document in `data`. Its format is the one that `media_type` names, else the one of the
    suffix of `uri`, else the one that its first bytes tell. Raises as `load` does."""
    kind, charset = format_of(data, uri, media_type or "")
    _check_name(uri)
    if not data.strip():
        raise UnreadableFile(f"{uri} is empty")
    try:
        extracted = kind.read(data, charset)
    except UnreadableFile as error:
        raise UnreadableFile(f"{uri} {error}") from error
    except ImportError:  # a broken installation is not the file's fault
        raise
    except Exception as error:  # whatever a parser meets in a damaged or hostile file
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise UnreadableFile(f"{uri} is damaged or not {kind.name} ({reason})") from error
    if not extracted.text:
        raise UnreadableFile(f"{uri} holds no text")
    return _document(uri, extracted, hashlib.sha256(data).hexdigest(), kind.media_type)


def from_text(uri: str, title: str, text: str, metadata: Mapping[str, MetadataValue]) -> Document:
    """The document that a client states in so many words. `sha256` is that of title, text and
    metadata together, so that a change of any of them replaces the document. A `date` that names
    a day becomes YYYY-MM-DD. Raises `UnreadableFile` for an empty text or uri."""
    _check_name(uri)
    builder = TextBuilder()
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
    )
