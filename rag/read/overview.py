"""“What are these documents about?”: asked of the whole, so no passage answers it; the documents
answer with how they begin."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.text.sentences import sentence_spans
from rag.answer import Passage
from rag.read.reader import Evidence, Reading

_WHOLE = r"(this|these|the|my|your|all)( the| of the)? (documents?|files?|texts?|collection)"
_ASKED = re.compile(
    rf"\s*(what (is|are) (in )?{_WHOLE}( all)?( about)?"
    rf"|(summari[sz]e|describe|give me an overview of|outline) {_WHOLE})[\s?.!]*",
    re.IGNORECASE,
)
_LEAST_WORDS = 6  # fewer make a heading or a date line, not a sentence that tells something
DOCUMENTS = 5


def asks_for_overview(question: str) -> bool:
    """Whether `question` asks what the documents are about, all of them."""
    return _ASKED.fullmatch(question) is not None


def overview(passages: Sequence[Passage]) -> Reading:
    """The first telling sentence of each of `passages`, which are how the documents begin. It is
    no guess that could be wrong, so the confidence is 1 (0 without passages)."""
    evidence = []
    for number, passage in enumerate(passages[:DOCUMENTS], start=1):
        spans = sentence_spans(passage.text)
        telling = [s for s in spans if len(passage.text[slice(*s)].split()) >= _LEAST_WORDS]
        start, end = (telling or spans)[0]
        evidence.append(Evidence(number, start, end, 1.0))
    return Reading(tuple(evidence), None, 1.0 if evidence else 0.0)
