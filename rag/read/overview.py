"""“What are these documents about?”: asked of the whole, so no passage answers it; the catalogue
does, and the documents with how they begin."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.text.content_words import content_words
from index.text.sentences import sentence_spans
from rag.answer import Passage
from rag.read.reader import Evidence, Reading

_NOUN = (
    r"(documents?|docs|files?|pdfs|texts?|papers|sources|uploads|attachments|collection|context|"
    r"library|store|corpus|knowledge base)"
)
_WHOLE = (
    rf"(((this|these|the|my|your|our|all)( the| of the| these| my| your| our)?( \w+ed)? {_NOUN})"
    r"( together)?|everything|it all|all of (it|them|this|these))"
)
_DO = r"(do|can|could|did|have|may) (you|i|we)"
_HAVE = (
    r"(got|have|know|see|hold|read|use|access|search|find|open|uploaded?|add(ed)?|stored?|load(ed)?|"
    r"indexed|given? you|gave you)( access to| of| so far)?"
)
_STORED = r"(there|available|stored|indexed|loaded|uploaded|included|in the (store|index|system))"
_POLITE = r"\s*((hi|hello|hey)\b[,.!]?\s*)?((could|can|would) you |please )*"
_ASKED = re.compile(
    rf"{_POLITE}("
    rf"what(['’]s| is| are) (in )?{_WHOLE}( all)?( about)?"
    rf"|(summari[sz]e|describe|outline|list|show|name)( me)? {_WHOLE}"
    rf"|(list|show( me)?|name)( all)? {_NOUN}"
    rf"|(give|show|write)( me)? (an?|the|a short|a brief) (summary|overview)( of {_WHOLE})?"
    rf"|(tell (me|us)|talk) (about|what is in) {_WHOLE}"
    rf"|(what|which) {_NOUN} {_DO} {_HAVE}"
    r"|what ((have|did) (you|i|we) (got|uploaded?|add(ed)?|stored?|load(ed)?|indexed|gave you|"
    r"given? you)|do you (have|hold))( so far)?"
    rf"|(what|which) {_NOUN} are ({_STORED}|(in|part of) {_WHOLE})"
    rf"|how many {_NOUN} ({_DO} {_HAVE}|are ({_STORED}|in {_WHOLE}))"
    r"|what (topics|subjects|themes|information|kinds? of information) (do|does|is in|are in|"
    rf"can i find in) {_WHOLE}( cover| contain| hold| include| deal with)?"
    rf"|what (do|does) {_WHOLE} (cover|contain|hold|include|deal with|talk about)"
    rf"|what (can|could) (i|we) (find|learn|read) (in|from) {_WHOLE}"
    r"|what do you know( about)?|what is (in here|this all about)"
    r")( here| there| in total| altogether| now| so far| today)?(, please| please)?[\s?.!]*",
    re.IGNORECASE,
)
_OF_ONE = r"(?:the )?(?:(?:document|file|pdf) )?"
_NAMED = re.compile(
    rf"{_POLITE}(?:(?:summari[sz]e|describe|outline) {_OF_ONE}(?P<a>.+?)"
    r"|(?:(?:give|show|write|list)(?: me)? )?(?:(?:an?|the) )?(?:short |brief )?"
    r"(?:summary|overview|gist|(?:main|key) (?:points|ideas|facts)|tl;?dr) of "
    rf"{_OF_ONE}(?P<b>.+?)"
    rf"|what(?: is|['’]s) {_OF_ONE}(?P<c>.+?) about"
    rf"|what does {_OF_ONE}(?P<d>.+?) (?:say|cover|contain|deal with|tell(?: us| me)?)"
    rf"|what(?: is|['’]s) in {_OF_ONE}(?P<e>.+?)"
    r")(, please| please)?[\s?.!]*",
    re.IGNORECASE,
)
_NOUNS = r"(?:documents?|docs|files?|texts?|papers|sources)"
_ON = r"(?:about|on|regarding|concerning)"
_ABOUT = re.compile(
    rf"{_POLITE}(?:(?:what|which)(?: of (?:the|these|my|your))? {_NOUNS} (?:"
    rf"(?:do|can|did) (?:you|i|we) (?:have|hold|see|know|find) {_ON}|(?:are|is)(?: there)? {_ON}"
    r"|(?:mentions?|discuss(?:es)?|talks? about|deals? with|says? (?:something|anything) about))"
    rf"|how many {_NOUNS} (?:do you have {_ON}|are(?: there)? {_ON}|mention|discuss|talk about)"
    rf"|(?:list|show(?: me)?|name|find)(?: me)?(?: all)?(?: the| my)? {_NOUNS} {_ON}"
    rf"|(?:do you have|have you got|are there|is there) (?:any|some|a) {_NOUNS} {_ON}"
    r") (?P<topic>.+?)(?:, please| please)?[\s?.!]*",
    re.IGNORECASE,
)
_STEM = 5  # letters by which words are alike
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
    names = found.group("a", "b", "c", "d", "e") if found else ()
    return next(filter(None, names), "").strip("\"'“”‘’ ")


def topic_asked_for(question: str) -> str:
    """What `question` asks for the documents about; "" where it asks for something else."""
    found = _ABOUT.fullmatch(question)
    return found["topic"].strip("\"'“”‘’ ") if found else ""


def about(topic: str, passages: Sequence[Passage]) -> list[Passage]:
    """The first of `passages` of each document that holds all words of `topic`, by their stems, in
    its text, headings or title."""
    wanted = _stems(topic)
    found: dict[str, Passage] = {}
    for each in passages:
        if wanted <= _stems(f"{each.title} {each.heading} {each.text}"):
            found.setdefault(each.document_id, each)
    return list(found.values())


def telling(topic: str, passages: Sequence[Passage], lead: str) -> Reading:
    """The sentence of each of `passages` that has most of the words of `topic`, after `lead`."""
    wanted = _stems(topic)

    def holds(text: str) -> int:
        return len(wanted & _stems(text))

    evidence = []
    for number, passage in enumerate(passages, start=1):
        spans = sentence_spans(passage.text)
        start, end = max(spans, key=lambda span: holds(passage.text[slice(*span)]))
        evidence.append(Evidence(number, start, end, 1.0))
    return Reading(tuple(evidence), None, 1.0, lead=lead)


def _stems(text: str) -> set[str]:
    return {word.removesuffix("s")[:_STEM] for word in content_words(text)}


def those_about(topic: str, names: Sequence[str], count: int) -> str:
    """A sentence that says which of `count` documents were found about `topic`."""
    found = "one was" if len(names) == 1 else f"{len(names)} were"
    return f"Of {count} documents, {found} found about {topic}: {', '.join(names)}."


def catalogue(names: Sequence[str], count: int, shown: int) -> str:
    """What says how many documents there are, the first of their names, and how many of them
    are `shown`, where that is not all."""
    if count == 1:
        return f"There is one document: {names[0]}."
    listed = names[:LISTED]
    begun = f" This is how {shown} of them begin:" if 0 < shown < count else ""
    if len(listed) < count:
        return f"There are {count} documents, among them {', '.join(listed)}.{begun}"
    return f"There are {count} documents: {', '.join(listed[:-1])} and {listed[-1]}.{begun}"


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
