"""What the catalog keeps beside documents and chunks: small frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from index.document import Chunk, MetadataValue

FORMAT = 2


@dataclass(frozen=True, slots=True)
class Identity:
    """What built the data: two stores whose identities differ cannot be mixed."""

    embedder: str
    dim: int
    chunk_tokens: int
    chunk_overlap: int
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as listed: everything but its text. `added_at` is ISO 8601, UTC."""

    id: str
    uri: str
    title: str
    sha256: str
    media_type: str
    metadata: Mapping[str, MetadataValue]
    chunks: int
    characters: int
    added_at: str


@dataclass(frozen=True, slots=True)
class Counts:
    documents: int
    chunks: int


@dataclass(frozen=True, slots=True)
class Row:
    """A chunk with what its document says of it."""

    chunk: Chunk
    text: str
    uri: str
    title: str
    page: int | None
    metadata: Mapping[str, MetadataValue]
