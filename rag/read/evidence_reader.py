"""The trained reader: which sentences of the passages are evidence, and how sure it is.

It reads the passages in one batch. Every sentence, row and item gets the logit that a careful
person would quote it; the few best are also compared with the question by meaning. Those near the
best one answer together, and the best span within the best one is the short answer. What was fitted
lies in `models/reader/evidence.json` (`rag/train/fit_evidence.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from index.embed.embedder import Embedder
from index.text.content_words import content_words
from index.text.embedded_text import context_of
from index.text.sentences import is_row, sentence_spans
from rag.answer import Passage
from rag.read.another import is_looked_up, is_of_another, named_row
from rag.read.boosting import Boosted
from rag.read.choice import items_after, items_beside, rows_beside
from rag.read.differing import Said, differing
from rag.read.doubt import doubt
from rag.read.identifiers import lacking, names
from rag.read.normal_form import normalise
from rag.read.odds import logistic
from rag.read.reader import Evidence, Reading
from rag.read.sentence_reader import in_reading_order
from rag.read.signs import read_signs
from rag.read.span_model import Marked, Span, SpanModel
from rag.read.span_network import FOLDER

Spans = list[tuple[int, int]]
"""The (start, end) of each sentence of a text."""

CALIBRATION = FOLDER / "evidence.json"
PASSAGES_READ = 8
_SPANS = 3  # of each passage
_MOST_ITEMS = 20
_SEVERAL = re.compile(
    r"\b(?:what|which|who) (?:are|were|all)\b|\b(?:list|name|all|every|each of)\b|"
    r"\b(?:what|which) (?:[\w-]+ ){0,2}[\w-]+s (?:are|were|do|did|must|can|have|should)\b",
    re.IGNORECASE,
)
_ALL = re.compile(r"\b(?:list|name|all|every|each)\b", re.IGNORECASE)
_CAPITALS = re.compile(
    r"(?:[\d.]+|[A-Z][.)])\s+[A-Z]{2,}(?: [A-Z&,–-]+)*|[A-Z]{2,}(?: [A-Z&,–-]+)+"
)
_NEGATION = re.compile(r"\b(not|never|no|none|without|cannot)\b|n['’]t\b", re.IGNORECASE)
_STEM = 5  # letters by which words are alike
_FAR = 8.0  # logits; a greater lead or score tells no more
COMPARED = 8
"""Sentences, the best ones, that are compared with the question by meaning."""


class Calibration(BaseModel, frozen=True):
    """What was fitted. A sentence's score is its logit, less `identifier` for each identifier of
    the question that it lacks, and `retrieval` times its passage's score more; that of the best is
    raised by `meaning` times the cosine of question and sentence. Evidence scores at least `least`,
    and at most `behind` less than the best; at most `most` sentences are given. Where it is too
    unsure to answer they are more, for any may be it: no more than `behind_unsure` less than the
    best, and `most_unsure`. `confidence` is what `confidence_features` speak for;
    `relevance` are the weights of `relevance_features`, the intercept last. The two thresholds are
    of the confidence."""

    identifier: float
    retrieval: float
    meaning: float
    least: float
    behind: float
    most: int
    behind_unsure: float
    most_unsure: int
    confidence: Boosted
    relevance: tuple[float, ...]
    threshold: float
    unsure_threshold: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of passage number `passage` (from 1): offsets in that passage's text, the mean
    logit of its tokens, the identifiers of the question that it lacks, its score, and its cosine
    with the question, 0 where it was not compared."""

    passage: int
    start: int
    end: int
    text: str
    logit: float
    lacks: frozenset[str]
    score: float
    cosine: float = 0.0


