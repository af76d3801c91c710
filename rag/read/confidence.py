"""How sure the trained reader is of its best candidate: what tells it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.text.content_words import content_words
from rag.answer import Passage
from rag.read.candidate import COMPARED, Candidate
from rag.read.identifiers import lacking, names
from rag.read.normal_form import normalise
from rag.read.span_model import Marked, Span

FAR = 8.0
"""In logits; a greater lead or score tells no more."""
_NEGATION = re.compile(r"\b(not|never|no|none|without|cannot)\b|n['’]t\b", re.IGNORECASE)
_STEM = 5  # letters by which words are alike


def span_within(candidate: Candidate, marked: Marked) -> Span | None:
    """The best span that lies within `candidate`; None where none of the best does."""
    inside = [s for s in marked.spans if candidate.start <= s.start and s.end <= candidate.end]
    return max(inside, key=lambda span: span.score, default=None)


def confidence_features(
    question: str,
    passages: Sequence[Passage],
    marked: Sequence[Marked],
    found: Sequence[Candidate],
    in_doubt: str,
) -> NDArray[np.float64]:
    """What tells whether the best candidate answers rightly: [21]. Its logit; its lead over the
    next that says something else; the best span's score in it, and anywhere; its passage's score,
    and the best cosine; the identifiers of the question that it lacks, and that all passages lack;
    the share of the question's words, by their stems, that it and its headings lack; whether one
    is negated and the other is not; its cosine, and its lead in that over the others; the
    log-probability, by the logits, that nothing is evidence, and how many sentences are likelier
    evidence than not; the words of the question and of the candidate; the lead of its passage's
    score over the best other passage's, and the number of the passage; the names of the question
    that it and its headings lack, and that all passages lack; whether it is `in_doubt`."""
    best = found[0]
    passage = passages[best.passage - 1]
    words = normalise(best.text)
    following = next((each.score for each in found[1:] if normalise(each.text) != words), None)
    lead = FAR if following is None else min(best.score - following, FAR)
    within = span_within(best, marked[best.passage - 1])
    anywhere = max((s.score for each in marked for s in each.spans), default=-FAR)
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
            max(within.score, -FAR) if within else -FAR,
            max(anywhere, -FAR),
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
            bool(in_doubt),
        ],
        dtype=np.float64,
    )


def _lacking(names: frozenset[str], text: str) -> int:
    text = text.lower()
    return sum(name not in text for name in names)
