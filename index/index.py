"""The index: documents go in, passages are found. The one noun that everything else uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index.collections import Collections
from index.document import Document
from index.embed.embedder import Embedder
from index.extract.limits import PARSING, Parsing
from index.filter import collection_name, parse_filter
from index.inference.session import cores
from index.ingest.builder import Builder
from index.ingest.deferring import Deferring
from index.ingest.embedding import Embedding
from index.ingest.former import Undo, expire, put_back
from index.ingest.keeping import KEEPING, Keeping
from index.ingest.pipeline import add
from index.originals.cache import Cache
from index.progress import Progress, untold
from index.quotas import within_quotas
from index.records import (
    Added,
    Candidate,
    Counts,
    Excerpt,
    Identity,
    Stored,
)
from index.store import Select, Store
from index.sync.result import Synced
from index.text.chunk import Chunking
from index.text.typos import respelt, typable, uninflected
from index.versions import CUTTING

if TYPE_CHECKING:
    from index.load.sources import Loaded, Loading, Source
    from index.originals.original import Original
    from index.originals.views import Views


class Workers(Protocol):
    """Other processes that parse and embed what is added, on other machines too."""

    @property
    def load(self) -> Loading:
        """As `load_each`."""
        ...

    def embedding(self, embedder: Embedder) -> Embedding:
        """What embeds as `embedder` does, for one thread that stores."""
        ...


class Index:
    """The documents in a store, and the passages in them.

    Adding, replacing and removing a document is one transaction each; a search sees the last
    committed state and never waits for a writer. Any number of processes may read, one writes at
    a time. Raises `StoreMismatch` where another embedder or chunking built `store`, which `close`
    closes; the embedder loads on first use. `parsing` is what the files that are added to it may
    cost, and `workers`, if any, parse and embed them in place of this process.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        chunking: Chunking,
        keeping: Keeping = KEEPING,
        pictures_mb: int = 64,
        parsing: Parsing = PARSING,
    ) -> None:
        self.store = store
        self.parsing = parsing
        self.workers: Workers | None = None
        self._pictures = Cache(pictures_mb * 1_000_000)
        self.keeping = keeping
        self.embedder = embedder
        self.chunking = chunking
        self._embedding = ThreadPoolExecutor(cores(), thread_name_prefix="question")
        with store.read() as snapshot:
            self._builder.require_same(snapshot.identity())

    def over(self, store: Store) -> Index:
        """The same over another store; the two share the embedder and the pictures of pages."""
        other = Index(store, self.embedder, self.chunking, self.keeping, parsing=self.parsing)
        other._pictures = self._pictures
        return other

    def add(
        self,
        documents: Iterable[Document],
        progress: Progress = untold,
        collection: str | None = None,
        undo: Undo | None = None,
    ) -> Iterator[Added]:
        """Stores `documents`, one result each, in order; a document is in the store for good when
        its result is yielded, and `progress` is told of it as soon as it is, whatever `documents`
        is doing meanwhile. Ended early, as by Ctrl-C, it keeps what is
        stored by then. One whose uri and sha256 are stored already is left as it is; one whose uri
        is stored with another sha256 takes its place; one whose content is stored under another uri
        is not stored again, but found by both. The `original` of a document is kept as `keeping`
        says. All are put into `collection`, which is made where there is none, as they are stored.
        What they replace is kept as `undo`, where that is given.

        Raises `StoreMismatch`, `StoreBusy` and, before anything is stored, `InvalidCollection`.
        """
        if collection is not None:
            collection_name(collection)
        embedding = self.workers.embedding(self.embedder) if self.workers else None
        builder = replace(self._builder, undo=undo)
        return add(self.store, builder, documents, progress, collection, embedding)

    def load(self, sources: Iterable[Source], progress: Progress = untold) -> Iterator[Loaded]:
        """What is read of files, to be added; as `load_each`, by `workers` where there are some."""
        return self._loading(sources, self.parsing, progress)

    def remove(self, id_or_uri: str, undo: Undo | None = None) -> str:
        """Takes a document out of full text, vectors and answers at once; the id it had. Given a
        uri, a document that has others too only loses this one. It is kept as `undo`, where that is
        given.

        Raises `UnknownDocument` and `StoreBusy`.
        """
        (found,) = self.remove_all([id_or_uri], undo)
        return found

    def remove_all(self, names: Sequence[str], undo: Undo | None = None) -> list[str]:
        """`remove` of several in one transaction: all or, with an error, none."""
        with self.store.write() as writer:
            ids = [writer.find(name) for name in names]
            if undo:
                undo.keep(writer, dict.fromkeys(ids), replaced=False)
            for name in names:
                if writer.find(name) == name:  # raises where one before it was the same
                    writer.drop(name)
                else:
                    writer.drop_name(name)
        return ids

    def undo(self) -> Undo | None:
        """What a change that can be undone is given, as long as `keeping` says; None where that is
        no time at all."""
        return Undo.lasting(self.keeping.undo_minutes)

    def put_back(self, word: str) -> tuple[list[Added], str]:
        """Makes the documents that an `Undo` of this word has kept be there again, as they were,
        embedding nothing; all or none. What makes way for them can be put back by the second, which
        is "" where nothing did. Raises `UnknownUndo`, `NameTaken`, `CollectionFull` and
        `StoreBusy`."""
        minutes = max(self.keeping.undo_minutes, 1)
        again = Undo.lasting(minutes)
        assert again is not None
        with self.store.write() as writer, within_quotas(writer):
            back = put_back(writer, Undo(word, minutes), again)
            is_kept = bool(writer.former.of(again.word, ""))
        return back, again.word if is_kept else ""

    def doubt(self, document_ids: Iterable[str]) -> None:
        """Documents are to be read anew when their files come again, also where these are the
        same. Raises `UnknownDocument` and `StoreBusy`."""
        ids = list(document_ids)
        with self.store.write() as writer:
            for document_id in ids:
                writer.readings.doubt(writer.stored(document_id).id)

    def expire(self) -> None:
        """Throws away what has been kept of former documents for long enough."""
        expire(self.store)

    def sync(
        self,
        folder: Path,
        *,
        full: bool = False,
        allow_empty: bool = False,
        settled: float = 0.0,
        progress: Progress = untold,
        collection: str | None = None,
    ) -> Synced:
        """Brings the store in step with `folder`: adds what is new, replaces what changed, removes
        what is gone, and keeps what moved without embedding it again.

        Only files whose size or times changed are read, unless `full`. A file that cannot be read
        any more keeps what is stored of it. Files changed in the last `settled` seconds are left
        for the next time. The folder feeds `collection` from then on, which is made where
        there is none; what lies in it is in that, now and later. Raises `UnreadableFile` when the
        folder is out of reach, or when nothing is left in it and not `allow_empty`, and
        `InvalidCollection`; then nothing is changed.
        """
        from index.sync.sync import sync

        return sync(
            self.store,
            self.add,
            self._loading,
            folder,
            self.parsing,
            full,
            allow_empty,
            settled,
            progress,
            collection,
        )

    def import_lines(
        self,
        lines: Iterable[bytes],
        tell: Callable[[Added], None],
        refuse: Callable[[int, str], None],
        progress: Callable[[int, int], None] = lambda *_: None,
    ) -> None:
        """Puts in what `export_lines` gave, cut and embedded as this store is built. Documents keep
        their ids, names and times where nothing of them is there, and otherwise take the place of
        what has their names, as files that are added. `tell` is told of each that is stored for
        good, `refuse` the number of each line that is wrong and why. Cut short, the next one leaves
        what is stored as it is. Raises `UnreadableFile`, `StoreMismatch` and `StoreBusy`."""
        from index.ingest.importing import Importing

        Importing(self.store, self._builder, tell, refuse).run(lines, progress)

    def find(self, id_or_uri: str) -> str:
        """The id of a document given its id or uri. Raises `UnknownDocument`."""
        with self.store.read() as snapshot:
            return snapshot.find(id_or_uri)

    def called(self, name: str) -> list[str]:
        """The ids of the documents that have the title or the file name `name`, with the suffix or
        without it, in whichever capitals; in the order in which they were first added."""
        with self.store.read() as snapshot:
            return snapshot.called(name)

    def quote(self, document_id: str, start: int, end: int) -> Excerpt:
        """`text[start:end]` of a document, as it is stored now. Raises `UnknownDocument`."""
        with self.store.read() as snapshot:
            return snapshot.quote(document_id, start, end)

    def locate(self, document_id: str, text: str, start: int) -> Excerpt | None:
        """Where `text` stands in a document: at or after `start` first, else the first time; None
        where it is not in it. Raises `UnknownDocument`."""
        with self.store.read() as snapshot:
            return snapshot.locate(document_id, text, start)

    def document(self, document_id: str) -> Document:
        """Raises `UnknownDocument`."""
        with self.store.read() as snapshot:
            return snapshot.document(document_id)

    def stored(self, document_id: str) -> Stored:
        """A document without its text. Raises `UnknownDocument`."""
        with self.store.read() as snapshot:
            return snapshot.stored(document_id)

    def original(self, document_id: str) -> Original:
        """The file that a document was read from, opened. Raises `UnknownDocument` and
        `UnknownOriginal`."""
        from index.originals.original import open_original

        return open_original(self.store, document_id, self.parsing)

    @cached_property
    def views(self) -> Views:
        """The pages of PDF files, and where text stands on them."""
        from index.originals.views import Views

        return Views(self.store, self._pictures, self.parsing)

    def documents(
        self, offset: int = 0, limit: int = 100, filter: Mapping[str, object] | None = None
    ) -> list[Stored]:
        """Documents that meet `filter`, in the order in which they were first added; a limit of -1
        is no limit. Raises `InvalidFilter` and `UnknownCollection`."""
        conditions = parse_filter(filter)
        with self.store.read() as snapshot:
            return snapshot.documents(offset, limit, conditions)

    def counts(self, filter: Mapping[str, object] | None = None) -> Counts:
        """Of the documents that meet `filter`. Raises `InvalidFilter` and `UnknownCollection`."""
        conditions = parse_filter(filter)
        with self.store.read() as snapshot:
            return snapshot.counts(conditions)

    @property
    def collections(self) -> Collections:
        """The named sets of documents."""
        return Collections(self.store)

    def corrected(self, question: str) -> str:
        """`question` with its words that neither the store holds nor the language has, as far as
        the embedder knows it, as the store spells them, where they are but an edit or two away.
        Words with digits and short words stay."""
        unknown = [word for word in typable(question) if not self._in_language(word)]
        if not unknown:
            return question
        with self.store.read() as snapshot:
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
        select: Select = lambda scored: scored,
    ) -> list[Candidate]:
        """The union of the `depth` chunks nearest to `question` in meaning and the `depth` best
        by its words, of documents that meet `filter`, in order of id; or what `select` takes of
        them, for texts are read only then.

        Raises `InvalidFilter` (see `parse_filter` for its form) and `UnknownCollection`.
        """
        conditions = parse_filter(filter)
        embedded = self._embedding.submit(self.embedder.queries, [question])

        def vector(identity: Identity) -> NDArray[np.float32]:
            found: NDArray[np.float32] = embedded.result()[0]
            self._builder.require_same(identity, loaded=True)
            return found

        return self.store.find(question, vector, depth, conditions, select)

    def openings(self, limit: int, filter: Mapping[str, object] | None = None) -> list[Candidate]:
        """The first chunk of each of the first `limit` documents that meet `filter`, in the order
        in which they were added; compared with no question, so both scores are 0.

        Raises `InvalidFilter` and `UnknownCollection`.
        """
        conditions = parse_filter(filter)
        with self.store.read() as snapshot:
            self._builder.require_same(snapshot.identity())
            return [Candidate(row, 0.0, 0.0) for row in snapshot.openings(limit, conditions)]

    def check(self) -> list[str]:
        """What is wrong with the store, one line each; nothing when it is sound."""
        return self.store.check()

    def advice(self) -> list[str]:
        """What another version of Footnote made otherwise than this one would, one line each with
        what mends it, and what was not read; the store is sound with it."""
        with self.store.read() as snapshot:
            outdated, identity = snapshot.readings.outdated(), snapshot.identity()
            incomplete = snapshot.readings.incomplete()
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
        if incomplete:
            lines.append(
                f"{incomplete} documents were not read whole; `left_out` in what `footnote list "
                "--json` shows of each says what is missing"
            )
        return lines

    def warm_up(self) -> None:
        """Loads the embedder and the vectors, so that the first question is as fast as the next."""
        self.candidates("warm-up", 1)

    def close(self) -> None:
        self._embedding.shutdown()
        self.store.close()

    @property
    def _loading(self) -> Loading:
        if self.workers:
            return self.workers.load
        from index.load.sources import load_each

        return load_each

    @property
    def _builder(self) -> Builder:
        embedder = Deferring(self.embedder, self.store.precedence)
        return Builder(self.store.name, embedder, self.chunking, self.keeping)
