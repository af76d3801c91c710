"""The index: documents go in, passages are found. The one noun that everything else uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.document import Document
from index.embed.embedder import Embedder
from index.filter import Condition, parse_filter
from index.inference.session import cores
from index.ingest.builder import Builder
from index.ingest.pipeline import Progress, add
from index.ingest.precedence import Deferring, Precedence
from index.records import Added, Counts, Row, Stored
from index.sqlite.catalog import Catalog
from index.sqlite.check import problems_of
from index.sqlite.vector_view import Outrun, View, ViewState
from index.sqlite.word_view import FullText
from index.sync.result import Synced
from index.text.chunk import Chunking
from index.text.typos import respelt, typable, uninflected
from index.versions import CUTTING


@dataclass(frozen=True, slots=True)
class Scored:
    """A chunk that may answer. `cosine` is in [-1, 1] and exact; `bm25` is at least 0, and 0 when
    the chunk is not among the best lexical ones. Higher is better for both."""

    chunk_id: int
    cosine: float
    bm25: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that may answer, read: see `Scored`."""

    row: Row
    cosine: float
    bm25: float


Select = Callable[[Sequence[Scored], int], Sequence[Scored]]
"""Which chunks are to be read, in this order, given those and how many the store holds."""


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
        self.precedence = Precedence(folder)
        self._catalog = Catalog(folder, create)
        self._full_text = FullText(folder, self._catalog.read)
        self._embedding = ThreadPoolExecutor(cores(), thread_name_prefix="question")
        with self._catalog.read() as snapshot:
            self._builder.require_same(snapshot)

    def add(
        self, documents: Iterable[Document], progress: Progress = lambda done, total: None
    ) -> Iterator[Added]:
        """Stores `documents`, one result each, in order; a document is in the store for good when
        its result is yielded. One whose uri and sha256 are stored already is left as it is; one
        whose uri is stored with another sha256 takes its place; one whose content is stored under
        another uri is not stored again, but found by both.

        Raises `StoreMismatch` and `StoreBusy`.
        """
        return add(self._catalog, self._builder, documents, progress)

    def remove(self, id_or_uri: str) -> str:
        """Takes a document out of full text, vectors and answers at once; the id it had. Given a
        uri, a document that has others too only loses this one.

        Raises `UnknownDocument` and `StoreBusy`.
        """
        with self._catalog.write() as writer:
            found = writer.find(id_or_uri)
            if found == id_or_uri:
                writer.drop(found)
            else:
                writer.drop_name(id_or_uri)
        return found

    def sync(
        self,
        folder: Path,
        *,
        full: bool = False,
        allow_empty: bool = False,
        settled: float = 0.0,
        progress: Progress = lambda done, total: None,
    ) -> Synced:
        """Brings the store in step with `folder`: adds what is new, replaces what changed, removes
        what is gone, and keeps what moved without embedding it again.

        Only files whose size or times changed are read, unless `full`. A file that cannot be read
        any more keeps what is stored of it. Files changed in the last `settled` seconds are left
        for the next time. Raises `UnreadableFile` when the folder is out of reach, or when nothing
        is left in it and not `allow_empty`; then nothing is changed.
        """
        from index.sync.sync import sync

        return sync(self._catalog, self.add, folder, full, allow_empty, settled, progress)

    def aliases(self, document_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The further uris of those documents that were found at more than one, by id."""
        with self._catalog.read() as snapshot:
            return snapshot.aliases(document_ids)

    def find(self, id_or_uri: str) -> str:
        """The id of a document given its id or uri. Raises `UnknownDocument`."""
        with self._catalog.read() as snapshot:
            return snapshot.find(id_or_uri)

    def members(self, archive: str) -> list[str]:
        """The uris of what came from the archive with this uri, further names of documents among
        them."""
        with self._catalog.read() as snapshot:
            return snapshot.members(archive)

    def locations(self, places: Sequence[tuple[str, int]]) -> list[str]:
        """The location of each (document id, offset), such as "p. 12" or "sheet Costs, row 7"; ""
        where the document has none there, or is gone."""
        with self._catalog.read() as snapshot:
            return snapshot.locations(places)

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

    def corrected(self, question: str) -> str:
        """`question` with its words that neither the store holds nor the language has, as far as
        the embedder knows it, as the store spells them, where they are but an edit or two away.
        Words with digits and short words stay."""
        unknown = [word for word in typable(question) if not self._in_language(word)]
        if not unknown:
            return question
        with self._catalog.read() as snapshot:
            spelling = snapshot.spelling
            missing = [word for word in unknown if not spelling.holds(word)]
            return respelt(question, {word: spelling.nearest(word) for word in missing})

    def _in_language(self, word: str) -> bool:
        """Whether the embedder has one token for `word`, or for what it is an inflection of."""
        return 1 in self.embedder.count_tokens([word, *uninflected(word)])

    def candidates(
        self,
        question: str,
        depth: int,
        filter: Mapping[str, object] | None = None,
        select: Select = lambda scored, chunks: scored,
    ) -> list[Candidate]:
        """The union of the `depth` chunks nearest to `question` in meaning and the `depth` best
        by its words, of documents that meet `filter`, in order of id; or what `select` takes of
        them, for texts are read only then.

        Raises `InvalidFilter` (see `parse_filter` for its form).
        """
        conditions = parse_filter(filter)
        embedded = self._embedding.submit(self.embedder.queries, [question])
        while True:
            try:
                return self._candidates(question, embedded, depth, conditions, select)
            except Outrun:
                continue

    def _candidates(
        self,
        question: str,
        embedded: Future[NDArray[np.float32]],
        depth: int,
        conditions: Sequence[Condition],
        select: Select,
    ) -> list[Candidate]:
        with self._catalog.read() as snapshot:
            if snapshot.identity() is None:
                return []
            allowed = snapshot.matching(conditions) if conditions else None
            # Words are looked up on one core while the question is embedded on another.
            bm25 = self._full_text.search(snapshot, question, depth, allowed)
            if bm25 is None:
                bm25 = snapshot.lexical(question, depth, conditions)
            vector = embedded.result()[0]
            self._builder.require_same(snapshot, loaded=True)
            scores, ids = self._view.search(snapshot, vector, depth, allowed)
            cosines = dict(zip(ids.tolist(), scores.tolist(), strict=True))
            for chunk_id, blob in snapshot.vectors([i for i in bm25 if i not in cosines]).items():
                cosines[chunk_id] = float(np.frombuffer(blob, dtype=np.float32) @ vector)
            scored = [Scored(i, cosines[i], bm25.get(i, 0.0)) for i in sorted(cosines)]
            chosen = select(scored, len(self._view))
            rows = snapshot.rows([each.chunk_id for each in chosen])
        return [
            Candidate(rows[each.chunk_id], each.cosine, each.bm25)
            for each in chosen
            if each.chunk_id in rows
        ]

    def openings(self, limit: int, filter: Mapping[str, object] | None = None) -> list[Candidate]:
        """The first chunk of each of the first `limit` documents that meet `filter`, in the order
        in which they were added; compared with no question, so both scores are 0.

        Raises `InvalidFilter`.
        """
        conditions = parse_filter(filter)
        with self._catalog.read() as snapshot:
            self._builder.require_same(snapshot)
            ids = snapshot.openings(limit, conditions)
            rows = snapshot.rows(ids)
        return [Candidate(rows[i], 0.0, 0.0) for i in ids]

    def check(self) -> list[str]:
        """What is wrong with the store, one line each; nothing when it is sound."""
        problems = problems_of(self._catalog, lambda: self._view)
        return [*problems, self._full_text.problem] if self._full_text.problem else problems

    def advice(self) -> list[str]:
        """What another version of Footnote made otherwise than this one would, one line each with
        what mends it; the store is sound with it."""
        with self._catalog.read() as snapshot:
            outdated, identity = snapshot.readings.outdated(), snapshot.identity()
        lines = []
        if outdated:
            lines.append(
                f"{outdated} documents were read by another version of Footnote; `footnote sync` "
                "of their folders reads them anew, and so does adding the files again"
            )
        if identity and identity.cutting != CUTTING:
            lines.append(
                "the chunks were made by another version of Footnote; `footnote reindex` makes "
                "them anew"
            )
        return lines

    def warm_up(self) -> None:
        """Loads the embedder and the vectors, so that the first question is as fast as the next."""
        self.candidates("warm-up", 1)

    def view_state(self) -> ViewState | None:
        """Which index the vectors are searched with; None in a store that has never held any."""
        with self._catalog.read() as snapshot:
            return self._view.state(snapshot) if snapshot.identity() else None

    def close(self) -> None:
        self._embedding.shutdown()
        if "_view" in self.__dict__:
            self._view.close()
        self._full_text.close()
        self._catalog.close()

    @cached_property
    def _view(self) -> View:
        """Only for a store that holds something: its vectors say how long they are."""
        with self._catalog.read() as snapshot:
            identity = snapshot.identity() or self._builder.identity
        return View(self.folder, identity.dim, self._catalog.read)

    @property
    def _builder(self) -> Builder:
        return Builder(self.folder, Deferring(self.embedder, self.precedence), self.chunking)
