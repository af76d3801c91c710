"""The store in a folder: an SQLite file that is the truth, and views of it to search in."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np

from index.filter import Condition
from index.records import Candidate, Scored, ViewState
from index.sqlite.allowed import Allowed
from index.sqlite.catalog import Catalog
from index.sqlite.check import problems_of
from index.sqlite.question_lock import QuestionLock
from index.sqlite.reclaim import compact, reclaimable
from index.sqlite.replica import Outrun
from index.sqlite.snapshot import Snapshot
from index.sqlite.vector_view import View
from index.sqlite.word_view import FullText
from index.sqlite.writer import Writer
from index.store import QuestionVector, Select
from index.text.lexical_share import lexical_shares


class SqliteStore:
    """A `Store`. Opening raises `StoreMissing` when there is none in `folder` and `create` is
    false, `StoreMismatch` when the file is of another kind or format, and `StoreUnusable`."""

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        self.folder = folder
        self.precedence = QuestionLock(folder)
        self._catalog = Catalog(folder, create)
        self._words = FullText(folder, self.read)
        self._allowed = Allowed()
        self._vectors: View | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return f"the store in '{self.folder}'"

    def read(self) -> AbstractContextManager[Snapshot]:
        return self._catalog.read()

    def write(self) -> AbstractContextManager[Writer]:
        return self._catalog.write()

    def find(
        self,
        question: str,
        vector: QuestionVector,
        depth: int,
        conditions: Sequence[Condition],
        select: Select,
    ) -> list[Candidate]:
        while True:
            try:
                return self._find(question, vector, depth, conditions, select)
            except Outrun:
                continue

    def _find(
        self,
        question: str,
        vector: QuestionVector,
        depth: int,
        conditions: Sequence[Condition],
        select: Select,
    ) -> list[Candidate]:
        with self.read() as snapshot:
            allowed = self._allowed.among(snapshot, conditions)
            identity = snapshot.identity()
            if identity is None:
                return []
            # Words first: the question may still be embedded, on another core.
            bm25 = self._words.search(snapshot, question, depth, allowed)
            if bm25 is None:
                bm25 = snapshot.lexical(question, depth, conditions)
            query, view = vector(identity), self._view(identity.dim)
            scores, ids = view.search(snapshot, query, depth, allowed)
            cosines = dict(zip(ids.tolist(), scores.tolist(), strict=True))
            for chunk_id, blob in snapshot.vectors([i for i in bm25 if i not in cosines]).items():
                cosines[chunk_id] = float(np.frombuffer(blob, dtype=np.float32) @ query)
            lexical = lexical_shares(bm25, question, len(view))
            chosen = select([Scored(i, cosines[i], lexical.get(i, 0.0)) for i in sorted(cosines)])
            rows = snapshot.rows([each.chunk_id for each in chosen])
        return [
            Candidate(rows[each.chunk_id], each.cosine, each.lexical)
            for each in chosen
            if each.chunk_id in rows
        ]

    def view_state(self) -> ViewState | None:
        with self.read() as snapshot:
            identity = snapshot.identity()
            return self._view(identity.dim).state(snapshot) if identity else None

    def check(self) -> list[str]:
        problems = problems_of(self._catalog, self._view, self._words)
        return [*problems, self._words.problem] if self._words.problem else problems

    def size(self) -> int:
        return sum(each.stat().st_size for each in self.folder.rglob("*") if each.is_file())

    def reclaimable(self) -> int:
        return reclaimable(self._catalog, self._words)

    def compact(self) -> None:
        """Gives back what `reclaimable` counts; see `reclaim.py`. Raises `StoreBusy` and
        `StoreUnusable`."""
        compact(self._catalog, self._words)

    def close(self) -> None:
        """Gives up what is being built in the background."""
        if self._vectors is not None:
            self._vectors.close()
        self._words.close()
        self._catalog.close()

    def _view(self, dim: int) -> View:
        """Made when it is first needed: a store knows how long its vectors are once it holds
        some."""
        with self._lock:
            if self._vectors is None:
                self._vectors = View(self.folder, dim, self.read)
            return self._vectors
