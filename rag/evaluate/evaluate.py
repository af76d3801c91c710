"""Evaluation: the questions of a set go in, one `Record` for each comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

from index.errors import InvalidDataset
from index.index import Index
from rag.answer import Citation, Passage
from rag.assistant import Assistant
from rag.evaluate import measures
from rag.evaluate.datasets import Dataset, Question

DOCUMENTS = 10
"""Distinct documents that a ranking has to hold, where there are so many."""


@dataclass(frozen=True, slots=True)
class Record:
    """What became of one question.

    `retrieved` holds the ranked document uris of each fusion that was tried. The answer is the
    best one found, whatever its confidence; `answered` says whether the assistant, as it is set,
    would have given it. `timings` are in milliseconds. `error` is set when the question failed,
    and then it scores zero everywhere.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    answerable: bool
    relevant: Mapping[str, int]
    retrieved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answer: str = ""
    short: str | None = None
    answered: bool = False
    confidence: float = 0.0
    citations: tuple[Citation, ...] = ()
    withheld: int = 0
    timings: Mapping[str, float] = field(default_factory=dict)
    error: str | None = None

    @property
    def graded(self) -> bool:
        """Whether it is known which answers are right."""
        return bool(self.answers) or not self.answerable

    @property
    def right(self) -> bool:
        """Whether a cited quote contains a gold answer; never so for an unanswerable question."""
        return measures.contains_answer((each.quote for each in self.citations), self.answers)


@dataclass(frozen=True, slots=True)
class Filled:
    """What `fill` put into a store: all that it holds now, the documents that were new, and the
    seconds they took."""

    documents: int
    chunks: int
    added: int
    characters: int
    seconds: float


def fill(index: Index, dataset: Dataset, done: Callable[[int], None] = lambda _: None) -> Filled:
    """Adds the documents of `dataset` that `index` does not hold yet, calling `done` with the
    number of documents dealt with so far. Raises InvalidDataset when it holds others, unless the
    questions are asked of a store as it is."""
    if dataset.form == "lines":
        counts = index.counts()
        return Filled(counts.documents, counts.chunks, 0, 0, 0.0)
    stored = {
        uri: each.sha256 for each in index.documents(0, -1) for uri in (each.uri, *each.aliases)
    }
    foreign = stored.keys() - {each.uri for each in dataset.documents}
    if foreign:
        raise InvalidDataset(
            f"the store holds {len(foreign)} documents that are not in {dataset.name}, such as "
            f"{min(foreign)}; keep each corpus in a folder of its own"
        )
    missing = [each for each in dataset.documents if stored.get(each.uri) != each.sha256]
    done(len(dataset.documents) - len(missing))
    start = perf_counter()
    for number, _ in enumerate(index.add(missing), start=1):
        done(len(dataset.documents) - len(missing) + number)
    seconds = perf_counter() - start
    counts = index.counts()
    characters = sum(len(each.text) for each in missing)
    return Filled(counts.documents, counts.chunks, len(missing), characters, seconds)


def evaluate(
    assistant: Assistant,
    dataset: Dataset,
    *,
    answers: bool = True,
    compare: Sequence[str] = ("dense", "lexical"),
) -> Iterator[Record]:
    """Asks every question of `dataset` and yields what became of it, in order.

    Every question is searched for as the assistant is set, and under the fusions in `compare`
    without the reader's say; with `answers` it is answered as well. A question that fails yields
    a record of its error.
    """
    reranked = " + reader" if assistant.settings.rerank == "always" else ""
    own = f"{assistant.settings.fusion}{reranked}"
    rankings = {own: assistant} | {
        fusion: assistant.with_settings(fusion=fusion, rerank="never")
        for fusion in compare
        if fusion != own
    }
    eager = assistant.with_settings(min_confidence=0.0) if answers else None
    assistant.search("warm up")
    for question in dataset.questions:
        blank = Record(
            id=question.id,
            question=question.question,
            answers=question.answers,
            answerable=question.answerable,
            relevant=question.relevant,
        )
        try:
            if eager is None:
                yield _search(rankings, blank, question.question)
            else:
                yield _ask(rankings, eager, assistant.min_confidence, question, blank)
        except Exception as error:  # noqa: BLE001 - it is recorded; the other questions go on
            yield replace(blank, error=f"{type(error).__name__}: {error}")


def _ask(
    rankings: Mapping[str, Assistant],
    eager: Assistant,
    threshold: float,
    question: Question,
    blank: Record,
) -> Record:
    start = perf_counter()
    answer = eager.ask(question.question, history=question.history)
    elapsed = 1000 * (perf_counter() - start)
    record = replace(
        blank,
        answer=answer.text,
        short=answer.short,
        answered=answer.answered and answer.confidence >= threshold,
        confidence=answer.confidence,
        citations=answer.citations,
        withheld=answer.withheld,
        timings={"ask": elapsed} | {f"ask: {key}": took for key, took in answer.timings.items()},
    )
    return _search(rankings, record, answer.question)


def _search(rankings: Mapping[str, Assistant], record: Record, query: str) -> Record:
    timings, retrieved = dict(record.timings), {}
    for fusion, assistant in rankings.items():
        start = perf_counter()
        passages = assistant.search(query, k=2 * DOCUMENTS)
        timings[f"search: {fusion}"] = 1000 * (perf_counter() - start)
        if len(passages) == 2 * DOCUMENTS and len(_documents(passages)) < DOCUMENTS:
            passages = assistant.search(query, k=10 * DOCUMENTS)
        retrieved[fusion] = _documents(passages)
    return replace(record, retrieved=retrieved, timings=timings)


def _documents(passages: Sequence[Passage]) -> tuple[str, ...]:
    """The uris by the score of each document's best passage; a score of 0 is no find."""
    best: dict[str, float] = {}
    for passage in passages:
        if passage.score > 0:
            for uri in (passage.uri, *(source.uri for source in passage.also_in)):
                best[uri] = max(passage.score, best.get(uri, 0.0))
    return measures.rank(best)
