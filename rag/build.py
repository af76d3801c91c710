"""Settings to a working assistant."""

from __future__ import annotations

from index.errors import InvalidSetting
from rag.answerer import Answerer, ExtractiveAnswerer
from rag.assistant import Assistant
from rag.chat_model import ChatModel
from rag.reader import SentenceReader
from rag.settings import Settings
from rag.span_model import SpanModel
from rag.span_reader import SpanReader
from rag.store import open_index as open_index
from rag.store import reindex as reindex


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
