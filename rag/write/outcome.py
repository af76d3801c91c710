"""What becomes of a written answer: it stands, or in doubt, or another stands in its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.answer import Citation, Passage, Verdict
from rag.cite.citer import Cited, Citer
from rag.cite.markers import Footnotes, plain
from rag.read.reader import Evidence, Reading
from rag.write.answerer import ExtractiveAnswerer
from rag.write.loops import repeats_itself
from rag.write.model_refusal import begins_by_refusing, refuses

ABSTENTION = "The documents don't answer this."
EARLIER = "An earlier edition says:"
OTHERWISE = "Another source says otherwise:"
UNSUPPORTED = "The documents don't bear out what the language model wrote"
NOT_SURE = "Not sure."
UNSURE = f"{NOT_SURE} This may be it:"
DOUBT = "Not sure that this answers the question."
ALSO = "The documents also say:"
INSTEAD = f"{UNSUPPORTED}. They say:"
NOTHING = f"{UNSUPPORTED}."
_NUMBER = re.compile(r"\[(\d+)\]")
_BORNE_OUT = (
    0.5  # of the doubt that the reader leaves, what a text that is all borne out takes away
)
_ELSEWHERE = 0.5  # of the reader's confidence, what is left where the text cites other sentences


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer, its verdict, and the probability that it is right; it has no citation where it is
    that there is none. `replaced_by` is what stands in place of a text that nothing supported:
    "reader", "abstention" or None. `rest` is what whoever has seen the text as it was written
    must still be shown."""

    cited: Cited
    verdict: Verdict
    confidence: float
    replaced_by: Literal["reader", "abstention"] | None = None
    rest: str = ""
    contradictions: tuple[tuple[int, int], ...] = ()


def quoted(
    question: str,
    passages: Sequence[Passage],
    reading: Reading,
    citer: Citer,
    verdict: Verdict,
) -> Outcome:
    """What the reader found, under `verdict`: as it is, or under words that say that it may not
    answer, and why. An abstention where none of its quotes stands, or `verdict` is "unanswered"."""
    if verdict == "unanswered":
        return Outcome(Cited(ABSTENTION), verdict, reading.confidence, rest=ABSTENTION)
    footnotes = Footnotes(passages)
    for _ in footnotes.renumber(ExtractiveAnswerer().stream(question, passages, (), reading)):
        continue
    cited = citer.cite(footnotes, passages)
    if not cited.supported:
        nothing = Cited(ABSTENTION, withheld=cited.withheld, removed=cited.removed)
        return Outcome(nothing, "unanswered", reading.confidence, rest=ABSTENTION)
    cited = _with_words(cited, reading, verdict)
    cited, contradictions = _compared(cited, passages, reading)
    return Outcome(
        cited, verdict, reading.confidence, rest=cited.text, contradictions=contradictions
    )


def _with_words(cited: Cited, reading: Reading, verdict: Verdict) -> Cited:
    """`cited` under what is to be said of it, and each paragraph that says otherwise, the last
    ones, under what it is."""
    words = reading.lead
    if verdict == "unsure":
        words = f"{NOT_SURE} {reading.doubt}:" if reading.doubt else UNSURE
    kinds = [OTHERWISE] * len(reading.contradicting) + [EARLIER] * len(reading.superseded)
    leads = [words, *kinds]
    paragraphs = cited.text.split("\n\n")
    own = len(paragraphs) - len(kinds)
    parts = ["\n\n".join(paragraphs[:own]), *paragraphs[own:]]
    text = "\n\n".join(f"{lead} {part}".lstrip() for lead, part in zip(leads, parts, strict=True))
    return replace(cited, text=text)


def _compared(
    cited: Cited, passages: Sequence[Passage], reading: Reading
) -> tuple[Cited, tuple[tuple[int, int], ...]]:
    """`cited` with what is superseded in it marked as such, and the numbers of its citations that
    contradict each other."""

    def citing(some: Sequence[Evidence]) -> list[int]:
        return [
            citation.number
            for citation in cited.citations
            if any(_overlaps(citation, one, passages) for one in some)
        ]

    old = citing(reading.superseded)
    found = [
        (one, other)
        for one in citing(reading.sentences[:1])
        for other in citing(reading.contradicting)
        if one != other
    ]
    marked = tuple(replace(each, superseded=each.number in old) for each in cited.citations)
    return replace(cited, citations=marked), tuple(found)


def _overlaps(citation: Citation, evidence: Evidence, passages: Sequence[Passage]) -> bool:
    if evidence.passage > len(passages):
        return False
    passage = passages[evidence.passage - 1]
    return (
        citation.document_id == passage.document_id
        and citation.start < passage.start + evidence.end
        and passage.start + evidence.start < citation.end
    )


