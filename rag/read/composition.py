"""What is given of the sentences that may be evidence: those about the thing asked for, lists
whole. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer import Passage
from rag.read.another import (
    is_of_another,
    named_row,
    names_another,
    of_the_named,
    with_antecedent,
    with_the_code,
)
from rag.read.candidate import COMPARED, Calibration, Candidate
from rag.read.choice import items_after, items_beside, rows_beside
from rag.read.normal_form import normalise
from rag.read.odds import logistic
from rag.read.reader import Evidence
from rag.read.sentence_reader import in_reading_order

_MOST_ITEMS = 20
_SEVERAL = re.compile(
    r"\b(?:what|which|who) (?:are|were|all)\b|\b(?:list|name|all|every|each of)\b|"
    r"\b(?:what|which) (?:[\w-]+ ){0,2}[\w-]+s (?:are|were|do|did|must|can|have|should)\b",
    re.IGNORECASE,
)
_ALL = re.compile(r"\b(?:list|name|all|every|each)\b", re.IGNORECASE)
_NEAR = 4.0  # of the score; a sentence that is less likely by more is not preferred for a name


def of_the_thing_asked_for(
    question: str, found: Sequence[Candidate], passages: Sequence[Passage]
) -> list[Candidate]:
    """`found`, but first what holds the code that `question` names, or the row of the same table,
    or the sentence of nearly the same score, that is about the thing that it names, where the best
    is about another of the kind."""
    if not found:
        return []
    best = with_the_code(question, [each.lacks for each in found[:COMPARED]])
    if not best:
        best = named_row(question, [each.text for each in found])
    if not best:
        near = [c for c in found[:COMPARED] if found[0].score - c.score <= _NEAR]
        best = of_the_named(question, [_in_full(each, passages) for each in near])
    return [found[best], *found[:best], *found[best + 1 :]]


def _in_full(candidate: Candidate, passages: Sequence[Passage]) -> str:
    text = passages[candidate.passage - 1].text
    return with_antecedent(text, candidate.start, candidate.end)


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
    that the best announces, or belongs to where several things are asked for or half of them are
    evidence, or the rows of its table where all are; document by document, in reading order."""
    best = found[0]
    named = not names_another(question, _in_full(best, passages))
    behind = fitted.behind if sure else fitted.behind_unsure
    most = fitted.most if sure else fitted.most_unsure
    least = max(fitted.least, best.score - behind)
    chosen: dict[tuple[int, int], Evidence] = {}
    said: set[str] = set()
    for each in found[: 4 * most]:
        words = normalise(each.text)
        if each is not best and (
            is_of_another(question, best.text, best.lacks, each.text, each.lacks)
            or (named and names_another(question, _in_full(each, passages)))
        ):
            continue
        if (each is best or each.score >= least) and words not in said:
            said.add(words)
            chosen[each.passage, each.start] = each.evidence
        if len(chosen) == most:
            break
    text = passages[best.passage - 1].text
    items = items_after(text, best.end, _MOST_ITEMS)
    if not items:
        beside = items_beside(text, best.start, best.end, _MOST_ITEMS)
        some = sum((best.passage, start) in chosen for start, _ in beside)
        if _SEVERAL.search(question) or (some > 1 and 2 * some >= len(beside)):
            items = beside
    if not items and _ALL.search(question):
        items = rows_beside(question, text, best.start, best.end, _MOST_ITEMS)
    for start, end in items:
        chosen.setdefault(
            (best.passage, start), Evidence(best.passage, start, end, logistic(best.logit))
        )
    return in_reading_order(list(chosen.values()), passages)
