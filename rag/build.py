"""Settings to a working assistant."""

from __future__ import annotations

from collections.abc import Callable

from index.chunk import Chunking
from index.embed import SentenceTransformerEmbedder
from index.errors import InvalidSetting
from index.identity import stored_identity
from index.index import Index
from index.records import Counts
from index.reindex import reindex as reindex_store
from rag.answerer import Answerer, ExtractiveAnswerer
from rag.assistant import Assistant
from rag.chat_model import ChatModel
from rag.reader import SentenceReader
from rag.settings import Settings
from rag.span_model import SpanModel
from rag.span_reader import SpanReader


def build(settings: Settings) -> Assistant:
    """Opens the store, or makes it, and loads every model, so that the first question is fast.

    Raises `StoreMismatch`, `ModelUnavailable` and `InvalidSetting`.
    """
    answerers = _answerers(settings)
    index = open_index(settings)
    index.warm_up()
    model = SpanModel(settings.reader, settings.precision)
    model.warm_up()
    reader = SpanReader(model, SentenceReader(index.embedder))
    return Assistant(index, reader, answerers, settings)


def open_index(settings: Settings, *, create: bool = True) -> Index:
    """The index alone; its embedder loads when it is first needed.

    Raises `StoreMissing` when there is no store and `create` is false, and `StoreMismatch`.
    """
    return Index(settings.store, _embedder(settings), _chunking(settings), create=create)


def reindex(settings: Settings, progress: Callable[[int, int], None]) -> Counts:
    """Cuts and embeds the whole store anew as the settings say; `progress` is told (documents
    done, documents in all). Raises `StoreMissing`, `StoreBusy` and `ModelUnavailable`."""
    embedder = SentenceTransformerEmbedder(settings.embedder, settings.precision)
    return reindex_store(settings.store, embedder, _chunking(settings), progress)


def _embedder(settings: Settings) -> SentenceTransformerEmbedder:
    """The embedder of the settings; where they leave the precision open, the one that the store
    was built with."""
    if settings.precision == "auto" and (stored := stored_identity(settings.store)):
        for precision in ("float32", "bfloat16"):
            embedder = SentenceTransformerEmbedder(settings.embedder, precision)
            if embedder.name == stored.embedder:
                return embedder
    return SentenceTransformerEmbedder(settings.embedder, settings.precision)


def _chunking(settings: Settings) -> Chunking:
    return Chunking(settings.chunk_tokens, settings.chunk_overlap)


def _answerers(settings: Settings) -> list[Answerer]:
    """Those that the settings give, the default first."""
    answerers: list[Answerer] = [ExtractiveAnswerer()]
    if settings.chat_url or settings.chat_model:
        answerers.append(_generator(settings))
    if settings.answerer not in [each.name for each in answerers]:
        raise InvalidSetting(
            f"answerer is '{settings.answerer}', but there is no language model; set "
            "FOOTNOTE_CHAT_MODEL or FOOTNOTE_CHAT_URL, or FOOTNOTE_ANSWERER to 'reader'"
        )
    return sorted(answerers, key=lambda each: each.name != settings.answerer)


def _generator(settings: Settings) -> Answerer:
    """The language model's answerer; what it needs is imported only where there is one."""
    from rag.generator import Generator
    from rag.local_chat import LocalChat
    from rag.prompt import Prompt
    from rag.remote_chat import RemoteChat

    prompt = Prompt(settings.chat_template)
    model: ChatModel
    if settings.chat_url:
        model = RemoteChat(
            settings.chat_url,
            settings.chat_model,
            settings.chat_key.get_secret_value() if settings.chat_key else None,
            max_new_tokens=settings.max_new_tokens,
            timeout=settings.chat_timeout,
        )
    else:
        model = LocalChat(
            str(settings.chat_model),
            max_new_tokens=settings.max_new_tokens,
            queue=settings.chat_queue,
            precision=settings.precision,
        )
    return Generator(model, prompt, settings.chat_tokens)
