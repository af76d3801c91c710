"""What a question turns into: passages, citations, an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from index.document import MetadataValue

Verdict = Literal["answered", "unsure", "unanswered"]
"""What an answer is worth: it answers; it may answer, and says so; or the documents don't tell."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation; `role` is "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where else a passage stands: another uri of its document, or a near-identical passage of
    another one. It begins at `start` there; two at one place are the same."""

    document_id: str
    uri: str
    title: str
    page: int | None
    location: str = ""
    start: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as found. `start` and `end` are offsets in the document's text. `score` is in [0, 1],
    fused from `cosine` (in [-1, 1]) and `lexical` (in [0, 1]); higher is better for all three.
    `rank` counts from 1. `location` is the place in the file that holds `start`, such as "slide 3";
    "" where the format has none. `also_in` are the other sources of what it says."""

    chunk_id: int
    document_id: str
    uri: str
    title: str
    heading: str
    page: int | None
    start: int
    end: int
    text: str
    score: float
    rank: int
    cosine: float
    lexical: float
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    location: str = ""
    also_in: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a document: `document.text[start:end] == text`, as it was checked."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A proof: `document.text[start:end] == quote` was checked against the store. `support` is in
    [0, 1]: how well the quote bears out the words that cite it, higher is better. `location` is the
    place in the file that holds `start`, as a passage's; `also_in` are the other sources whose text
    holds the quote, word for word. `attributed` tells that Footnote found it for a sentence that
    was written without one that stands; `superseded` that a later edition says otherwise.
    `column_heads` is the first row of the table that the quote is a row of, where the row itself
    doesn't name its columns."""

    number: int
    document_id: str
    uri: str
    title: str
    page: int | None
    start: int
    end: int
    quote: str
    support: float
    location: str = ""
    also_in: tuple[Source, ...] = ()
    attributed: bool = False
    superseded: bool = False
    column_heads: Stretch | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer. `text` is as it stands there, markers included, and `citations` are
    the numbers of those that bear it out. `support` is in [0, 1], higher is better: how well they
    do; `supported` tells whether that is enough."""

    text: str
    citations: tuple[int, ...]
    support: float
    supported: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` carries a marker `[n]` for each citation, and `sentences` are all that it claims, in
    order. `confidence` is the calibrated probability that the answer is right: from
    `min_confidence` on the `verdict` is "answered"; from `min_unsure` on it is "unsure", and `text`
    begins by saying so before it shows the best evidence, or ends by saying so where a language
    model wrote it; below, it is "unanswered", and there is no citation. `question` is the
    standalone question that was retrieved for; `timings` are in milliseconds. `withheld` counts the
    citations that failed verification and were taken out, `removed` the markers that named no
    passage. `replaced_by` says what stands in place of a generated answer that nothing supported:
    "reader", "abstention", or None where nothing was replaced. `written` is what a language model
    read and wrote for it, None where none did, or none says. `contradictions` are the numbers of
    two citations each that say otherwise than one another, where neither is `superseded`. Where the
    confidence is not `calibrated`, it is the opinion of a reader of the user's own."""

    text: str
    short: str | None
    verdict: Verdict
    confidence: float
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    question: str
    model: str
    timings: Mapping[str, float]
    withheld: int = 0
    sentences: tuple[Sentence, ...] = ()
    removed: int = 0
    replaced_by: Literal["reader", "abstention"] | None = None
    written: Written | None = None
    contradictions: tuple[tuple[int, int], ...] = ()
    calibrated: bool = True

    @property
    def answered(self) -> bool:
        """Whether the verdict is "answered"."""
        return self.verdict == "answered"


@dataclass(frozen=True, slots=True)
class Written:
    """What a model read and wrote, in tokens of its own, None where its server doesn't say; and
    whether it was cut off by the most tokens that it may write."""

    prompt_tokens: int | None
    completion_tokens: int | None
    cut: bool