def checked(
    footnotes: Footnotes,
    question: str,
    passages: Sequence[Passage],
    reading: Reading,
    citer: Citer,
    *,
    least: float,
    read: Verdict,
    strict: bool,
) -> Outcome:
    """What a language model wrote, as `footnotes` has it, when something supports a sentence of
    it: "answered" from a confidence of `least` on, else, and where it repeats itself, under a line
    of doubt, and after it what
    the reader found where the text cites none of that. A refusal, in whichever words, is an
    abstention. In place of a text that nothing supports stands what the reader found, under the
    verdict that it `read`, or an abstention; both begin by saying so."""
    cited = citer.cite(footnotes, passages, strict=strict, attribute=True)
    nothing = Cited(ABSTENTION, withheld=cited.withheld, removed=cited.removed)
    told = [one for one in cited.sentences if one.supported and not refuses(one.text)]
    refused = begins_by_refusing(footnotes.text)
    if not told and (refused or any(refuses(one.text) for one in cited.sentences)):
        return Outcome(nothing, "unanswered", reading.confidence, rest=ABSTENTION)
    if not told:
        return _instead(question, passages, reading, citer, read, nothing)
    shares = cites_evidence(reading, passages, cited)
    confidence = believed(reading, cited, shares=shares)
    cited, contradictions = _compared(cited, passages, reading)
    current = not all(citation.superseded for citation in cited.citations)
    sound = current and not refused and not repeats_itself(plain(cited.text))
    if confidence >= least and sound:
        return Outcome(cited, "answered", confidence, contradictions=contradictions)
    doubted = Outcome(
        replace(cited, text=f"{cited.text}\n\n{DOUBT}"),
        "unsure",
        confidence,
        rest=DOUBT,
        contradictions=contradictions,
    )
    if shares or refused or read == "unanswered":
        return doubted
    return _also(doubted, quoted(question, passages, reading, citer, "answered"))


def cites_evidence(reading: Reading, passages: Sequence[Passage], cited: Cited) -> bool:
    """Whether one of the quotes is the reader's own evidence."""
    return any(
        _overlaps(citation, one, passages)
        for citation in cited.citations
        for one in reading.sentences
    )


def _also(doubted: Outcome, found: Outcome) -> Outcome:
    """`doubted`, and after it what the reader `found`, whose citations are numbered on."""
    if not found.cited.citations:
        return doubted
    first, second, more = doubted.cited, found.cited, len(doubted.cited.citations)

    def moved(text: str) -> str:
        return _NUMBER.sub(lambda number: f"[{int(number[1]) + more}]", text)

    rest = f"{DOUBT} {ALSO} {moved(second.text)}"
    citations = [replace(each, number=each.number + more) for each in second.citations]
    sentences = [
        replace(each, text=moved(each.text), citations=tuple(n + more for n in each.citations))
        for each in second.sentences
    ]
    cited = replace(
        first,
        text=f"{first.text.removesuffix(DOUBT)}{rest}",
        citations=(*first.citations, *citations),
        sentences=(*first.sentences, *sentences),
        withheld=first.withheld + second.withheld,
    )
    pairs = [(one + more, other + more) for one, other in found.contradictions]
    return replace(
        doubted, cited=cited, rest=rest, contradictions=(*doubted.contradictions, *pairs)
    )


def believed(reading: Reading, cited: Cited, *, shares: bool) -> float:
    """The probability that a written answer is right: the reader's confidence, less of it where
    the text `shares` none of the reader's evidence, and more the more of its sentences are borne
    out. The two shares are set by hand, not fitted."""
    prior = reading.confidence * (1.0 if shares else _ELSEWHERE)
    borne = [one.support if one.supported else 0.0 for one in cited.sentences]
    return prior + (1 - prior) * _BORNE_OUT * sum(borne) / max(len(borne), 1)


def _instead(
    question: str,
    passages: Sequence[Passage],
    reading: Reading,
    citer: Citer,
    read: Verdict,
    nothing: Cited,
) -> Outcome:
    """What the reader found, in place of a text that nothing supports."""
    found = quoted(question, passages, reading, citer, read)
    withheld = nothing.withheld + found.cited.withheld
    if found.verdict == "unanswered":
        cited = replace(nothing, text=NOTHING, withheld=withheld)
        return replace(found, cited=cited, replaced_by="abstention", rest=NOTHING)
    words = INSTEAD if found.verdict == "answered" else NOTHING
    text = f"{words} {found.cited.text}"
    cited = replace(found.cited, text=text, withheld=withheld, removed=nothing.removed)
    return replace(found, cited=cited, replaced_by="reader", rest=text)
