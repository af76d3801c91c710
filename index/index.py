"""The index: documents go in, passages are found. The one noun that everything else uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.catalog import Catalog
from index.check import problems_of
from index.chunk import Chunking, chunk
from index.document import Chunk, Document
from index.embed import Embedder
from index.errors import StoreMismatch, StoreMissing
from index.filter import Condition, parse_filter
from index.records import Counts, Identity, Row, Stored
from index.searched import embedded
from index.snapshot import Snapshot
from index.vectors import FaissVectors
from index.view import Outrun, View

_BATCH_CHUNKS = 256


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a document given to `Index.add`; `status` is "added", "replaced" or
    "unchanged"."""

    document_id: str
    uri: str
    title: str
    sha256: str
    chunks: int
    status: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that may answer. `cosine` is in [-1, 1] and exact; `bm25` is at least 0, and 0 when
    the chunk is not among the best lexical ones. Higher is better for both."""

    row: Row
    cosine: float
    bm25: float


@dataclass(frozen=True, slots=True)
class _Pending:
    """A document on its way in; `stored` counts its chunks when the store has it already."""

    document: Document
    chunks: tuple[Chunk, ...]
    stored: int | None


class Index:
    """The documents in a folder, and the passages in them.

    Adding, replacing and removing a document is one transaction each; a search sees the last
    committed state and never waits for a writer. Any number of processes may read, one writes at
    a time. Opening raises `StoreMissing` or `StoreMismatch`; the embedder loads on first use.
    """

    def __init__(
        self, folder: Path, embedder: Embedder, chunking: Chunking, *, create: bool = True
    ) -> None:
        self.folder = folder
        self.embedder = embedder
        self.chunking = chunking
        self._catalog = Catalog(folder, create)
        with self._catalog.read() as snapshot:
            self._require_same(snapshot)

    def add(self, documents: Iterable[Document]) -> Iterator[Added]:
        """Stores `documents`, one result each, in order; a document is in the store for good when
        its result is yielded. One whose id and sha256 are stored already is left as it is; one
        whose id is stored with another sha256 takes its place.

        Raises `StoreMismatch` and `StoreBusy`.
        """
        batch: list[_Pending] = []
        waiting = 0
        for document in documents:
            if any(document.id == pending.document.id for pending in batch):
                yield from self._store(batch)
                batch, waiting = [], 0
            pending = self._prepared(document)
            batch.append(pending)
            waiting += len(pending.chunks)
            if waiting >= _BATCH_CHUNKS or len(batch) >= _BATCH_CHUNKS:
                yield from self._store(batch)
                batch, waiting = [], 0
        yield from self._store(batch)

    def _prepared(self, document: Document) -> _Pending:
        with self._catalog.read() as snapshot:
            self._require_same(snapshot)
            if snapshot.sha256(document.id) == document.sha256:
                return _Pending(document, (), snapshot.count_chunks(document.id))
        chunks = chunk(document, self.embedder.count_tokens, fitted(self.chunking, self.embedder))
        return _Pending(document, tuple(chunks), None)

    def _store(self, batch: Sequence[_Pending]) -> Iterator[Added]:
        """Stores what is new of `batch` in one transaction, then gives the results of all."""
        new = [(pending.document, pending.chunks) for pending in batch if pending.stored is None]
        statuses = self._write(new) if new else {}
        for pending in batch:
            document = pending.document
            count = len(pending.chunks) if pending.stored is None else pending.stored
            status = statuses.get(document.id, "unchanged")
            yield Added(document.id, document.uri, document.title, document.sha256, count, status)

    def _write(self, batch: Sequence[tuple[Document, Sequence[Chunk]]]) -> dict[str, str]:
        """What became of each document, by id."""
        vectors = embed_chunks(self.embedder, batch)
        statuses = {}
        with self._catalog.write() as writer:
            self._require_same(writer, loaded=True)
            if writer.identity() is None:
                writer.set_identity(self._identity)
            for document, chunks in batch:
                known = writer.sha256(document.id) is not None
                statuses[document.id] = "replaced" if known else "added"
                writer.put(document, chunks, vectors[: len(chunks)])
                vectors = vectors[len(chunks) :]
        return statuses

    def remove(self, document_id: str) -> None:
        """Takes a document out of full text, vectors and answers at once.

        Raises `UnknownDocument` and `StoreBusy`.
        """
        with self._catalog.write() as writer:
            writer.drop(writer.find(document_id))

    def find(self, id_or_uri: str) -> str:
        """The id of a document given its id or uri. Raises `UnknownDocument`."""
        with self._catalog.read() as snapshot:
            return snapshot.find(id_or_uri)

    def members(self, archive: str) -> list[tuple[str, str]]:
        """(id, uri) of each document that is a member of the archive with this uri."""
        with self._catalog.read() as snapshot:
            return snapshot.members(archive)

    def locations(self, places: Sequence[tuple[str, int]]) -> list[str]:
        """The location of each (document id, offset), such as "p. 12" or "sheet Costs, row 7"; ""
        where the document has none there, or is gone."""
        with self._catalog.read() as snapshot:
            return [snapshot.location(document_id, start) for document_id, start in places]

    def document(self, document_id: str) -> Document:
        """Raises `UnknownDocument`."""
        with self._catalog.read() as snapshot:
            return snapshot.document(document_id)

    def stored(self, document_id: str) -> Stored:
        """A document without its text. Raises `UnknownDocument`."""
        with self._catalog.read() as snapshot:
            return snapshot.stored(document_id)

    def documents(self, offset: int = 0, limit: int = 100) -> list[Stored]:
        """Documents in the order in which they were first added; a limit of -1 is no limit."""
        with self._catalog.read() as snapshot:
            return snapshot.documents(offset, limit)

    def counts(self) -> Counts:
        with self._catalog.read() as snapshot:
            return snapshot.counts()

    def candidates(
        self, question: str, depth: int, filter: Mapping[str, object] | None = None
    ) -> list[Candidate]:
        """The union of the `depth` chunks nearest to `question` in meaning and the `depth` best
        by its words, of documents that meet `filter`, in order of id.

        Raises `InvalidFilter` (see `parse_filter` for its form).
        """
        conditions = parse_filter(filter)
        vector = self.embedder.queries([question])[0]
        while True:
            try:
                return self._candidates(question, vector, depth, conditions)
            except Outrun:
                continue

    def _candidates(
        self,
        question: str,
        vector: NDArray[np.float32],
        depth: int,
        conditions: Sequence[Condition],
    ) -> list[Candidate]:
        with self._catalog.read() as snapshot:
            if snapshot.identity() is None:
                return []
            self._require_same(snapshot, loaded=True)
            allowed = snapshot.matching(conditions) if conditions else None
            scores, ids = self._view.search(snapshot, vector, depth, allowed)
            cosines = dict(zip(ids.tolist(), scores.tolist(), strict=True))
            bm25 = snapshot.lexical(question, depth, conditions)
            for chunk_id, blob in snapshot.vectors([i for i in bm25 if i not in cosines]).items():
                cosines[chunk_id] = float(np.frombuffer(blob, dtype=np.float32) @ vector)
            rows = snapshot.rows(sorted(cosines))
        return [Candidate(row, cosines[i], bm25.get(i, 0.0)) for i, row in sorted(rows.items())]

    def openings(self, limit: int, filter: Mapping[str, object] | None = None) -> list[Candidate]:
        """The first chunk of each of the first `limit` documents that meet `filter`, in the order
        in which they were added; compared with no question, so both scores are 0.

        Raises `InvalidFilter`.
        """
        conditions = parse_filter(filter)
        with self._catalog.read() as snapshot:
            self._require_same(snapshot)
            ids = snapshot.openings(limit, conditions)
            rows = snapshot.rows(ids)
        return [Candidate(rows[i], 0.0, 0.0) for i in ids]

    def check(self) -> list[str]:
        """What is wrong with the store, one line each; nothing when it is sound."""
        return problems_of(self._catalog, lambda: self._view)

    def warm_up(self) -> None:
        """Loads the embedder and the vectors, so that the first question is as fast as the next."""
        self.candidates("warm-up", 1)

    def close(self) -> None:
        self._catalog.close()

    @cached_property
    def _view(self) -> View:
        """Only for a store that holds something: its vectors say how long they are."""
        with self._catalog.read() as snapshot:
            identity = snapshot.identity() or self._identity
        return View(FaissVectors(identity.dim))

    @cached_property
    def _identity(self) -> Identity:
        return identity_of(self.embedder, self.chunking)

    def _require_same(self, snapshot: Snapshot, *, loaded: bool = False) -> None:
        """Refuses a store that another embedder or chunking built. Names are compared always, the
        number of dimensions only where the embedder is `loaded` anyway."""
        stored = snapshot.identity()
        if stored is None:
            return
        if stored.embedder != self.embedder.name:
            raise StoreMismatch(
                f"the store in '{self.folder}' was embedded with '{stored.embedder}', not "
                f"'{self.embedder.name}'; run `footnote reindex` to embed it anew, or set "
                "FOOTNOTE_EMBEDDER and FOOTNOTE_PRECISION back"
            )
        if loaded and stored.dim != self.embedder.dim:
            raise StoreMismatch(
                f"the store in '{self.folder}' has vectors of {stored.dim} numbers, "
                f"'{self.embedder.name}' now makes {self.embedder.dim}; run `footnote reindex`"
            )
        if (stored.chunk_tokens, stored.chunk_overlap) != (
            self.chunking.max_tokens,
            self.chunking.overlap,
        ):
            raise StoreMismatch(
                f"the store in '{self.folder}' was cut into chunks of {stored.chunk_tokens} tokens "
                f"with an overlap of {stored.chunk_overlap}, not {self.chunking.max_tokens} with "
                f"{self.chunking.overlap}; run `footnote reindex` to cut it anew, or set "
                "FOOTNOTE_CHUNK_TOKENS and FOOTNOTE_CHUNK_OVERLAP back"
            )


def stored_identity(folder: Path) -> Identity | None:
    """What built the store in `folder`; None when there is none, or it has never held anything.

    Raises `StoreMismatch` and `StoreUnusable`.
    """
    try:
        catalog = Catalog(folder, create=False)
    except StoreMissing:
        return None
    try:
        with catalog.read() as snapshot:
            return snapshot.identity()
    finally:
        catalog.close()


def fitted(chunking: Chunking, embedder: Embedder) -> Chunking:
    """`chunking` with no more tokens than `embedder` sees."""
    return Chunking(min(chunking.max_tokens, embedder.max_tokens), chunking.overlap)


def identity_of(embedder: Embedder, chunking: Chunking) -> Identity:
    return Identity(embedder.name, embedder.dim, chunking.max_tokens, chunking.overlap)


def embed_chunks(
    embedder: Embedder, batch: Sequence[tuple[Document, Sequence[Chunk]]]
) -> NDArray[np.float32]:
    """One vector for each chunk of each document, in order: [n, dim]."""
    return embedder.passages(
        [
            embedded(document.title, chunk.heading, document.text[chunk.start : chunk.end])
            for document, chunks in batch
            for chunk in chunks
        ]
    )
