"""The figures of an evaluation, out of its records."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.evaluate import measures
from rag.evaluate.evaluate import Filled, Record
from rag.evaluate.measures import Overlap, Percentiles, Retrieval

_MARKER = re.compile(r"\s*\[\d+\]")


@dataclass(frozen=True, slots=True)
class Share:
    """A share in [0, 1] with its 95 % confidence interval, which a single question has not."""

    share: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Means over the questions with gold evidence, in [0, 1]; higher is better."""

    precision: float
    recall: float
    f1: Share


@dataclass(frozen=True, slots=True)
class Group:
    """The answerable questions of one kind or domain: how many, the shares whose best answer is
    right, is given so as answered, and at least as unsure; evidence F1, where some is known."""

    questions: int
    right: float
    right_answered: float
    right_shown: float
    evidence_f1: float | None


@dataclass(frozen=True, slots=True)
class Answers:
    """Figures of the answers, each in [0, 1]; higher is better but for `calibration_error`. None
    where no question bears on it. A failed question scores zero.

    `sentence_accuracy`: answerable questions whose best answer, however unsure, cites a quote
    with a gold answer. `answered`: questions of all kinds answered at the threshold; `precision`:
    the share of those that are right; `abstained`: unanswerable questions left unanswered.
    `exact_match` and `f1` compare the answer given at the threshold (its short form where there
    is one, nothing where there was none). Citations are compared with the relevant documents:
    precision over the answered questions that have some, recall over all that have some.
    `right_answered` and `right_shown`: of all answerable questions, those answered rightly, and
    those answered rightly or shown so as unsure, with 95 % confidence intervals; `refused`: those
    left unanswered. `false_answered` and `false_unsure`: unanswerable questions with that verdict.
    `evidence` compares the quotes of the best answers with the gold evidence.
    `auroc` tells answerable questions from others by confidence; `coverage_at_90` is the largest
    share of all questions that can be answered nine times in ten rightly; `calibration_error`
    has ten bins of equal width.
    """

    graded: int
    sentence_accuracy: float | None
    answered: float | None
    precision: float | None
    abstained: float | None
    exact_match: float | None
    f1: float | None
    citation_precision: float | None
    citation_recall: float | None
    auroc: float | None
    coverage_at_90: float | None
    calibration_error: float | None
    right_answered: Share | None
    right_shown: Share | None
    refused: float | None
    false_answered: float | None
    false_unsure: float | None
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Store:
    """What the corpus cost. Sizes in bytes; the rates are of the documents that were new."""

    documents: int
    chunks: int
    added: int
    seconds: float
    documents_per_second: float | None
    characters_per_second: float | None
    bytes: int
    peak_memory_bytes: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All the figures of one evaluation. `latency_ms` is by step, in milliseconds; `retrieval`
    by fusion, over the questions that have relevant documents; `by_kind` and `by_domain` where
    the questions have such."""

    dataset: str
    settings: Mapping[str, str]
    questions: int
    answerable: int
    failed: int
    withheld: int
    store: Store
    retrieval: Mapping[str, Retrieval]
    answers: Answers | None
    latency_ms: Mapping[str, Percentiles]
    by_kind: Mapping[str, Group]
    by_domain: Mapping[str, Group]


def store_figures(filled: Filled, size: int, peak_memory: int) -> Store:
    """What `fill` did, with the bytes that the store takes on disk and the process in memory."""
    return Store(
        documents=filled.documents,
        chunks=filled.chunks,
        added=filled.added,
        seconds=filled.seconds,
        documents_per_second=measures.throughput(filled.added, filled.seconds),
        characters_per_second=measures.throughput(filled.characters, filled.seconds),
        bytes=size,
        peak_memory_bytes=peak_memory,
    )


def figures(
    dataset: str, settings: Mapping[str, str], store: Store, records: Sequence[Record]
) -> Figures:
    """The figures of `records`. Answers are judged when any question was answered or asked to
    be: a run that only searched has none."""
    fusions = dict.fromkeys(fusion for record in records for fusion in record.retrieved)
    steps = dict.fromkeys(step for record in records for step in record.timings)
    relevant = {record.id: record.relevant for record in records}
    found = {
        fusion: measures.retrieval(
            relevant, {record.id: record.retrieved.get(fusion, ()) for record in records}
        )
        for fusion in fusions
    }
    latency = {
        step: measures.percentiles([each.timings[step] for each in records if step in each.timings])
        for step in steps
    }
    return Figures(
        dataset=dataset,
        settings=settings,
        questions=len(records),
        answerable=sum(record.answerable for record in records),
        failed=sum(record.error is not None for record in records),
        withheld=sum(record.withheld for record in records),
        store=store,
        retrieval={fusion: value for fusion, value in found.items() if value is not None},
        answers=_answers(records) if "ask" in steps else None,
        latency_ms={step: value for step, value in latency.items() if value is not None},
        by_kind=_groups(records, lambda record: record.kind) if "ask" in steps else {},
        by_domain=_groups(records, lambda record: record.domain) if "ask" in steps else {},
    )


def _groups(records: Sequence[Record], of: Callable[[Record], str]) -> dict[str, Group]:
    """The groups by name, those with the most questions first."""
    members: dict[str, list[Record]] = {}
    for record in records:
        if record.graded and record.answerable and of(record):
            members.setdefault(of(record), []).append(record)
    ordered = sorted(members.items(), key=lambda each: (-len(each[1]), each[0]))
    return {name: _group(some) for name, some in ordered}


def _group(records: Sequence[Record]) -> Group:
    n = len(records)
    return Group(
        questions=n,
        right=sum(each.right for each in records) / n,
        right_answered=sum(each.right and each.answered for each in records) / n,
        right_shown=sum(each.right and each.shown for each in records) / n,
        evidence_f1=measures.mean(each.overlap.f1 for each in records if each.overlap),
    )


def _answers(records: Sequence[Record]) -> Answers:
    graded = [record for record in records if record.graded]
    answered = [record for record in graded if record.answered]
    judged = [record for record in records if record.relevant]
    confidence = [record.confidence for record in graded]
    right = [record.right for record in graded]
    could = [record for record in graded if record.answerable]
    cannot = [record for record in graded if not record.answerable and record.error is None]
    return Answers(
        graded=len(graded),
        sentence_accuracy=measures.mean(record.right for record in graded if record.answerable),
        answered=measures.mean(record.answered for record in graded),
        precision=measures.mean(record.right for record in answered),
        abstained=measures.mean(
            not record.answered and record.error is None
            for record in graded
            if not record.answerable
        ),
        exact_match=measures.mean(_score(measures.exact_match, record) for record in graded),
        f1=measures.mean(_score(measures.token_f1, record) for record in graded),
        citation_precision=measures.mean(
            measures.citation_precision(_cited(record), record.relevant)
            for record in judged
            if record.answered
        ),
        citation_recall=measures.mean(
            measures.citation_recall(_cited(record), record.relevant) for record in judged
        ),
        auroc=measures.auroc(
            [_confidence(record) for record in records], [record.answerable for record in records]
        ),
        coverage_at_90=measures.coverage(confidence, right),
        calibration_error=measures.calibration_error(confidence, right),
        right_answered=_share([each.right and each.answered for each in could]),
        right_shown=_share([each.right and each.shown for each in could]),
        refused=measures.mean(not each.shown for each in could),
        false_answered=measures.mean(each.answered for each in cannot),
        false_unsure=measures.mean(each.shown and not each.answered for each in cannot),
        evidence=_evidence([each.overlap for each in graded if each.overlap]),
    )


def _share(values: Sequence[float]) -> Share | None:
    share = measures.mean(values)
    if share is None:
        return None
    low, high = measures.interval(values) or (None, None)
    return Share(share, low, high)


def _evidence(overlaps: Sequence[Overlap]) -> Evidence | None:
    f1 = _share([each.f1 for each in overlaps])
    if f1 is None:
        return None
    n = len(overlaps)
    precision, recall = (
        sum(getattr(each, name) for each in overlaps) / n for name in ("precision", "recall")
    )
    return Evidence(precision, recall, f1)


def _score(measure: Callable[[str, Sequence[str]], float], record: Record) -> float:
    if record.error is not None:
        return 0.0
    given = record.short if record.short is not None else _MARKER.sub("", record.answer)
    return measure(given if record.answered else "", record.answers)


def _cited(record: Record) -> list[str]:
    """The cited documents of an answer that was given."""
    return [citation.uri for citation in record.citations] if record.answered else []


def _confidence(record: Record) -> float:
    """A failed question is taken to have been judged wrongly."""
    return record.confidence if record.error is None else float(not record.answerable)
