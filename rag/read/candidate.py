"""The sentences, rows and items that may be evidence, each with what speaks for it. Pure, but for
the models that are passed in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

from index.embed.embedder import Embedder
from index.text.embedded_text import context_of
from index.text.sentences import is_row, sentence_spans
from rag.answer import Passage
from rag.facts.dates import dates
from rag.read.boosting import Boosted
from rag.read.identifiers import lacking
from rag.read.normal_form import normalise
from rag.read.odds import logistic
from rag.read.reader import Evidence
from rag.read.span_model import Marked, SpanModel

Spans = list[tuple[int, int]]
"""The (start, end) of each sentence of a text."""

PASSAGES_READ = 8
COMPARED = 8
"""Sentences, the best ones, that are compared with the question by meaning."""
_SPANS = 3  # of each passage
_CAPITALS = re.compile(
    r"(?:[\d.]+|[A-Z][.)])\s+[A-Z]{2,}(?: [A-Z&,–-]+)*|[A-Z]{2,}(?: [A-Z&,–-]+)+"
)
_SENTENCE = re.compile(r"(?:\S+\s+){3,}\S+[.!]")
_WHEN = re.compile(r"\bwhen\b|\b(?:what|which) (?:date|day|month|year)\b", re.IGNORECASE)


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

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.passage, self.start, self.end, logistic(self.logit))


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
    lines without a word are no answers, but for a heading with a date where it is asked when, and
    for one that says something: a note's first line is its title. An identifier may also stand in
    what a sentence is under: its headings, the line that announces it, the first row of its
    table."""
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
            if logit is None or not _says_something(text):
                continue
            is_heading = normalise(text) in heads and not _is_told(text, alone=len(spans) == 1)
            if is_heading and not _is_dated(question, text):
                continue
            lacks = lacking(question, [text, lead, head, passage.title, passage.heading])
            score = score_of(logit, lacks, passage, fitted)
            if place not in found or found[place].score < score:
                found[place] = Candidate(number, start, end, text, logit, lacks, score)
            if text.endswith(":") or text.isupper():
                lead = text
    return sorted(found.values(), key=lambda each: (-each.score, each.passage, each.start))


def _is_dated(question: str, heading: str) -> bool:
    """Whether the heading tells when, for `question` asks that."""
    return _WHEN.search(question) is not None and bool(dates(heading))


def _is_told(title: str, *, alone: bool) -> bool:
    """Whether what is taken for a title is a sentence, as the first line of a note is; of one that
    stands `alone`, whether it has the words of one, or a figure."""
    if alone and (len(title.split()) > 3 or any(map(str.isdigit, title))):
        return True
    return _SENTENCE.fullmatch(title) is not None


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
