"""The words of a large catalog, searched by BM25 with tantivy in a folder beside it.

SQLite's FTS5 gives every row that has one of the words a rank, and takes seconds where common words
are in hundreds of thousands of rows; tantivy passes over those that cannot be among the best.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import FootnoteError
from index.sqlite.replica import Outrun, Stopped
from index.sqlite.saved_vectors import digests
from index.sqlite.snapshot import Snapshot
from index.sqlite.texts import Text
from index.sqlite.word_files import damaged_file
from index.text.content_words import content_words
from index.vectors.vector_store import Ids

FOLDER_NAME = "full-text"
LARGE = 5_000
"""From this many chunks on, FTS5 is the slower one."""

_FORMAT = 2
_MOST_AT_ONCE = 2_000  # chunks behind, that a search waits for
_HEAP_BYTES = 64 * 2**20  # of the writer; it needs 15 MB
_PROOFS = 64
_LONG = 10_000  # signs; of words that are longer still tantivy keeps none
_COMPARED = 2_000  # chunks, of which a check looks for every word
_FEW, _DEEPEST, _SPARE = 1_000, 10_000, 2  # see `_among_the_best`


@dataclass(frozen=True, slots=True)
class _Position:
    """The state of the catalog that the folder holds; `proofs` are digests of its last chunks."""

    store: str
    generation: int
    last_id: int
    proofs: dict[str, str]
    format: int = _FORMAT


class FullText:
    """A view of the texts: thrown away when it cannot be trusted, caught up by generation, and
    built in the background while FTS5 answers. Small catalogs are left to FTS5. May be used by
    many threads; of several processes, one writes and the others ask FTS5 as long."""

    def __init__(self, folder: Path, read: Callable[[], AbstractContextManager[Snapshot]]) -> None:
        self._folder = folder / FOLDER_NAME
        self._read = read
        self._lock = threading.Lock()
        self._index: Any = None
        self._analyzer: Any = None
        self._building: threading.Thread | None = None
        self._stop = threading.Event()
        self._trusted: tuple[str, int] | None = None  # (store, generation) found to follow
        self._damages = 0  # found while searching
        self.problem = ""

    @property
    def folder(self) -> Path:
        return self._folder

    def search(
        self, snapshot: Snapshot, question: str, limit: int, allowed: Ids | None = None
    ) -> dict[int, float] | None:
        """BM25 of the best `limit` chunks, of those `allowed`, that share a word with `question`,
        by id, best first, as `Snapshot.lexical`; None where that has to answer. Scores are FTS5's
        to within some percent: lengths are rounded, and 13,452 is as rare as its two numbers.

        Raises `Outrun` when what is searched is beyond `snapshot`."""
        if snapshot.last_chunk_id() < LARGE or self.problem:
            return None
        try:
            with self._lock:
                searcher = self._current(snapshot)
            if searcher is None:
                return None
            return self._found(searcher, question, limit, allowed)
        except BaseException as error:
            if not _is_of_damage(error):
                raise
            with self._lock:
                self._build_where_possible(anew=True)
            return None

    def check(self, snapshot: Snapshot) -> list[str]:
        """What differs from the texts in `snapshot`, one line; then it is made anew at once."""
        self.settle()
        if snapshot.last_chunk_id() < LARGE or not self._folder.is_dir():
            return []
        try:
            with self._lock:
                wrong = self._wrong(snapshot)
        except BaseException as error:
            if not _is_of_damage(error):
                raise
            wrong = str(error)
        if not wrong:
            return []
        self._index = None
        self._build(anew=True)
        return [f"the full-text view in '{self._folder}' was wrong ({wrong}); it was made anew"]

    def is_old(self, snapshot: Snapshot) -> bool:
        """Whether there is a folder that nobody will search: of another past, or of a catalog that
        has become small."""
        with self._lock:
            if self._building or not self._folder.is_dir():
                return False
            _, position = self._opened()
            small = snapshot.last_chunk_id() < LARGE
            return small or position is None or not self._follows(position, snapshot)

    def discard(self) -> None:
        """Takes the folder away, unless it is being written."""
        from filelock import FileLock, Timeout

        with suppress(Timeout), FileLock(f"{self._folder}.lock", timeout=0):
            self._index = None
            shutil.rmtree(self._folder, ignore_errors=True)

    def _wrong(self, snapshot: Snapshot) -> str:
        """What is wrong with it; "" where nothing is, or there is none to be trusted yet."""
        if name := damaged_file(self._folder):
            return f"{name} does not have the checksum that it was written with"
        searcher = self._current(snapshot)
        if searcher is None:
            return ""
        return self._differing(searcher, snapshot)

    def _differing(self, searcher: Any, snapshot: Snapshot) -> str:
        """How the chunks in it differ from those in `snapshot`, and of some of them the words."""
        import tantivy

        query = tantivy.Query
        stored = snapshot.chunk_ids()
        hits = searcher.search(query.all_query(), searcher.num_docs, count=False).hits
        held = np.sort(searcher.fast_field_values("id", [address for _, address in hits]))
        held = held[held > 0]  # without the mark
        if not np.array_equal(stored, held):
            missing, more = np.setdiff1d(stored, held), np.setdiff1d(held, stored)
            return f"it lacks {len(missing)} chunks and has {len(more)} that are gone"
        some = stored[np.linspace(0, len(stored) - 1, min(len(stored), _COMPARED)).astype(int)]
        for chunk_id, *parts in snapshot.texts.of(some.tolist()):
            stems = {*self._analyzer.analyze("\n".join(parts))}
            stems = {stem for stem in stems if len(stem) < _LONG}
            words = [query.term_query(self._index.schema, "text", stem) for stem in stems]
            one = query.term_query(self._index.schema, "id", chunk_id)
            every = query.boolean_query([(tantivy.Occur.Must, each) for each in (one, *words)])
            if not searcher.search(every, 1, count=False).hits:
                return f"it lacks words of chunk {chunk_id}"
        return ""

    def settle(self) -> None:
        """Waits until nothing is being built in the background."""
        if building := self._building:
            building.join()

    def close(self) -> None:
        """Gives up what is being built in the background."""
        self._stop.set()
        self.settle()

    def _current(self, snapshot: Snapshot) -> Any:
        """A searcher of what `snapshot` shows; None when there is none yet."""
        if self._building:
            return None
        searcher, position = self._opened()
        if position is None or not self._follows(position, snapshot):
            self._build_where_possible()
            return None
        if position.generation > snapshot.generation():
            raise Outrun
        if position.generation < snapshot.generation():
            if snapshot.last_chunk_id() - position.last_id > _MOST_AT_ONCE:
                self._build_where_possible()
                return None
            with suppress(ValueError):  # another process is writing
                self._write(snapshot, position)
            searcher, position = self._opened()
            if position is None or position.generation != snapshot.generation():
                return None
        return searcher

    def _opened(self) -> tuple[Any, _Position | None]:
        import tantivy

        try:
            if self._index is None:
                if not tantivy.Index.exists(str(self._folder)):
                    return None, None
                index = tantivy.Index.open(str(self._folder))
                self._analyzer = _analyzer()
                index.register_tokenizer("words", self._analyzer)
                self._index = index
            self._index.reload()
            searcher = self._index.searcher()
            query = tantivy.Query.term_query(self._index.schema, "id", 0)
            ((_, address),) = searcher.search(query, 1).hits
            position = _Position(**json.loads(searcher.doc(address)["position"][0]))
        except (OSError, ValueError, TypeError):  # damaged, or of another kind
            self._index = None
            return None, None
        return searcher, position if position.format == _FORMAT else None

    def _follows(self, position: _Position, snapshot: Snapshot) -> bool:
        """Whether the catalog is in the state of `position`, or one that came of it. A catalog that
        was put in the place of another, or restored from a copy, is not."""
        if position.store != snapshot.store_id() or position.generation < snapshot.pruned():
            return False
        if self._trusted == (position.store, position.generation):
            return True
        if position.generation > snapshot.generation():
            with self._read() as latest:
                return position.generation <= latest.generation()
        now = digests(snapshot, [int(number) for number in position.proofs])
        if any(position.proofs[number] != digest for number, digest in now.items()):
            return False
        self._trusted = position.store, position.generation
        return True

    def _build_where_possible(self, anew: bool = False) -> None:
        if anew:
            if self._damages:
                self.problem = (
                    f"the full text in '{self._folder}' was damaged twice; see to its disk"
                )
            self._damages += 1
            self._index = None
        if not (self.problem or self._building or self._stop.is_set()):
            # Not a daemon: a command that ends at once would never get a large store built.
            self._building = threading.Thread(
                target=self._build, args=(anew,), name="build-full-text"
            )
            self._building.start()

    def _build(self, anew: bool = False) -> None:
        """Catches up with the catalog, or makes all `anew`."""
        from filelock import FileLock, Timeout

        building = FileLock(f"{self._folder}.lock", timeout=0)
        try:
            with suppress(Stopped, Timeout), building, self._read() as snapshot:
                _, position = (None, None) if anew else self._opened()
                if position and not self._follows(position, snapshot):
                    position = None
                if position is None:
                    self._make()
                self._write(snapshot, position)
        except (OSError, ValueError, FootnoteError) as error:
            self.problem = f"the full text of '{self._folder}' could not be built: {error}"
        finally:
            self._building = None

    def _make(self) -> None:
        import tantivy

        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        schema = tantivy.SchemaBuilder()
        schema.add_integer_field("id", indexed=True, fast=True)
        schema.add_text_field("text", tokenizer_name="words")
        schema.add_text_field("position", stored=True, tokenizer_name="raw", index_option="basic")
        self._analyzer = _analyzer()
        self._index = tantivy.Index(schema.build(), path=str(self._folder))
        self._index.register_tokenizer("words", self._analyzer)

    def _write(self, snapshot: Snapshot, position: _Position | None) -> None:
        """Brings the folder from `position` to `snapshot`, in one commit."""
        import tantivy

        writer = self._index.writer(_HEAP_BYTES, 1)
        writer.garbage_collect_files()  # a killed process's would be in the way of their like
        since, last = (position.generation, position.last_id) if position else (0, 0)
        try:
            if position:
                for chunk_id in snapshot.removed_since(since).tolist():
                    writer.delete_documents_by_term("id", chunk_id)
                self._add(writer, snapshot.texts.retitled_since(since, last), replace=True)
            last = self._add(writer, snapshot.texts.after(last)) or last
            newest = range(max(last - _PROOFS, 0) + 1, last + 1)
            held = _Position(
                snapshot.store_id(), snapshot.generation(), last, digests(snapshot, list(newest))
            )
            writer.delete_documents_by_term("id", 0)
            mark = tantivy.Document(id=0, position=json.dumps(asdict(held)))
            writer.add_document(mark)
            writer.commit()
        except BaseException:
            writer.rollback()
            raise
        writer.wait_merging_threads()

    def _add(self, writer: Any, rows: Iterable[Text], replace: bool = False) -> int:
        """The last id of `rows`; 0 when there are none."""
        import tantivy

        last = 0
        for last, *parts in rows:
            if self._stop.is_set():
                raise Stopped
            if replace:
                writer.delete_documents_by_term("id", last)
            writer.add_document(tantivy.Document(id=last, text="\n".join(parts)))
        return last

    def _found(
        self, searcher: Any, question: str, limit: int, allowed: Ids | None
    ) -> dict[int, float]:
        import tantivy

        schema, query = self._index.schema, tantivy.Query
        words = []
        for word in content_words(question):
            stems = self._analyzer.analyze(word)
            if len(stems) == 1:
                words.append(query.term_query(schema, "text", stems[0]))
            elif stems:
                words.append(query.phrase_query(schema, "text", stems))
        wanted = query.boolean_query([(tantivy.Occur.Should, word) for word in words])
        if not words:
            return {}
        if allowed is not None:
            found = _among_the_best(searcher, wanted, limit, allowed)
            if found is not None:
                return found
            among = query.const_score_query(query.term_set_query(schema, "id", allowed.tolist()), 0)
            wanted = query.boolean_query(
                [(tantivy.Occur.Must, wanted), (tantivy.Occur.Must, among)]
            )
        return _hits(searcher, wanted, limit)


def _is_of_damage(error: BaseException) -> bool:
    """Whether tantivy could not read its files: where it panics, that is no `Exception`."""
    return isinstance(error, OSError | ValueError) or type(error).__name__ == "PanicException"


def _among_the_best(searcher: Any, query: Any, limit: int, allowed: Ids) -> dict[int, float] | None:
    """What `_hits` of those `allowed` would be, taken from the best of all, where so many are
    allowed that this is quicker than to look for each of them; None where it is not, or where the
    best of all hold too few of them."""
    depth = _SPARE * limit * searcher.num_docs // max(len(allowed), 1)
    if len(allowed) < _FEW or depth > _DEEPEST:
        return None
    best = _hits(searcher, query, depth)
    ids = np.fromiter(best, dtype=np.int64, count=len(best))
    found = ids[np.isin(ids, allowed, assume_unique=True)][:limit].tolist()
    if len(found) < limit and len(best) == depth:
        return None
    return {chunk_id: best[chunk_id] for chunk_id in found}


def _hits(searcher: Any, query: Any, limit: int) -> dict[int, float]:
    """The scores of the best `limit` chunks, by id, best first."""
    hits = searcher.search(query, limit, count=False).hits
    ids = searcher.fast_field_values("id", [address for _, address in hits])
    return {int(chunk_id): score for chunk_id, (score, _) in zip(ids, hits, strict=True)}


def _analyzer() -> Any:
    """Words as FTS5's `porter unicode61 remove_diacritics 2` has them, or nearly."""
    import tantivy

    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )
