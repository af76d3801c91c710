"""What goes over the wire, and the one place where inner records become JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, JsonValue

from api.access.caller import Via
from api.access.role import Role
from api.folders.standing import Standing
from api.inline import inline_type
from api.uploads import jobs
from index import records
from index.document import Document, MetadataValue
from rag import answer as inner

Name = Annotated[str, Field(min_length=1, max_length=1000)]
Metadata = dict[Name, str | bool | int | FiniteFloat]


CollectionName = Annotated[
    str,
    Field(
        max_length=1000,
        description="1 to 100 characters without /, * and ?",
        examples=["contracts"],
    ),
]
Places = Annotated[list[Name], Field(max_length=10_000)]


class Request(BaseModel):
    """A body that a client sends: nothing is coerced and no unknown field is passed over."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewDocument(Request):
    """A document given as text."""

    uri: Name = Field(description="its stable name; adding the same uri again replaces the text")
    title: str = Field(
        "", max_length=1000, description="its title; if empty, made of the text or the uri"
    )
    text: str = Field(min_length=1, description="the whole text")
    metadata: Metadata = Field({}, description="author, date (YYYY-MM-DD), …; can be filtered by")
    collection: CollectionName | None = Field(
        None, description="the collection to put it into, which is made where there is none"
    )


class Turn(Request):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=100_000)


Top = Annotated[int | None, Field(ge=1, le=100, description="how many passages to retrieve")]
Filter = Annotated[
    dict[str, JsonValue] | None,
    Field(
        description="keep documents whose metadata match every key: a value, a list of values, or "
        'a range {"from", "to"} (both inclusive, either may be left out); `document_id` and `uri` '
        'are keys too. `uri` takes {"prefix": "hr/"} (what lies in that folder; without the slash '
        'also what is called so) and {"glob": "hr/**/*.md"} (`*` and `?` stay within a part of the '
        "path, `**` crosses parts) as well, and `collection` the name of one, or a list of names"
    ),
]


class SearchRequest(Request):
    """What to look for."""

    query: str = Field(description="the words or the question to find passages for")
    k: Top = None
    filter: Filter = None


class NewCollection(Request):
    """A named set of documents."""

    name: CollectionName
    documents: Places = Field(
        [], description="ids or uris; an archive's uri means all that came from it"
    )
    folders: Places = Field(
        [], description='folders such as "hr/": whatever lies in them, now and later'
    )


class CollectionChange(Request):
    """What becomes of a collection, all or nothing; what is left out stays as it is."""

    name: CollectionName | None = Field(None, description="its name from now on")
    add: Places = Field([], description="ids or uris of documents to put in")
    remove: Places = Field([], description="ids or uris of documents to take out")
    add_folders: Places = Field([], description="folders whose documents are in it, also later")
    remove_folders: Places = Field([], description="folders that no longer feed it")


Rewrite = Annotated[
    bool,
    Field(
        description="find the question in the message, mend its spelling, and understand it in the "
        "light of `history`; if false it is asked exactly as written"
    ),
]


class AskRequest(Request):
    """A question, with the conversation that it follows on from."""

    question: str = Field(description="the question, in words")
    history: list[Turn] = Field([], max_length=200, description="earlier messages, oldest first")
    k: Top = None
    filter: Filter = None
    stream: bool = Field(False, description="answer with server-sent events")
    answerer: str | None = Field(None, description="who answers; the server's default if null")
    strict: bool | None = Field(
        None,
        description="leave out the sentences of a generated answer that nothing supports; the "
        "server's default if null",
    )
    rewrite: Rewrite = True


class Record(BaseModel):
    """A body that the server sends, read from an inner record of the same names."""

    model_config = ConfigDict(from_attributes=True)


class Added(Record):
    """What became of one added document."""

    id: str = Field(validation_alias="document_id")
    uri: str
    title: str
    sha256: str = Field(description="of the original bytes, hexadecimal")
    chunks: int
    status: Literal["added", "replaced", "unchanged", "pending", "restored"]
    note: str = Field("", description="what was left out of it, such as scanned pages")
    undo: str = Field(
        "",
        description="puts back what it has replaced, and all else that the same request did, by "
        "`POST /v1/undo/…`, for as long as `undo_minutes` says",
    )


class Failed(BaseModel):
    """A file that could not be added, and why."""

    uri: str
    detail: str


class Step(Record):
    """How far one document is: `done` of `total` pages are read, or chunks embedded."""

    uri: str
    doing: Literal["reading", "embedding"]
    done: int
    total: int