class EvidenceReader:
    """Reads passages for evidence; `embedder`, which compares sentences with the question, is the
    packaged one, which the weights were fitted with. May be used by many threads."""

    def __init__(
        self, model: SpanModel, embedder: Embedder, calibration: Path = CALIBRATION
    ) -> None:
        self.name = model.name
        self._model = model
        self._embedder = embedder
        self._path = calibration

    @cached_property
    def _calibration(self) -> Calibration:
        return Calibration(**json.loads(self._path.read_text(encoding="utf-8")))

    @property
    def threshold(self) -> float:
        return self._calibration.threshold

    @property
    def unsure_threshold(self) -> float:
        return self._calibration.unsure_threshold

    def read(self, question: str, passages: Sequence[Passage]) -> Reading:
        fitted = self._calibration
        if (by_words := read_signs(question, passages, fitted.threshold)) is not None:
            return by_words
        marked = mark(self._model, question, passages)
        sentences = sentences_in(passages)
        relevance = self._relevance(passages, marked, sentences)
        found = candidates(question, passages, marked, sentences, fitted)
        if not found:
            return Reading((), None, 0.0, relevance)
        found = compared(question, found, passages, self._embedder, fitted)
        named = named_row(question, [each.text for each in found])
        found = [found[named], *found[:named], *found[named + 1 :]]
        differ = differing(
            question, [Said(each.text, passages[each.passage - 1], each.score) for each in found]
        )
        best = found[differ.best]
        otherwise = {place: _evidence_of(found[place]) for place in differ.others}
        rest = [c for place, c in enumerate(found) if place not in {differ.best, *otherwise}]
        found = [best, *rest]
        span = span_within(best, marked[best.passage - 1])
        features = confidence_features(question, passages, marked, found)
        confidence = fitted.confidence.probability(features)
        if is_looked_up(question, best.text, [each.text for each in found]):
            confidence = max(confidence, fitted.unsure_threshold)
        sure = confidence >= fitted.threshold
        chosen = evidence(question, found, passages, fitted, sure=sure)
        texts = [passages[one.passage - 1].text[one.start : one.end] for one in chosen]
        return Reading(
            tuple(chosen),
            passages[best.passage - 1].text[span.start : span.end] if span else None,
            confidence,
            relevance,
            doubt(
                question,
                best.lacks,
                (best.start, best.end),
                passages[best.passage - 1],
                passages,
                texts,
            ),
            contradicting=tuple(
                each for place, each in otherwise.items() if place not in differ.superseded
            ),
            superseded=tuple(
                each for place, each in otherwise.items() if place in differ.superseded
            ),
        )

    def relevance(self, question: str, passages: Sequence[Passage]) -> tuple[float, ...]:
        marked = mark(self._model, question, passages)
        return self._relevance(passages, marked, sentences_in(passages))

    def _relevance(
        self, passages: Sequence[Passage], marked: Sequence[Marked], sentences: Sequence[Spans]
    ) -> tuple[float, ...]:
        *weights, bias = self._calibration.relevance
        return tuple(
            logistic(float(relevance_features(*each) @ weights) + bias)
            for each in zip(passages, marked, sentences, strict=False)
        )


def mark(model: SpanModel, question: str, passages: Sequence[Passage]) -> list[Marked]:
    """What `model` marks in the first passages, each read under its title and headings."""
    texts = [(context_of(p.title, p.heading), p.text) for p in passages[:PASSAGES_READ]]
    return model.mark(question, texts, _SPANS)


def sentences_in(passages: Sequence[Passage]) -> list[Spans]:
    """The sentences of each of the first passages."""
    return [sentence_spans(passage.text) for passage in passages[:PASSAGES_READ]]


