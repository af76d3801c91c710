"""Settings to a working assistant."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from index.embed.embedder import Embedder, embedder_of
from index.embed.minilm import PACKAGED
from index.errors import InvalidSetting
from index.extras import require
from index.index import Index
from index.inference.processor import Precision
from rag.assistant import Assistant
from rag.chat.chat_model import ChatModel
from rag.open_index import open_index
from rag.read.evidence_reader import EvidenceReader
from rag.read.reader import Reader
from rag.read.refit import SETTING, Refit, RefittedReader
from rag.read.sentence_reader import SentenceReader
from rag.read.span_model import SHIPPED, SpanModel
from rag.read.span_reader import Calibration, SpanReader
from rag.rewrite.by_rule import Rewriter
from rag.settings import Settings
from rag.traces import traces_of
from rag.write.answerer import Answerer, ExtractiveAnswerer


def build(settings: Settings, *, create: bool = True) -> Assistant:
    """Opens the store, or makes it where `create` is true, and loads every model, so that the first
    question is fast. All assistants of a process that have a model in common share it.

    Raises `StoreMissing`, `StoreMismatch`, `ModelUnavailable`, `NotInstalled` and `InvalidSetting`.
    """
    traces = traces_of(settings)
    answerers, rewriters = _writers(settings)
    if settings.reader != SHIPPED or settings.precision == "bfloat16":
        require("transformers", f"reader '{settings.reader}' in precision '{settings.precision}'")
    index = open_index(settings, create=create)
    index.warm_up()
    reader = _refitted(index, _reader(settings, index.embedder))
    return Assistant(index, reader, answerers, settings, rewriters, traces)


def with_writers(assistant: Assistant, settings: Settings) -> Assistant:
    """`assistant` over the store and the reader that it has, with the language model, thresholds
    and default answerer of `settings`.

    Raises `ModelUnavailable`, `NotInstalled` and `InvalidSetting`."""
    answerers, rewriters = _writers(settings)
    return assistant.with_writers(answerers, settings, rewriters)


def _refitted(index: Index, reader: Reader) -> Reader:
    """`reader` with the confidence that was fitted to it on questions of the store, if one was."""
    refit = kept_refit(index)
    return RefittedReader(reader, refit) if refit and refit.reader == reader.name else reader


def _reader(settings: Settings, embedder: Embedder) -> Reader:
    """The shipped reader marks evidence; an extractive model of the user's own finds spans."""
    model = _span_model(settings.reader, settings.precision, settings.cache)
    model.warm_up()
    path = settings.reader_calibration
    if settings.reader == SHIPPED:
        if path:
            raise InvalidSetting(
                f"reader_calibration is '{path}', but the shipped reader has its own; leave it "
                "out, or set FOOTNOTE_READER"
            )
        precision = "float32" if settings.precision == "bfloat16" else settings.precision
        return EvidenceReader(model, embedder_of(PACKAGED, precision, settings.cache))
    return SpanReader(model, SentenceReader(embedder), Calibration.load(path) if path else None)


def kept_refit(index: Index) -> Refit | None:
    """What was fitted to questions of the store; None where nothing was."""
    with index.store.read() as snapshot:
        kept = snapshot.setting(SETTING)
    return Refit.model_validate_json(kept) if kept else None


@cache
def _span_model(name: str, precision: Precision, folder: Path | None) -> SpanModel:
    return SpanModel(name, precision, folder)


def _writers(settings: Settings) -> tuple[list[Answerer], dict[str, Rewriter]]:
    """The answerers that the settings give, the default first, and who rewrites follow-ups for
    which of them, where it isn't the rule."""
    answerers: list[Answerer] = [ExtractiveAnswerer()]
    rewriters: dict[str, Rewriter] = {}
    if settings.chat_url or settings.chat_model:
        from rag.rewrite.by_chat import ChatRewriter
        from rag.write.generator import Generator
        from rag.write.prompt import Prompt

        prompt = Prompt(settings.chat_template)  # a faulty one is told before a model is loaded
        model = _chat_model(settings)
        answerers.append(Generator(model, prompt, settings.chat_tokens))
        if settings.rewriter == "auto":
            rewriters["chat"] = ChatRewriter(model, settings.chat_tokens)
    if settings.answerer not in [each.name for each in answerers]:
        raise InvalidSetting(
            f"answerer is '{settings.answerer}', but there is no language model; set "
            "FOOTNOTE_CHAT_MODEL or FOOTNOTE_CHAT_URL, or FOOTNOTE_ANSWERER to 'reader'"
        )
    return sorted(answerers, key=lambda each: each.name != settings.answerer), rewriters


def _chat_model(settings: Settings) -> ChatModel:
    """The language model; what it needs is imported only where there is one."""
    if settings.chat_url:
        from rag.chat.remote_chat import RemoteChat

        return RemoteChat(
            settings.chat_url,
            settings.chat_model,
            settings.chat_key.get_secret_value() if settings.chat_key else None,
            max_new_tokens=settings.max_new_tokens,
            timeout=settings.chat_timeout,
        )
    return _local_chat(
        str(settings.chat_model), settings.max_new_tokens, settings.chat_queue, settings.precision
    )


@cache
def _local_chat(name: str, max_new_tokens: int, queue: int, precision: Precision) -> ChatModel:
    from rag.chat.local_chat import LocalChat

    return LocalChat(name, max_new_tokens=max_new_tokens, queue=queue, precision=precision)
