"""Settings to the index alone, without what answers questions."""

from __future__ import annotations

from collections.abc import Callable

from index.embed.embedder import Embedder, embedder_of
from index.extract.limits import Parsing, use
from index.index import Index
from index.inference.processor import Precision
from index.ingest.builder import stored_identity
from index.ingest.reindex import reindex as reindex_store
from index.records import Counts
from index.text.chunk import Chunking
from rag.settings import Settings

_NUMERICS: tuple[Precision, ...] = ("int8", "float32", "bfloat16")


def open_index(settings: Settings, *, create: bool = True) -> Index:
    """The index alone; its embedder loads when it is first needed. From now on this process parses
    files as the settings say.

    Raises `StoreMissing` when there is no store and `create` is false, and `StoreMismatch`.
    """
    use(_parsing(settings))
    return Index(settings.store, _embedder(settings), _chunking(settings), create=create)


def reindex(settings: Settings, progress: Callable[[int, int], None]) -> Counts:
    """Cuts and embeds the whole store anew as the settings say; `progress` is told (documents
    done, documents in all). Raises `StoreMissing`, `StoreBusy` and `ModelUnavailable`."""
    embedder = embedder_of(settings.embedder, settings.precision, settings.cache)
    return reindex_store(settings.store, embedder, _chunking(settings), progress)


def _embedder(settings: Settings) -> Embedder:
    """The embedder of the settings; where they leave the precision open, the one that the store
    was built with."""
    if settings.precision == "auto" and (stored := stored_identity(settings.store)):
        for precision in _NUMERICS:
            embedder = embedder_of(settings.embedder, precision, settings.cache)
            if embedder.name == stored.embedder:
                return embedder
    return embedder_of(settings.embedder, settings.precision, settings.cache)


def _parsing(settings: Settings) -> Parsing:
    return Parsing(
        seconds=settings.parse_seconds,
        memory_mb=settings.parse_memory_mb,
        pages=settings.parse_pages,
        characters=settings.parse_characters,
        file_mb=settings.parse_file_mb,
        ocr=settings.ocr,
        ocr_languages=settings.ocr_languages,
    )


def _chunking(settings: Settings) -> Chunking:
    return Chunking(settings.chunk_tokens, settings.chunk_overlap)