def candidates(
    question: str,
    passages: Sequence[Passage],
    marked: Sequence[Marked],
    sentences: Sequence[Spans],
    fitted: Calibration,
) -> list[Candidate]:
    """The sentences that were read, best first, each place in a document once. Headings, rules and
    lines without a word are no answers. An identifier may also stand in what a sentence is under:
    its headings, the line that announces it, the first row of its table."""
    found: dict[tuple[str, int], Candidate] = {}
    read = zip(passages, marked, sentences, strict=False)
    for number, (passage, of_passage, spans) in enumerate(read, start=1):
        heads = {normalise(head) for head in (passage.title, *passage.heading.split(" › "))}
        lead = head = ""
        for start, end in spans:
            text = passage.text[start:end]
            head = (head or text) if is_row(text) else ""
            logit = of_passage.evidence_of(start, end)
            place = (passage.document_id, passage.start + start)
            if logit is None or normalise(text) in heads or not _says_something(text):
                continue
            lacks = lacking(question, [text, lead, head, passage.title, passage.heading])
            score = score_of(logit, lacks, passage, fitted)
            if place not in found or found[place].score < score:
                found[place] = Candidate(number, start, end, text, logit, lacks, score)
            if text.endswith(":") or text.isupper():
                lead = text
    return sorted(found.values(), key=lambda each: (-each.score, each.passage, each.start))


def _says_something(text: str) -> bool:
    """Whether it has words, and more than a heading in capitals, which ends like no sentence."""
    return any(map(str.isalpha, text)) and not _CAPITALS.fullmatch(text)


def compared(
    question: str,
    found: Sequence[Candidate],
    passages: Sequence[Passage],
    embedder: Embedder,
    fitted: Calibration,
) -> list[Candidate]:
    """`found`, of which the best have been compared with the question by meaning."""
    return raised(found, cosines(question, found[:COMPARED], passages, embedder), fitted)


def cosines(
    question: str, few: Sequence[Candidate], passages: Sequence[Passage], embedder: Embedder
) -> list[float]:
    """The cosine of the question with each of `few`, under its heading."""
    heads = [passages[each.passage - 1].heading for each in few]
    texts = [f"{h}: {each.text}" if h else each.text for h, each in zip(heads, few, strict=True)]
    return [float(each) for each in embedder.passages(texts) @ embedder.queries([question])[0]]


def raised(
    found: Sequence[Candidate], cosines: Sequence[float], fitted: Calibration
) -> list[Candidate]:
    """`found`, the first of which have these `cosines`, in the order of the scores that those
    raise."""
    first = [
        replace(each, cosine=cosine, score=each.score + fitted.meaning * cosine)
        for each, cosine in zip(found, cosines, strict=False)
    ]
    first.sort(key=lambda each: (-each.score, each.passage, each.start))
    return [*first, *found[len(first) :]]


def score_of(logit: float, lacks: frozenset[str], passage: Passage, fitted: Calibration) -> float:
    """The score of a sentence of `passage`, as `fitted` weighs it."""
    return logit - fitted.identifier * len(lacks) + fitted.retrieval * passage.score


def evidence(
    question: str,
    found: Sequence[Candidate],
    passages: Sequence[Passage],
    fitted: Calibration,
    *,
    sure: bool,
) -> list[Evidence]:
    """The best candidate, those of the others that are evidence too, or, if not `sure`, that may
    be, and are about no other thing than the one that the question names; and the items of a list
    that the best announces, or belongs to where several things are asked for, or the rows of its
    table where all are; document by document, in reading order."""
    best = found[0]
    behind = fitted.behind if sure else fitted.behind_unsure
    most = fitted.most if sure else fitted.most_unsure
    least = max(fitted.least, best.score - behind)
    chosen: dict[tuple[int, int], Evidence] = {}
    said: set[str] = set()
    for each in found[: 4 * most]:
        words = normalise(each.text)
        if is_of_another(question, best.text, best.lacks, each.text, each.lacks):
            continue
        if (each is best or each.score >= least) and words not in said:
            said.add(words)
            chosen[each.passage, each.start] = _evidence_of(each)
        if len(chosen) == most:
            break
    text = passages[best.passage - 1].text
    items = items_after(text, best.end, _MOST_ITEMS)
    if not items and _SEVERAL.search(question):
        items = items_beside(text, best.start, best.end, _MOST_ITEMS)
    if not items and _ALL.search(question):
        items = rows_beside(question, text, best.start, best.end, _MOST_ITEMS)
    for start, end in items:
        chosen.setdefault(
            (best.passage, start), Evidence(best.passage, start, end, logistic(best.logit))
        )
    return in_reading_order(list(chosen.values()), passages)