class Job(Record):
    """A large upload and what became of it. `total` and `done` count its files; `progress`, from 0
    to 1, moves within a file too, by pages and chunks. `documents` has what is stored as soon as it
    is."""

    id: str
    status: Literal["pending", "running", "done", "failed", "cancelled"] = Field(
        description="`failed` where none of its files could be added; `cancelled` keeps what was "
        "stored before"
    )
    total: int
    done: int
    progress: float
    documents: list[Added]
    errors: list[Failed]
    created_at: str = Field(description="ISO 8601, UTC")
    finished_at: str | None
    step: Step | None = Field(None, description="how far the present document is")

    @classmethod
    def of(cls, job: jobs.Job) -> Job:
        """The wire form of a job."""
        errors = [Failed(uri=uri, detail=detail) for uri, detail in job.errors]
        documents = [Added.model_validate(each) for each in job.documents]
        names = ("id", "status", "total", "done", "progress", "created_at", "finished_at")
        plain = {name: getattr(job, name) for name in names}
        step = Step.model_validate(job.step) if job.step else None
        return cls(documents=documents, errors=errors, step=step, **plain)


class JobList(BaseModel):
    """Jobs, the newest first."""

    jobs: list[Job]


class FollowedFolder(Record):
    """A folder that the server keeps the store in step with. `added` to `removed` count what was
    done since the server started, `failed` and `skipped` what could not be read and what is not
    read, as of the last sync; `errors` has the first of them."""

    folder: str
    status: Literal["waiting", "syncing", "following", "unreachable"] = Field(
        description="`following` while the store is as the folder is; `unreachable`, for the "
        "reason in `problem`, keeps what is stored"
    )
    problem: str
    share: float | None = Field(description="how much of the present sync is done, from 0 to 1")
    synced_at: str | None = Field(description="when the last sync ended; ISO 8601, UTC")
    documents: int = Field(description="that come from it")
    added: int
    replaced: int
    moved: int
    removed: int
    failed: int
    skipped: int
    errors: list[Failed]

    @classmethod
    def of(cls, stands: Standing) -> FollowedFolder:
        """The wire form of a folder."""
        errors = [Failed(uri=uri, detail=detail) for uri, detail in stands.errors]
        return cls.model_validate({**asdict(stands), "errors": errors})


class FolderList(BaseModel):
    """The folders, in the order of the settings."""

    folders: list[FollowedFolder]


class PendingDocuments(BaseModel):
    """The documents of a large upload, which are not added yet, and the job that adds them."""

    documents: list[Added]
    job: Job


class AddedDocuments(BaseModel):
    """The documents that were added, in order, and the files that were not."""

    documents: list[Added]
    errors: list[Failed] = []


class SomeDocuments(Request):
    """Documents that something is to be done with."""

    documents: Annotated[list[Name], Field(min_length=1, max_length=1000)] = Field(
        description="ids"
    )


class Removed(BaseModel):
    """Documents that are gone."""

    documents: list[str] = Field(description="their ids")
    undo: str | None = Field(
        description="puts them back by `POST /v1/undo/…`; null where nothing is kept"
    )


class Rereading(BaseModel):
    """Documents that are being read anew, and those that cannot be."""

    job: Job
    errors: list[Failed] = []


class PutBack(BaseModel):
    """Documents that are there again."""

    documents: list[Added]
    undo: str | None = Field(
        None, description="undoes this in turn, where something has made way for them"
    )


class Moved(Record):
    """A document that is found at another uri than before."""

    id: str = Field(validation_alias="document_id")
    before: str
    uri: str


class Synced(BaseModel):
    """What a sync did."""

    folder: str
    counts: dict[str, int]
    documents: list[Added]
    moved: list[Moved]
    removed: list[str]
    errors: list[Failed]
    skipped: list[Failed]


class SyncList(BaseModel):
    """What syncs of several folders did, in the order in which they were named."""

    folders: list[Synced]


class Stored(Record):
    """A document in the store."""

    id: str
    uri: str
    title: str
    sha256: str
    media_type: str
    metadata: Mapping[str, MetadataValue]
    aliases: list[str] = Field(description="further uris at which the same content was found")
    chunks: int
    characters: int = Field(description="length of the text in Unicode code points")
    added_at: str = Field(description="ISO 8601, UTC")
    page_count: int = Field(description="0 where the format has no pages")


class Heading(Record):
    """A heading in a document: a stretch of its text; `level` 1 is the outermost."""

    start: int
    end: int
    level: int


