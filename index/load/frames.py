"""What passes between the process that asks and the one that parses: frames of JSON and bytes.

JSON and not pickle, so that a parser that a hostile file has taken over can answer with wrong
text, and with nothing worse.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import IO, Any

from index.document import Heading
from index.errors import (
    EmptyFile,
    UnknownOriginal,
    UnknownPage,
    UnreadableFile,
    UnsupportedFile,
)
from index.extract.content import Extracted
from index.load.parse import Archive, Outcome, Parsed, Refused

_LENGTHS = struct.Struct(">QQ")  # of the JSON and of the bytes
ERRORS = {
    error.__name__: error
    for error in (EmptyFile, UnknownOriginal, UnknownPage, UnreadableFile, UnsupportedFile)
}
"""Those that the process may tell of, by their names."""


def write_frame(stream: IO[bytes], header: Mapping[str, Any], body: bytes = b"") -> None:
    words = json.dumps(header, ensure_ascii=False).encode("utf-8", "surrogatepass")
    stream.write(_LENGTHS.pack(len(words), len(body)))
    stream.write(words)
    stream.write(body)
    stream.flush()


def read_frame(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Raises `EOFError` when the other side has gone."""
    words, body = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    header = json.loads(_exactly(stream, words).decode("utf-8", "surrogatepass"))
    return header, _exactly(stream, body)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def to_json(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Archive):
        return {"archive": outcome.uri, "members": outcome.members}
    if isinstance(outcome, Refused):
        kind = type(outcome.error).__name__
        return {"refused": outcome.uri, "kind": kind, "detail": str(outcome.error)}
    found = outcome.extracted
    return {
        "parsed": outcome.uri,
        "sha256": outcome.sha256,
        "media_type": outcome.media_type,
        "text": found.text,
        "title": found.title,
        "pages": found.pages,
        "headings": [(one.start, one.end, one.level) for one in found.headings],
        "metadata": dict(found.metadata),
        "locations": found.locations,
        "original": outcome.original is not None,
    }


def from_json(header: Mapping[str, Any], body: bytes = b"") -> Outcome:
    """The outcome in a frame; `body` are the bytes of a member of an archive."""
    if "archive" in header:
        return Archive(header["archive"], tuple(header["members"]))
    if "refused" in header:
        return Refused(header["refused"], ERRORS[header["kind"]](header["detail"]))
    extracted = Extracted(
        header["text"],
        header["title"],
        tuple(header["pages"]),
        tuple(Heading(*heading) for heading in header["headings"]),
        header["metadata"],
        tuple((start, label) for start, label in header["locations"]),
    )
    original = body if header["original"] else None
    return Parsed(header["parsed"], header["sha256"], header["media_type"], extracted, original)
