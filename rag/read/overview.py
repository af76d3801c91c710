"""“What are these documents about?”: asked of the whole, so no passage answers it; the catalogue
does, and the documents with how they begin."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.text.sentences import sentence_spans
from rag.answer import Passage
from rag.read.reader import Evidence, Reading

_NOUN = r"(documents?|files?|texts?|papers|sources|collection|context|library|store|corpus)"
_WHOLE = rf"(this|these|the|my|your|our|all)( the| of the| my| your)?( \w+ed)? {_NOUN}"
_POLITE = r"\s*((hi|hello|hey)\b[,.!]?\s*)?((could|can|would) you |please )*"
_ASKED = re.compile(
    rf"{_POLITE}("
    rf"what (is|are|'s) (in )?{_WHOLE}( all)?( about)?"
    rf"|(summari[sz]e|describe|outline|list|show|name)( me)? {_WHOLE}"
    rf"|(list|show( me)?|name)( all)? {_NOUN}"
    rf"|(give|show|write)( me)? (an?|the) (summary|overview)( of {_WHOLE})?"
    rf"|(what|which) {_NOUN} (do|can) (you|i|we) (have|know|see|hold|read|use)( of)?"
    rf"|(what|which) {_NOUN} are (there|available|stored|indexed|loaded)"
    rf"|how many {_NOUN} ((do|can) (you|i|we) (have|know|see|hold|read)|are (there|stored|indexed))"
    rf"|what do you know( about)?|what is (in here|this all about)"
    r")( here| there| in total| altogether)?(, please| please)?[\s?.!]*",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"{_POLITE}(?:(?:summari[sz]e|describe|outline) (?:the )?(?:(?:document|file) )?(?P<a>.+?)"
    r"|(?:give|show|write)(?: me)? (?:an?|the) (?:summary|overview) of (?:the )?"
    r"(?:(?:document|file) )?(?P<b>.+?)"
    r"|what(?: is|'s) (?:the )?(?:(?:document|file) )?(?P<c>.+?) about)(, please| please)?[\s?.!]*",
    re.IGNORECASE,
)
_LEAST_WORDS = 6  # fewer make a heading or a date line, not a sentence that tells something
DOCUMENTS = 5
LISTED = 12  # names of documents


def asks_for_overview(question: str) -> bool:
    """Whether `question` asks what the documents are, or are about, all of them."""
    return _ASKED.fullmatch(question) is not None


def document_asked_for(question: str) -> str:
    """What may be the name of the one document that `question` wants an overview of; "" where it
    wants none."""
    found = _NAMED.fullmatch(question)
    return next(filter(None, found.group("a", "b", "c")), "").strip("\"'“”‘’ ") if found else ""


def catalogue(names: Sequence[str], count: int) -> str:
    """A sentence that says how many documents there are, and the first of their names."""
    if count == 1:
        return f"There is one document: {names[0]}."
    listed = names[:LISTED]
    if len(listed) < count:
        return f"There are {count} documents, among them {', '.join(listed)}."
    return f"There are {count} documents: {', '.join(listed[:-1])} and {listed[-1]}."


def overview(passages: Sequence[Passage], lead: str = "") -> Reading:
    """The first telling sentence of each of `passages`, which are how the documents begin, after
    `lead`. It is no guess that could be wrong, so the confidence is 1 (0 without passages)."""
    evidence = []
    for number, passage in enumerate(passages[:DOCUMENTS], start=1):
        spans = sentence_spans(passage.text)
        telling = [s for s in spans if len(passage.text[slice(*s)].split()) >= _LEAST_WORDS]
        start, end = (telling or spans)[0]
        evidence.append(Evidence(number, start, end, 1.0))
    return Reading(tuple(evidence), None, 1.0 if evidence else 0.0, lead=lead)