class DocumentDetails(Stored):
    """One document, with where its pages and headings are."""

    pages: list[int] = Field(description="offset of each page; empty where the format has none")
    page_labels: list[str] = Field(description='what each page is called: "p. 12", "slide 3"')
    headings: list[Heading]
    original: Literal["store", "folder"] | None = Field(
        description="where its file is: kept in the store, or in a synced folder, where it may "
        "have changed since; null where it is in neither"
    )
    pictures: bool = Field(description="whether its pages can be drawn")
    opens: bool = Field(description="whether a browser shows its file with `disposition=inline`")

    @classmethod
    def of(
        cls,
        stored: records.Stored,
        document: Document,
        original: Literal["store", "folder"] | None,
    ) -> DocumentDetails:
        """The wire form of a document, without its text."""
        return cls(
            **asdict(stored),
            pages=list(document.pages),
            page_labels=[document.location_at(start) for start in document.pages],
            headings=[Heading.model_validate(each) for each in document.headings],
            original=original,
            pictures=original is not None and stored.media_type == "application/pdf",
            opens=original is not None and inline_type(stored.media_type) is not None,
        )


class Rectangle(Record):
    """A stretch of a line, in fractions of the page's width and height from its upper left corner,
    as the page is seen."""

    left: float
    top: float
    right: float
    bottom: float


class MarkedPage(Record):
    """Where a stretch of text stands on a page. `rectangles` are in the order of the page's words;
    words beside each other on one line have one together."""

    page: int = Field(description="counted from 1")
    width: float = Field(description="of the page as it is seen, in points (1/72 inch)")
    height: float = Field(description="in points")
    found: float = Field(description="0 to 1: the share of the words that were found on the page")
    rectangles: list[Rectangle]


class Rectangles(BaseModel):
    """Where a stretch of a document's text stands on its pages."""

    pages: list[MarkedPage] = Field(description="those that the stretch reaches over, in order")


class DocumentPage(BaseModel):
    """A stretch of the list of documents."""

    documents: list[Stored]
    offset: int
    limit: int
    total: int = Field(description="how many the list has")
    next: str | None = Field(None, description="for `after`; null at the end")
    marks: list[str] | None = Field(
        None,
        description="for `after`, where they were asked for: after the mark number n, counted from "
        "1, come the documents from number n times `limit` on, counted from 0",
    )


class Folder(BaseModel):
    """A folder that documents lie in."""

    folder: str = Field(description='its whole path, with "/" at its end; for `in`')
    documents: int = Field(description="that are in it, at any depth")
    folders: int = Field(description="that lie directly in it")


class Tree(BaseModel):
    """The folders directly in one."""

    folder: str
    folders: list[Folder]


class Collection(Record):
    """A named set of documents: those that were put into it, and whatever lies in its folders."""

    name: str
    documents: int
    chunks: int
    folders: list[str] = Field(description="whatever lies in them is in it, also later")
    created_at: str = Field(description="ISO 8601, UTC")


class CollectionList(BaseModel):
    """The collections, in order of name."""

    collections: list[Collection]


Most = Annotated[int | None, Field(ge=0, lt=2**53, description="the most; null for no limit")]


class NewQuota(Request):
    """How much a collection may hold."""

    collection: str = Field(
        max_length=100, description="its name, or `*` for every one without a quota of its own"
    )
    documents: Most = None
    bytes: Most = Field(
        None,
        description="the most of kept files and, one a character, texts; null for no limit",
    )


class CollectionQuota(BaseModel):
    """How much a collection may hold, and holds."""

    collection: str = Field(description="its name; `*` is every one without a quota of its own")
    documents: int | None = Field(description="the most; null for no limit")
    bytes: int | None = Field(description="the most; null for no limit")
    held_documents: int
    held_bytes: int = Field(description="of kept files and, one for each character, of texts")


class QuotaList(BaseModel):
    """The quotas, in order of name."""

    quotas: list[CollectionQuota]


class Place(Record):
    """A part of the store that a question can be asked of, by its `filter`."""

    kind: Literal["collection", "folder", "document"]
    name: str
    uri: str = Field(description="that of a document; empty for others")
    documents: int
    filter: Mapping[str, JsonValue]


class PlaceList(BaseModel):
    """Collections, then folders, then documents."""

    places: list[Place]


class Source(Record):
    """Where else a passage stands: another uri of its document, or a near-identical passage."""

    document_id: str
    uri: str
    title: str
    page: int | None
    location: str


class Passage(Record):
    """A stretch of a document as found. `start` and `end` are offsets in its text, in Unicode code
    points; `score` is in [0, 1], higher is better; `rank` counts from 1."""

    chunk_id: int
    document_id: str
    uri: str
    title: str
    heading: str
    page: int | None
    location: str = Field(description='such as "p. 12", "slide 3", "sheet Costs, row 7"; or ""')
    start: int
    end: int
    text: str
    score: float
    rank: int
    metadata: Mapping[str, MetadataValue]
    also_in: list[Source] = Field(description="other sources of what it says")