def span_within(candidate: Candidate, marked: Marked) -> Span | None:
    """The best span that lies within `candidate`; None where none of the best does."""
    inside = [s for s in marked.spans if candidate.start <= s.start and s.end <= candidate.end]
    return max(inside, key=lambda span: span.score, default=None)


def confidence_features(
    question: str,
    passages: Sequence[Passage],
    marked: Sequence[Marked],
    found: Sequence[Candidate],
) -> NDArray[np.float64]:
    """What tells whether the best candidate answers rightly: [20]. Its logit; its lead over the
    next that says something else; the best span's score in it, and anywhere; its passage's score,
    and the best cosine; the identifiers of the question that it lacks, and that all passages lack;
    the share of the question's words, by their stems, that it and its headings lack; whether one
    is negated and the other is not; its cosine, and its lead in that over the others; the
    log-probability, by the logits, that nothing is evidence, and how many sentences are likelier
    evidence than not; the words of the question and of the candidate; the lead of its passage's
    score over the best other passage's, and the number of the passage; the names of the question
    that it and its headings lack, and that all passages lack."""
    best = found[0]
    passage = passages[best.passage - 1]
    words = normalise(best.text)
    following = next((each.score for each in found[1:] if normalise(each.text) != words), None)
    lead = _FAR if following is None else min(best.score - following, _FAR)
    within = span_within(best, marked[best.passage - 1])
    anywhere = max((s.score for each in marked for s in each.spans), default=-_FAR)
    context = f"{passage.title} {passage.heading} {best.text}"
    stems = {word[:_STEM] for word in content_words(context)}
    asked = content_words(question)
    named = names(question)
    others = [each.score for each in passages if each is not passage]
    everywhere = " ".join(f"{p.title} {p.heading} {p.text}" for p in passages)
    return np.array(
        [
            best.logit,
            lead,
            max(within.score, -_FAR) if within else -_FAR,
            max(anywhere, -_FAR),
            passage.score,
            max(each.cosine for each in passages),
            min(len(best.lacks), 2),
            min(len(lacking(question, [f"{p.heading} {p.text}" for p in passages])), 2),
            sum(word[:_STEM] not in stems for word in asked) / len(asked),
            (_NEGATION.search(question) is None) != (_NEGATION.search(best.text) is None),
            best.cosine,
            best.cosine - max((each.cosine for each in found[1:COMPARED]), default=0.0),
            -float(np.logaddexp.reduce([0.0, *(each.logit for each in found)])),
            min(sum(each.logit > 0 for each in found), COMPARED),
            min(len(question.split()), 40),
            min(len(best.text.split()), 60),
            passage.score - max(others, default=0.0),
            best.passage,
            min(_lacking(named, context), 3),
            min(_lacking(named, everywhere), 3),
        ],
        dtype=np.float64,
    )


def _lacking(names: frozenset[str], text: str) -> int:
    text = text.lower()
    return sum(name not in text for name in names)


def relevance_features(passage: Passage, marked: Marked, sentences: Spans) -> NDArray[np.float64]:
    """What tells whether a passage holds the answer: its best sentence's logit, its best span's
    score, and what it scored in retrieval: [3]."""
    logits = [marked.evidence_of(*span) for span in sentences]
    best = max((logit for logit in logits if logit is not None), default=-_FAR)
    span = max((span.score for span in marked.spans), default=-_FAR)
    return np.array([best, span, passage.score])


def _evidence_of(candidate: Candidate) -> Evidence:
    return Evidence(candidate.passage, candidate.start, candidate.end, logistic(candidate.logit))
