"""What goes into a store and comes out of it beside documents and chunks: small frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from index.document import Chunk, Document, MetadataValue

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = 8


@dataclass(frozen=True, slots=True)
class Identity:
    """What built the data: two stores whose identities differ cannot be mixed, but for `cutting`,
    the version in which the chunks were made when the store was last built as a whole."""

    embedder: str
    dim: int
    chunk_tokens: int
    chunk_overlap: int
    format: int = FORMAT
    cutting: int = 0


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a document given to `Index.add`; `status` is "added", "replaced",
    "unchanged", or "restored" by `Index.put_back`. `document_id` is another than that of `uri`
    where the same content is stored under another name already, or where the document that was
    first at this uri has moved away. `note` is what a person should know of its reading, such as
    pages that were left out; `undo` puts back what it has replaced, where that is kept."""

    document_id: str
    uri: str
    title: str
    sha256: str
    chunks: int
    status: str
    note: str = ""
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as listed: everything but its text. `added_at` is ISO 8601, UTC; `aliases` are
    the further uris at which the same content was found; `page_count` is 0 where the format
    has no pages."""

    id: str
    uri: str
    title: str
    sha256: str
    media_type: str
    metadata: Mapping[str, MetadataValue]
    aliases: tuple[str, ...]
    chunks: int
    characters: int
    added_at: str
    page_count: int = 0

    def as_added(self, uri: str, status: str) -> Added:
        """What to tell of it when it was given as the document at `uri`."""
        return Added(self.id, uri, self.title, self.sha256, self.chunks, status)


@dataclass(frozen=True, slots=True)
class Counts:
    documents: int
    chunks: int


Sort = Literal["stored", "name", "added", "size", "pages"]
Key = tuple[str | int, int]
"""Where a document stands in a list: what it is sorted by, and its number."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Which list of documents: sorted by when each was first stored, by its title (whatever its
    capitals and accents, numbers by what they count), by when its text was added, by how long that
    is, or by how many pages it has; those alike in the order in which they were first stored.
    `descending` turns all of it round. Every word of `text` is in the title of a document or in
    one of its uris, whatever the capitals and accents."""

    sort: Sort = "stored"
    descending: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A stretch of a list; the next one begins after `last`, which is None at the end."""

    documents: tuple[Stored, ...]
    last: Key | None


@dataclass(frozen=True, slots=True)
class Extent:
    """How many documents a list has, and where every so manieth of them stands: a stretch that
    begins after the key number n, counted from 1, begins with the document number n times so
    many, counted from 0."""

    total: int
    marks: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """A named set of documents: those that were put into it, and whatever lies in its `folders`,
    now and later, each of which ends with "/". `documents` and `chunks` count both;
    `created_at` is ISO 8601, UTC."""

    name: str
    documents: int
    chunks: int
    folders: tuple[str, ...]
    created_at: str

    def is_fed(self, document: Stored) -> bool:
        """Whether `document` lies in one of the folders, by any of its names."""
        return any(uri.startswith(self.folders) for uri in (document.uri, *document.aliases))


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the store that a question can be asked of. `kind` is "collection", "folder" or
    "document"; `uri` that of a document, "" for others; `documents` counts those under `filter`."""

    kind: str
    name: str
    uri: str
    documents: int
    filter: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Row:
    """A chunk with what its document says of it."""

    chunk: Chunk
    text: str
    uri: str
    title: str
    page: int | None
    metadata: Mapping[str, MetadataValue]


@dataclass(frozen=True, slots=True)
class Scored:
    """A chunk that may answer. `cosine` is in [-1, 1] and exact. `lexical`, in [0, 1], is what its
    words are worth of the most that those of the question could be; 0 when the chunk is not among
    the best lexical ones. Higher is better for both, and both mean the same in every store."""

    chunk_id: int
    cosine: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that may answer, read: see `Scored`."""

    row: Row
    cosine: float
    lexical: float


@dataclass(frozen=True, slots=True)
class ViewState:
    """What the view consists of. `bytes_each` is what a chunk takes in memory, `tolerance` how far
    the cosine of a chunk found may be below that of one missed; `building` says that another index
    is being made in the background, `problem` why that failed, in one line."""

    index: str
    vectors: int
    bytes_each: int
    tolerance: float
    building: bool
    problem: str


@dataclass(frozen=True, slots=True)
class Copied:
    """A document with all that a store holds of it, for another store. `names` are its uris, oldest
    first, the one it is shown by among them; `added_at` is ISO 8601, UTC; `is_current` says that it
    was read as its kind is read now; `vectors` [len(chunks), dim] are unit."""

    document: Document
    names: tuple[str, ...]
    added_at: str
    is_current: bool
    chunks: tuple[Chunk, ...]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of the text of a document as it is stored now, which begins at `start`, and what a
    citation says of the document and of that place."""

    document_id: str
    uri: str
    title: str
    page: int | None
    location: str
    start: int
    text: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was when it was last read. `stamp` is its size and times then; `problem` says
    why it could not be read, and `unread` that it is of a kind that is not (or empty)."""

    uri: str
    stamp: str
    sha256: str
    problem: str = ""
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A file that was seen, and the document that its uri names now, if any. `is_current` says that
    it was read, or refused, as it would be now."""

    seen: Seen
    document_id: str | None
    sha256: str | None
    is_current: bool

    @property
    def is_stored(self) -> bool:
        """Whether the store holds just what was seen, as it would be read now."""
        return self.sha256 == self.seen.sha256 and self.is_current