class Passages(BaseModel):
    """What a search found, best first."""

    passages: list[Passage]
    note: Annotated[str, Field(description="why there are none, where there are none")] = ""


class Stretch(Record):
    """A stretch of a document: its `text[start:end]`, in Unicode code points."""

    start: int
    end: int
    text: str


class Citation(Record):
    """A verified footnote: `text[start:end]` of the document is `quote`, in Unicode code points."""

    number: int
    document_id: str
    uri: str
    title: str
    page: int | None
    location: str = Field(description='such as "p. 12", "slide 3", "sheet Costs, row 7"; or ""')
    start: int
    end: int
    quote: str
    support: float = Field(description="0 to 1: how well the quote supports its sentence")
    also_in: list[Source] = Field(description="other sources that hold the quote word for word")
    attributed: bool = Field(
        description="whether Footnote found it for a sentence that was written without one"
    )
    superseded: bool = Field(description="whether a later edition says otherwise")
    column_heads: Stretch | None = Field(
        None, description="the first row of the quote's table, where the quote is a row of one"
    )


class Sentence(Record):
    """A sentence of an answer: a stretch of `answer`, with its markers."""

    text: str
    citations: list[int] = Field(description="the numbers of those that bear it out")
    support: float = Field(description="0 to 1: how well they do")
    supported: bool = Field(description="whether that is enough")


class Answer(BaseModel):
    """An answer with a marker `[n]` for each citation."""

    answer: str
    short_answer: str | None = Field(description="the exact span, if there is one")
    verdict: inner.Verdict = Field(
        description="`unsure`: the best evidence is shown, and may not answer; `unanswered`: the "
        "documents do not answer the question"
    )
    answered: bool = Field(description="whether the verdict is `answered`")
    confidence: float = Field(description="calibrated probability that the answer is right")
    calibrated: bool = Field(
        description="whether it is; with a reader of one's own it is that model's opinion alone"
    )
    citations: list[Citation]
    sentences: list[Sentence] = Field(description="all that the answer claims, in order")
    contradictions: list[tuple[int, int]] = Field(
        description="the numbers of two citations each that say otherwise than one another"
    )
    removed_markers: int = Field(description="markers that named no passage")
    replaced_by: Literal["reader", "abstention"] | None = Field(
        description="what stands in place of a generated answer that nothing supported"
    )
    passages: list[Passage]
    question: str = Field(description="the standalone question that was retrieved for")
    model: str
    timings_ms: dict[str, float]

    @classmethod
    def of(cls, answer: inner.Answer) -> Answer:
        """The wire form of an inner answer."""
        return cls(
            answer=answer.text,
            short_answer=answer.short,
            verdict=answer.verdict,
            answered=answer.answered,
            confidence=answer.confidence,
            calibrated=answer.calibrated,
            citations=[Citation.model_validate(one) for one in answer.citations],
            sentences=[Sentence.model_validate(one) for one in answer.sentences],
            contradictions=list(answer.contradictions),
            removed_markers=answer.removed,
            replaced_by=answer.replaced_by,
            passages=[Passage.model_validate(one) for one in answer.passages],
            question=answer.question,
            model=answer.model,
            timings_ms=dict(answer.timings),
        )


class Ready(BaseModel):
    """The server takes questions."""

    status: Literal["ready"]


class Health(BaseModel):
    """The server is up, and what it holds."""

    status: Literal["ok"]
    documents: int | None = Field(description="null where the caller may not see all of them")
    chunks: int | None


class Whoami(Record):
    """Whose the key of a request is, or who is signed in, and what is open to them."""

    name: str = Field(description="of the key or person; `local` where the server asks for none")
    role: Role
    collections: list[str] | None = Field(description="that are open; null for everything")
    expires_at: str | None = Field(description="ISO 8601, UTC; null for never")
    needs_key: bool = Field(description="whether the server asks for keys, or people to sign in")
    via: Via = Field(
        description="how it is known who asks: a key, what a reverse proxy says, or a `session` of "
        "who signed in here"
    )
    csrf_token: str | None = Field(
        description="of a session: what `X-CSRF-Token` holds in each of its `POST` and `DELETE`; "
        "null where none is needed"
    )


class SignedOut(Record):
    """The session is over."""

    url: str | None = Field(
        description="where a browser signs out of the provider; null where none is known"
    )
