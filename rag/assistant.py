"""The assistant: a question goes in, an answer whose every citation is verified comes out."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from index.errors import InvalidQuestion
from index.index import Index
from rag.answer import Answer, Passage, Turn, Verdict
from rag.chat.chat_model import Kept, total
from rag.cite.citer import Cited, Citer
from rag.cite.markers import Footnotes
from rag.cite.support import Support
from rag.clock import Clock
from rag.finding import Finder, Found, together
from rag.inquiry import Inquirer, Inquiry, one_line, question_in
from rag.read.reader import Reader
from rag.rewrite.by_rule import Rewriter, by_rule
from rag.settings import Settings
from rag.stop import Stop
from rag.traces import NoTraces, Traces
from rag.write.answerer import Answerer, ExtractiveAnswerer, Wishes
from rag.write.introduction import asks_about_footnote, introduction
from rag.write.no_answer import why_nothing
from rag.write.outcome import Outcome, checked, quoted

P = ParamSpec("P")
T = TypeVar("T")


def _before_adding(
    answering: Callable[Concatenate[Assistant, P], Generator[T, None, None]],
) -> Callable[Concatenate[Assistant, P], Generator[T, None, None]]:
    """`answering` with precedence over what is being added meanwhile."""

    @wraps(answering)
    def wrapped(self: Assistant, /, *args: P.args, **kwargs: P.kwargs) -> Generator[T, None, None]:
        with self.index.store.precedence.asking():
            yield from answering(self, *args, **kwargs)

    return wrapped


def _traced(
    answering: Callable[Concatenate[Assistant, Clock, P], Generator[str | Answer, None, None]],
) -> Callable[Concatenate[Assistant, P], Generator[str | Answer, None, None]]:
    """`answering` by a clock whose laps are traced."""

    @wraps(answering)
    def wrapped(
        self: Assistant, /, *args: P.args, **kwargs: P.kwargs
    ) -> Generator[str | Answer, None, None]:
        clock = Clock()
        made = closing(answering(self, clock, *args, **kwargs))
        with self._traces.question(clock) as told, made as pieces:
            for piece in pieces:
                if isinstance(piece, Answer):
                    told(piece)
                yield piece

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
        traces: Traces | NoTraces | None = None,
    ) -> None:
        self.index = index
        self.settings = settings
        self._reader = reader
        self._finder = Finder(index, reader, settings)
        self._answerers = {answerer.name: answerer for answerer in answerers}
        self._support = Support()
        self._rewriters = dict(rewriters or {})
        self._traces = traces or NoTraces()
        self._inquirer = Inquirer(index, self._finder, settings)

    @property
    def answerers(self) -> tuple[str, ...]:
        """The names to choose an answerer by; the first is the default."""
        return tuple(self._answerers)

    @property
    def reader_name(self) -> str:
        """What the reader that judges is called."""
        return self._reader.name

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

    def _verdict(self, found: Found) -> Verdict:
        """What the reader's confidence allows, before anything is written and checked."""
        if not found.reading.sentences or found.confidence < self.min_unsure:
            return "unanswered"
        certain = found.whole and not found.reading.doubt
        sure = certain and found.confidence >= self.min_confidence
        return "answered" if sure else "unsure"

    def with_settings(self, **changes: object) -> Assistant:
        """The same assistant over the same index with some settings changed."""
        return self._like(self.index, self.settings.model_copy(update=changes))

    def with_writers(
        self,
        answerers: Sequence[Answerer],
        settings: Settings,
        rewriters: Mapping[str, Rewriter],
    ) -> Assistant:
        """The same assistant over the same index, with other answerers and settings."""
        return Assistant(self.index, self._reader, answerers, settings, rewriters, self._traces)

    def over(self, index: Index) -> Assistant:
        """The same assistant, answering from the documents of another index."""
        other = self._like(index, self.settings)
        other._inquirer = self._inquirer.over(index, other._finder)
        return other

    def _like(self, index: Index, settings: Settings) -> Assistant:
        answerers = list(self._answerers.values())
        return Assistant(index, self._reader, answerers, settings, self._rewriters, self._traces)

    def search(
        self, query: str, *, k: int | None = None, filter: Mapping[str, object] | None = None
    ) -> list[Passage]:
        """The `k` best passages for `query`, best first, of near-identical ones the best.

        Raises `InvalidQuestion`, `InvalidFilter` and `UnknownCollection`.
        """
        query, k = one_line(query, self.settings), self._checked_k(k)
        with self.index.store.precedence.asking():
            return self._finder.search(query, k, filter)

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
        rewrite: bool = True,
    ) -> Answer:
        """The answer to `question`, which may refer back to `history`, oldest turn first; `strict`
        (default: the setting) leaves out the sentences of a generated one that nothing supports.
        Where not `rewrite` the question is asked exactly as written: without the history, with the
        words around it and in its own spelling.

        Raises `InvalidQuestion`, `InvalidFilter` and `UnknownCollection`.
        """
        for piece in self.stream(
            question,
            history=history,
            k=k,
            filter=filter,
            answerer=answerer,
            strict=strict,
            wishes=wishes,
            rewrite=rewrite,
        ):
            if isinstance(piece, Answer):
                return piece
        raise AssertionError("a stream ends with an Answer")

    @_before_adding
    @_traced
    def stream(
        self,
        clock: Clock,
        question: str,
        *,
        history: Sequence[Turn] = (),
        k: int | None = None,
        filter: Mapping[str, object] | None = None,
        answerer: str | None = None,
        strict: bool | None = None,
        wishes: Wishes | None = None,
        rewrite: bool = True,
    ) -> Generator[str | Answer, None, None]:
        """The text of the answer in pieces, then the whole `Answer`, whose text counts: in it a
        marker whose citation was withheld is gone, one is added to each sentence whose source
        Footnote found, and of a generated text that nothing supports only what stands in its place
        is left, which the pieces end with after an empty line, as they do with a doubt. Under
        `strict` (default: the setting) nothing of a generated text is in the pieces before it was
        checked; they are empty until then. `wishes` are for language models, but for the sign to
        stop, which everyone heeds.

        Raises `InvalidQuestion`, `InvalidFilter` and `UnknownCollection`, before the first piece,
        and `Stopped` where the sign was given.
        """
        writer = self._writer(answerer)
        message = question_in(question, self.settings, rewrite=rewrite)
        k = self._checked_k(k)
        stop = wishes.stop if wishes else Stop()
        stop.check()
        inquiry = Inquiry(k, filter, stop, clock.lap)
        spoken_to = rewrite and (message.courtesy or asks_about_footnote(message.question))
        if rewrite and not spoken_to:
            rewriter = self._rewriters.get(writer.name, by_rule)
            each, written = self._inquirer.as_understood(
                message, history, rewriter, inquiry, self.min_confidence
            )
        else:
            written = None
            history = history if rewrite else ()
            each = self._inquirer.as_written(message, inquiry)
        stop.check()
        found = together(each, k, self.min_unsure)
        passages, reading = found.passages, found.reading

        read = self._verdict(found)
        citer = Citer(self.index, self.index.embedder, self._support)
        question = f"{message.context} {message.question}".strip()
        sent = ""
        greeted = spoken_to and read != "answered"
        if greeted:
            line = Cited(introduction(self.index.counts().documents))
            passages, outcome = (), Outcome(line, "unanswered", reading.confidence)
        elif not passages:
            nothing = Cited(why_nothing(self.index, filter))
            outcome = Outcome(nothing, "unanswered", reading.confidence)
        elif writer.name == ExtractiveAnswerer.name:
            clock.lap("write")
            outcome = quoted(question, passages, reading, citer, read)
        else:
            strict = self.settings.strict if strict is None else strict
            if wishes or message.wishes:
                writer = writer.with_wishes((wishes or Wishes()).also(message.wishes))
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
        by_reader = greeted or ExtractiveAnswerer.name in (writer.name, outcome.replaced_by)
        told = by_reader or (reading.short or "").casefold() in cited.text.casefold()
        yield Answer(
            text=cited.text,
            short=reading.short if told and verdict != "unanswered" else None,
            verdict=verdict,
            confidence=outcome.confidence,
            citations=cited.citations,
            passages=passages,
            question=found.question,
            model=ExtractiveAnswerer.name if by_reader else writer.name,
            timings=clock.timings(),
            withheld=cited.withheld,
            sentences=cited.sentences,
            removed=cited.removed,
            replaced_by=outcome.replaced_by,
            written=written,
            contradictions=outcome.contradictions,
            calibrated=reading.calibrated,
        )

    def _writer(self, name: str | None) -> Answerer:
        if name is None:
            return next(iter(self._answerers.values()))
        if name not in self._answerers:
            known = ", ".join(f"'{known}'" for known in self._answerers)
            raise InvalidQuestion(f"answerer '{name}' is not one of those there are: {known}")
        return self._answerers[name]

    def _checked_k(self, k: int | None) -> int:
        if k is None:
            return self.settings.passages
        if not 1 <= k <= 100:
            raise InvalidQuestion(f"k is {k}; ask for 1 to 100 passages")
        return k
