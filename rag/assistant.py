"""The assistant: a question goes in, an answer whose every citation is verified comes out."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import PurePosixPath
from typing import Concatenate, ParamSpec, TypeVar

from index.errors import InvalidQuestion
from index.index import Index
from index.records import Stored
from rag.answer import Answer, Passage, Turn, Verdict
from rag.chat.chat_model import Kept, total
from rag.cite.citer import Cited, Citer
from rag.cite.markers import Footnotes
from rag.cite.support import Support
from rag.read.overview import (
    LISTED,
    asks_for_overview,
    catalogue,
    document_asked_for,
    overview,
)
from rag.read.reader import Reader, Reading
from rag.read.rerank import follow, rerank
from rag.retrieve.near_duplicates import SPARE, fold
from rag.retrieve.retrieve import openings, retrieve
from rag.rewrite.by_rule import Rewriter, by_rule
from rag.settings import Settings
from rag.stop import Stop
from rag.write.answerer import Answerer, ExtractiveAnswerer, Wishes
from rag.write.outcome import Outcome, checked, quoted

P = ParamSpec("P")
T = TypeVar("T")
_DESKS = max(2, (os.cpu_count() or 1) // 4)  # questions read at once, each by several cores
NO_DOCUMENTS = "There are no documents to answer from. Add some, then ask again."
NOTHING_MEETS = "No document meets the filter. Widen it, then ask again."


def _before_adding(
    answering: Callable[Concatenate[Assistant, P], Iterator[T]],
) -> Callable[Concatenate[Assistant, P], Iterator[T]]:
    """`answering` with precedence over what is being added meanwhile."""

    @wraps(answering)
    def wrapped(self: Assistant, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        with self.index.precedence.asking():
            yield from answering(self, *args, **kwargs)

    return wrapped


class Assistant:
    """Answers from the documents of `index`: rewrite, retrieve, read, write, cite.

    The reader judges whether the passages hold an answer, for what it quotes itself. A language
    model judges for itself: it is given the passages whenever there are any, and what it writes is
    checked against them. `rewriters` are those of answerers by name; the others' follow-ups are
    rewritten by rule. Holds no conversation and may be used by many threads at once; more questions
    than can be read at once wait in line, and leave it when nobody waits for them.
    """

    def __init__(
        self,
        index: Index,
        reader: Reader,
        answerers: Sequence[Answerer],
        settings: Settings,
        rewriters: Mapping[str, Rewriter] | None = None,
    ) -> None:
        self.index = index
        self.settings = settings
        self._reader = reader
        self._answerers = {answerer.name: answerer for answerer in answerers}
        self._support = Support()
        self._rewriters = dict(rewriters or {})
        self._desks = threading.Semaphore(_DESKS)

    @property
    def answerers(self) -> tuple[str, ...]:
        """The names to choose an answerer by; the first is the default."""
        return tuple(self._answerers)

    @property
    def min_confidence(self) -> float:
        """The least confidence of an answer whose verdict is "answered"."""
        setting = self.settings.min_confidence
        return self._reader.threshold if setting is None else setting

    @property
    def min_unsure(self) -> float:
        """The least confidence of an answer whose verdict is "unsure", never more than
        `min_confidence`; below it the answer is that the documents don't tell."""
        setting = self.settings.min_unsure
        least = self._reader.unsure_threshold if setting is None else setting
        return min(least, self.min_confidence)

    def _verdict(self, reading: Reading) -> Verdict:
        """What the reader's confidence allows, before anything is written and checked."""
        if not reading.sentences or reading.confidence < self.min_unsure:
            return "unanswered"
        sure = reading.confidence >= self.min_confidence and not reading.doubt
        return "answered" if sure else "unsure"

    def with_settings(self, **changes: object) -> Assistant:
        """The same assistant over the same index with some settings changed."""
        settings = self.settings.model_copy(update=changes)
        answerers = list(self._answerers.values())
        return Assistant(self.index, self._reader, answerers, settings, self._rewriters)

    def search(
        self, query: str, *, k: int | None = None, filter: Mapping[str, object] | None = None
    ) -> list[Passage]:
        """The `k` best passages for `query`, best first, of near-identical ones the best.

        Raises `InvalidQuestion` and `InvalidFilter`.
        """
        query, k = self._checked(query), self._checked_k(k)
        with self.index.precedence.asking():
            if self.settings.rerank != "always":
                return self._retrieved(query, k, filter)
            passages = self._retrieved(query, max(k, self.settings.passages), filter)
            return rerank(passages, self._reader.relevance(query, passages))[:k]

    def _retrieved(self, query: str, k: int, filter: Mapping[str, object] | None) -> list[Passage]:
        settings = self.settings
        found = retrieve(
            self.index,
            query,
            k=SPARE * k,
            depth=max(settings.depth, k),
            fusion=settings.fusion,
            dense_weight=settings.dense_weight,
            filter=filter,
        )
        return self._folded(found, k)

    def _folded(self, passages: Sequence[Passage], k: int | None) -> list[Passage]:
        aliases = self.index.aliases({passage.document_id for passage in passages})
        return fold(self._located(passages), self._checked_k(k), aliases)

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        k: int | None = None,
        filter: Mapping[str, object] | None = None,
        answerer: str | None = None,
        strict: bool | None = None,
        wishes: Wishes | None = None,
    ) -> Answer:
        """The answer to `question`, which may refer back to `history`, oldest turn first; `strict`
        (default: the setting) leaves out the sentences of a generated one that nothing supports.

        Raises `InvalidQuestion` and `InvalidFilter`.
        """
        for piece in self.stream(
            question,
            history=history,
            k=k,
            filter=filter,
            answerer=answerer,
            strict=strict,
            wishes=wishes,
        ):
            if isinstance(piece, Answer):
                return piece
        raise AssertionError("a stream ends with an Answer")

    @_before_adding
    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        k: int | None = None,
        filter: Mapping[str, object] | None = None,
        answerer: str | None = None,
        strict: bool | None = None,
        wishes: Wishes | None = None,
    ) -> Iterator[str | Answer]:
        """The text of the answer in pieces, then the whole `Answer`, whose text counts: in it a
        marker whose citation was withheld is gone, one is added to each sentence whose source
        Footnote found, and of a generated text that nothing supports only what stands in its place
        is left, which the pieces end with after an empty line, as they do with a doubt. Under
        `strict` (default: the setting) nothing of a generated text is in the pieces before it was
        checked; they are empty until then. `wishes` are for language models, but for the sign to
        stop, which everyone heeds.

        Raises `InvalidQuestion` and `InvalidFilter`, before the first piece, and `Stopped` where
        the sign was given.
        """
        writer = self._writer(answerer)
        clock = _Clock()
        question = self._checked(question)
        rewrite = self._rewriters.get(writer.name, by_rule)
        stop = wishes.stop if wishes else Stop()
        stop.check()
        rewritten = rewrite(question, history, self.settings.max_question_chars, stop)
        query = rewritten.question
        if history:
            clock.lap("rewrite")
        with self._desks:
            passages, reading = self._read(query, k, filter, stop, clock)
        stop.check()

        read = self._verdict(reading)
        citer = Citer(self.index, self.index.embedder, self._support)
        written = rewritten.written
        sent = ""
        if not passages:
            nothing = NOTHING_MEETS if filter else NO_DOCUMENTS
            outcome = Outcome(Cited(nothing), "unanswered", reading.confidence)
        elif writer.name == ExtractiveAnswerer.name:
            clock.lap("write")
            outcome = quoted(question, passages, reading, citer, read)
        else:
            strict = self.settings.strict if strict is None else strict
            if wishes:
                writer = writer.with_wishes(wishes)
            writing = Kept(writer.stream(question, passages, history, reading))
            footnotes = Footnotes(passages)
            for piece in footnotes.renumber(writing):
                sent = "" if strict else footnotes.text
                yield "" if strict else piece
            stop.check()
            written = total(written, writing.written)
            clock.lap("write")
            outcome = checked(
                footnotes,
                question,
                passages,
                reading,
                citer,
                least=self.min_confidence,
                read=read,
                strict=strict,
            )
        clock.lap("cite")
        cited, verdict = outcome.cited, outcome.verdict
        if not sent:
            yield cited.text
        elif outcome.rest:
            yield f"\n\n{outcome.rest}"
        by_reader = ExtractiveAnswerer.name in (writer.name, outcome.replaced_by)
        told = by_reader or (reading.short or "").casefold() in cited.text.casefold()
        yield Answer(
            text=cited.text,
            short=reading.short if told and verdict != "unanswered" else None,
            verdict=verdict,
            confidence=outcome.confidence,
            citations=cited.citations,
            passages=tuple(passages),
            question=query,
            model=ExtractiveAnswerer.name if by_reader else writer.name,
            timings=clock.timings(),
            withheld=cited.withheld,
            sentences=cited.sentences,
            removed=cited.removed,
            replaced_by=outcome.replaced_by,
            written=written,
        )

    def _read(
        self,
        query: str,
        k: int | None,
        filter: Mapping[str, object] | None,
        stop: Stop,
        clock: _Clock,
    ) -> tuple[list[Passage], Reading]:
        """The passages for `query`, in order, and what the reader makes of them."""
        stop.check()
        about = self._opened(query, k, filter)
        if about is not None:
            passages, lead = about
            clock.lap("retrieve")
            reading = overview(passages, lead)
        else:
            passages = self._retrieved(self._checked(query), self._checked_k(k), filter)
            clock.lap("retrieve")
            stop.check()
            reading = self._reader.read(query, passages)
            if self.settings.rerank != "never":
                passages = rerank(passages, reading.relevance)
                reading = follow(reading, len(passages))
        clock.lap("read")
        return passages, reading

    def _opened(
        self, query: str, k: int | None, filter: Mapping[str, object] | None
    ) -> tuple[list[Passage], str] | None:
        """For a question that asks what the documents are, or what one of them is about: the
        passages that tell, and a sentence from the catalogue before them. None for others."""
        if asks_for_overview(query):
            passages = self._folded(openings(self.index, SPARE * self._checked_k(k), filter), k)
            names = [PurePosixPath(each.uri).name for each in self.index.documents(0, LISTED)]
            if filter or not names:
                return passages, ""
            return passages, catalogue(names, self.index.counts().documents)
        name = document_asked_for(query)
        stored = self._stored_as(name) if name else None
        if stored is None:
            return None
        own = {**(filter or {}), "document_id": [stored.id]}
        found = sorted(self._retrieved(name, self._checked_k(k), own), key=lambda p: p.start)
        ranked = [replace(each, rank=rank) for rank, each in enumerate(found, start=1)]
        count = self.index.counts().documents
        return ranked, f"Of {count} documents, this is from {PurePosixPath(stored.uri).name}:"

    def _stored_as(self, name: str) -> Stored | None:
        """The one document whose file name, with its suffix or without it, or title is `name`."""
        wanted = name.casefold()
        found = [
            each
            for each in self.index.documents(0, -1)
            if wanted
            in (
                each.title.casefold(),
                PurePosixPath(each.uri).name.casefold(),
                PurePosixPath(each.uri).stem.casefold(),
            )
        ]
        return found[0] if len(found) == 1 else None

    def _located(self, passages: Sequence[Passage]) -> list[Passage]:
        """`passages` with their locations, which are looked up for those alone that are shown."""
        places = [(passage.document_id, passage.start) for passage in passages]
        return [
            replace(passage, location=location) if location else passage
            for passage, location in zip(passages, self.index.locations(places), strict=True)
        ]

    def _writer(self, name: str | None) -> Answerer:
        if name is None:
            return next(iter(self._answerers.values()))
        if name not in self._answerers:
            known = ", ".join(f"'{known}'" for known in self._answerers)
            raise InvalidQuestion(f"answerer '{name}' is not one of those there are: {known}")
        return self._answerers[name]

    def _checked(self, question: str) -> str:
        question = " ".join(question.encode("utf-8", "replace").decode().split())
        if not question:
            raise InvalidQuestion("the question is empty; ask something")
        limit = self.settings.max_question_chars
        if len(question) > limit:
            raise InvalidQuestion(
                f"the question has {len(question)} characters, the most is {limit}; shorten it, or "
                "raise FOOTNOTE_MAX_QUESTION_CHARS"
            )
        return question

    def _checked_k(self, k: int | None) -> int:
        if k is None:
            return self.settings.passages
        if not 1 <= k <= 100:
            raise InvalidQuestion(f"k is {k}; ask for 1 to 100 passages")
        return k


class _Clock:
    """Laps in milliseconds."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = (now - self._last) * 1000
        self._last = now

    def timings(self) -> dict[str, float]:
        total = (time.perf_counter() - self._start) * 1000
        return {name: round(ms, 2) for name, ms in {**self._laps, "total": total}.items()}
