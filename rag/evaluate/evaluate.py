"""Evaluation: the questions of a set go in, one `Record` for each comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

from index.errors import InvalidDataset
from index.index import Index
from rag.answer import Answer, Citation, Passage, Verdict
from rag.assistant import Assistant
from rag.evaluate import measures
from rag.evaluate.datasets import Dataset, Question
from rag.evaluate.measures import Overlap

QUESTIONS = "questions.jsonl"
"""The file of a report with a line for each record."""
LIST = "list"
"""The kind of question that is answered rightly only by all of its answers."""
DOCUMENTS = 10
"""Distinct documents that a ranking has to hold, where there are so many."""


@dataclass(frozen=True, slots=True)
class Record:
    """What became of one question.

    `retrieved` holds the ranked document uris of each fusion that was tried. The answer is the
    best one found, whatever its confidence; `verdict` is what the assistant, as it is set, would
    have given it. `reached` says whether its right answer stood in the passages that were read.
    `timings` are in milliseconds. `error` is set when the question failed, and then it scores zero
    everywhere.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    answerable: bool
    relevant: Mapping[str, int]
    retrieved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answer: str = ""
    short: str | None = None
    verdict: Verdict = "unanswered"
    confidence: float = 0.0
    citations: tuple[Citation, ...] = ()
    withheld: int = 0
    timings: Mapping[str, float] = field(default_factory=dict)
    error: str | None = None
    evidence: tuple[str, ...] = ()
    reached: bool = False
    kind: str = ""
    domain: str = ""

    @property
    def answered(self) -> bool:
        """Whether the answer was given as one that answers."""
        return self.verdict == "answered"

    @property
    def shown(self) -> bool:
        """Whether the answer was given, be it as unsure."""
        return self.verdict != "unanswered"

    @property
    def graded(self) -> bool:
        """Whether it is known which answers are right."""
        return bool(self.answers) or not self.answerable

    @property
    def right(self) -> bool:
        """Whether a cited quote contains a gold answer, and every one where a list was asked for;
        never so for an unanswerable question."""
        return holds_answer([each.quote for each in self.citations], self.kind, self.answers)

    @property
    def overlap(self) -> Overlap | None:
        """The cited quotes against the gold evidence; None where no evidence is known."""
        if not self.evidence:
            return None
        return measures.word_overlap([each.quote for each in self.citations], self.evidence)

    @property
    def missed(self) -> str | None:
        """Why a question was not answered as it should be: it failed, its answer was "not
        retrieved", "not chosen" among the passages or "not dared", or there was none to give
        ("not there"). None where all is well."""
        if self.error is not None:
            return "failed"
        if not self.graded or "ask" not in self.timings:
            return None
        if not self.answerable:
            return "not there" if self.answered else None
        if self.right:
            return None if self.answered else "not dared"
        return "not chosen" if self.reached else "not retrieved"


def holds_answer(texts: Sequence[str], kind: str, answers: Sequence[str]) -> bool:
    """Whether one of `texts` contains one of `answers`; of a list every one has to be in some."""
    if kind == LIST:
        return bool(answers) and all(measures.contains_answer(texts, [each]) for each in answers)
    return measures.contains_answer(texts, answers)


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
    filter: Mapping[str, object] | None = None,
) -> Iterator[Record]:
    """Asks every question of `dataset` and yields what became of it, in order.

    Every question is searched for as the assistant is set, and under the fusions in `compare`
    without the reader's say; with `answers` it is answered as well. A question that fails yields
    a record of its error. Only documents that meet `filter` are asked; raises `InvalidFilter` and
    `UnknownCollection`.
    """
    reranked = " + reader" if assistant.settings.rerank == "always" else ""
    own = f"{assistant.settings.fusion}{reranked}"
    rankings = {own: assistant} | {
        fusion: assistant.with_settings(fusion=fusion, rerank="never")
        for fusion in compare
        if fusion != own
    }
    eager = assistant.with_settings(min_confidence=0.0) if answers else None
    assistant.search("warm up", filter=filter)
    for question in dataset.questions:
        blank = Record(
            id=question.id,
            question=question.question,
            answers=question.answers,
            answerable=question.answerable,
            relevant=question.relevant,
            evidence=question.evidence,
            kind=question.kind,
            domain=question.domain,
        )
        try:
            if eager is None:
                yield _search(rankings, blank, question.question, filter)
            else:
                yield _ask(rankings, eager, assistant, question, blank, filter)
        except Exception as error:  # noqa: BLE001 - it is recorded; the other questions go on
            yield replace(blank, error=f"{type(error).__name__}: {error}")


def _ask(
    rankings: Mapping[str, Assistant],
    eager: Assistant,
    own: Assistant,
    question: Question,
    blank: Record,
    filter: Mapping[str, object] | None,
) -> Record:
    start = perf_counter()
    answer = eager.ask(question.question, history=question.history, filter=filter)
    elapsed = 1000 * (perf_counter() - start)
    record = replace(
        blank,
        answer=answer.text,
        short=answer.short,
        verdict=_verdict(answer, own),
        reached=holds_answer(
            [each.text for each in answer.passages], question.kind, question.answers
        ),
        confidence=answer.confidence,
        citations=answer.citations,
        withheld=answer.withheld,
        timings={"ask": elapsed} | {f"ask: {key}": took for key, took in answer.timings.items()},
    )
    return _search(rankings, record, answer.question, filter)


def _verdict(answer: Answer, own: Assistant) -> Verdict:
    """What `own` would have made of an answer that was given however unsure it was."""
    if answer.verdict == "unanswered" or answer.confidence < own.min_unsure:
        return "unanswered"
    return answer.verdict if answer.confidence >= own.min_confidence else "unsure"


def _search(
    rankings: Mapping[str, Assistant],
    record: Record,
    query: str,
    filter: Mapping[str, object] | None,
) -> Record:
    timings, retrieved = dict(record.timings), {}
    for fusion, assistant in rankings.items():
        start = perf_counter()
        passages = assistant.search(query, k=2 * DOCUMENTS, filter=filter)
        timings[f"search: {fusion}"] = 1000 * (perf_counter() - start)
        if len(passages) == 2 * DOCUMENTS and len(_documents(passages)) < DOCUMENTS:
            passages = assistant.search(query, k=10 * DOCUMENTS, filter=filter)
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
