"""Settings to a working assistant."""

from __future__ import annotations

from collections.abc import Callable

from index.chunk import Chunking
from index.embed import SentenceTransformerEmbedder
from index.index import Index
from index.records import Counts
from index.reindex import reindex as reindex_store
from rag.answerer import ExtractiveAnswerer
from rag.assistant import Assistant
from rag.reader import SentenceReader
from rag.settings import Settings


def build(settings: Settings) -> Assistant:
    """Opens the store, or makes it, and loads every model, so that the first question is fast.

    Raises `StoreMismatch` and `ModelUnavailable`.
    """
    index = open_index(settings)
    index.embedder.queries(["warm-up"])
    reader = SentenceReader(index.embedder)
    return Assistant(index, reader, [ExtractiveAnswerer()], settings)


def open_index(settings: Settings, *, create: bool = True) -> Index:
    """The index alone; its embedder loads when it is first needed.

    Raises `StoreMissing` when there is no store and `create` is false, and `StoreMismatch`.
    """
    embedder = SentenceTransformerEmbedder(settings.embedder, settings.precision)
    return Index(settings.store, embedder, _chunking(settings), create=create)


def reindex(settings: Settings, progress: Callable[[int, int], None]) -> Counts:
    """Cuts and embeds the whole store anew as the settings say; `progress` is told (documents
    done, documents in all). Raises `StoreMissing`, `StoreBusy` and `ModelUnavailable`."""
    embedder = SentenceTransformerEmbedder(settings.embedder, settings.precision)
    return reindex_store(settings.store, embedder, _chunking(settings), progress)


def _chunking(settings: Settings) -> Chunking:
    return Chunking(settings.chunk_tokens, settings.chunk_overlap)
