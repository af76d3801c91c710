"""The lines of an exported store: JSON objects of one key each.

The first is `export`, the last `end`. Between them each `document` has its text and whatever its
file says of itself, and behind it the `original` in pieces, where that is kept; then come the
collections, settings and folders. There are no chunks and no vectors: whoever imports makes them.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata as distribution
from itertools import pairwise

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from index.collections import put_by_hand
from index.document import Document, Heading, MetadataValue
from index.errors import UnknownOriginal
from index.records import Seen
from index.store import ReadTransaction, Store
from index.versions import reading

FORMAT = 1
_PAGE = 500  # files of a folder
_PIECE_BYTES = 3 * 2**20


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, ser_json_inf_nan="constants")


class ExportPart(_Part):
    """What the file is; `documents` is how many it should hold."""

    format: int
    footnote: str
    made_at: str
    documents: int = Field(ge=0)


class DocumentPart(_Part):
    """A document. `names` are all its uris, oldest first; `reading` is the version in which it was
    read, see `versions.py`; places are offsets in `text`, in Unicode code points."""

    id: str = Field(pattern="^[0-9a-f]{16}$")
    uri: str = Field(min_length=1)
    names: list[str] = Field(min_length=1)
    title: str
    sha256: str = Field(min_length=1)
    media_type: str
    added_at: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
    reading: int = Field(ge=0)
    metadata: dict[str, MetadataValue]
    pages: list[int]
    headings: list[list[int]]
    locations: list[tuple[int, str]]
    text: str = Field(min_length=1)

    @model_validator(mode="after")
    def _agrees(self) -> DocumentPart:
        if self.uri not in self.names:
            raise ValueError("uri is not among the names")
        if "\0" in self.text:
            raise ValueError("the text holds a NUL")
        if any(len(each) != 3 for each in self.headings):
            raise ValueError("a heading is [start, end, level]")
        starts = [start for start, _ in self.locations]
        if any(b <= a for a, b in pairwise(starts)):
            raise ValueError("locations are not in order, or two are at one place")
        places = [*self.pages, *starts, *(place for each in self.headings for place in each[:2])]
        if any(not 0 <= place <= len(self.text) for place in places):
            raise ValueError("a page, location or heading lies outside the text")
        if self.pages != sorted(self.pages):
            raise ValueError("pages are not in order")
        return self

    @property
    def is_current(self) -> bool:
        return self.reading == reading(self.media_type)

    def document(self) -> Document:
        return Document(
            id=self.id,
            uri=self.uri,
            title=self.title,
            text=self.text,
            sha256=self.sha256,
            media_type=self.media_type,
            pages=tuple(self.pages),
            headings=tuple(Heading(*each) for each in self.headings),
            metadata=self.metadata,
            locations=tuple(self.locations),
        )


class OriginalPart(_Part):
    """Bytes of the file of the document before it, in base64; piece `part` of `of`, from 1."""

    sha256: str
    part: int = Field(ge=1)
    of: int = Field(ge=1)
    data: str


class CollectionPart(_Part):
    """`documents` are ids of those that lie in none of its folders."""

    name: str
    folders: list[str]
    documents: list[str]


class SettingPart(_Part):
    """Something that the store was told to keep."""

    name: str
    value: str


class FilePart(_Part):
    """See `Seen`."""

    uri: str
    stamp: str
    sha256: str
    problem: str = ""
    unread: bool = False

    def seen(self) -> Seen:
        return Seen(**self.model_dump())


class FolderPart(_Part):
    """A folder that is kept in step with the store, and files that were seen in it."""

    path: str
    name: str
    files: list[FilePart]


class EndPart(_Part):
    """Nothing follows; `documents` is how many there were."""

    documents: int


class Line(_Part):
    """A line: one of these."""

    export: ExportPart | None = None
    document: DocumentPart | None = None
    original: OriginalPart | None = None
    collection: CollectionPart | None = None
    setting: SettingPart | None = None
    folder: FolderPart | None = None
    end: EndPart | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Line:
        if len(self.model_fields_set) != 1:
            raise ValueError("a line has one key")
        return self


def read_line(line: bytes) -> Line:
    """Raises `ValueError`, which says in one line what is wrong."""
    try:
        return Line.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from None


def export_lines(store: Store, warn: Callable[[str], None]) -> Iterator[Line]:
    """The lines of all that `store` holds, of one committed state; `warn` is told of each original
    that is lost."""
    with store.read() as snapshot:
        number = snapshot.counts().documents
        made_at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        version = distribution.version("footnote")
        first = ExportPart(format=FORMAT, footnote=version, made_at=made_at, documents=number)
        yield Line(export=first)
        told = set[str]()
        for document_id in _ids(snapshot, number):
            each = _document(snapshot, document_id)
            yield Line(document=each)
            if each.sha256 not in told:
                told.add(each.sha256)
                try:
                    yield from _originals(snapshot, each.sha256)
                except UnknownOriginal as error:
                    warn(f"{each.uri}: {error}")
        yield from _others(snapshot)
        yield Line(end=EndPart(documents=number))


def _ids(snapshot: ReadTransaction, number: int) -> list[str]:
    """Of all `number` documents, in order, read once: a page at an offset costs what is before it,
    and a listing of all would hold their metadata in memory. "" is in every title."""
    return [id_ for id_, _, _ in snapshot.documents_like("", number)]


def _document(snapshot: ReadTransaction, document_id: str) -> DocumentPart:
    document = snapshot.document(document_id)
    names = [uri for id_, uri, _ in snapshot.twins(document.sha256) if id_ == document_id]
    current = snapshot.readings.is_current(document_id)
    return DocumentPart(
        id=document.id,
        uri=document.uri,
        names=names,
        title=document.title,
        sha256=document.sha256,
        media_type=document.media_type,
        added_at=snapshot.stored(document_id).added_at,
        reading=reading(document.media_type) if current else 0,
        metadata=dict(document.metadata),
        pages=list(document.pages),
        headings=[[each.start, each.end, each.level] for each in document.headings],
        locations=list(document.locations),
        text=document.text,
    )


def _originals(snapshot: ReadTransaction, sha256: str) -> Iterator[Line]:
    size = snapshot.originals.size(sha256)
    if size is None:
        return
    pieces = max(-(-size // _PIECE_BYTES), 1)
    with snapshot.originals.open(sha256) as file:
        for number in range(1, pieces + 1):
            data = base64.b64encode(file.read(_PIECE_BYTES)).decode()
            yield Line(original=OriginalPart(sha256=sha256, part=number, of=pieces, data=data))


def _others(snapshot: ReadTransaction) -> Iterator[Line]:
    for each in snapshot.collections.all():
        put = put_by_hand(snapshot, each)
        part = CollectionPart(name=each.name, folders=list(each.folders), documents=put)
        yield Line(collection=part)
    for name, value in snapshot.settings().items():
        yield Line(setting=SettingPart(name=name, value=value))
    for path in snapshot.folders.paths():
        known = [each.seen for each in snapshot.folders.known(path).values() if each.is_current]
        name = snapshot.folders.name(path) or path
        for start in range(0, max(len(known), 1), _PAGE):
            files = [FilePart(**asdict(seen)) for seen in known[start : start + _PAGE]]
            yield Line(folder=FolderPart(path=path, name=name, files=files))
