"""The store in PostgreSQL: documents, chunks, vectors and full text in one database, for any number
of servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from index.filter import Condition
from index.generations import note_read, note_written
from index.postgres.address import Address
from index.postgres.check import problems_of
from index.postgres.connections import ANSWER_SECONDS, SCHEMA, Connection, Connections
from index.postgres.precedence import AdvisoryLock
from index.postgres.schema import prepare
from index.postgres.snapshot import Snapshot
from index.postgres.stems import Stems
from index.postgres.writer import Writer
from index.records import Candidate, Scored, ViewState
from index.store import QuestionVector, Select
from index.text.lexical_share import lexical_shares

_EXACT, _APPROXIMATE = 1e-5, 0.01  # cosines
_WRITING = 0x464E5457  # "FNTW"


class PostgresStore:
    """A `Store`. Opening raises `StoreMissing` when there is none at `address` and `create` is
    false, `StoreMismatch` when it is of another kind or format, `StoreUnusable` when the server
    does not answer or cannot hold one, and `NotInstalled` without psycopg. `before_commit` is
    called at the end of every transaction that writes; what it raises undoes it."""

    folder = None

    def __init__(
        self, address: Address, *, create: bool = True, patience: float = ANSWER_SECONDS
    ) -> None:
        self.address = address
        self._connections = Connections(address, patience=patience)
        with self._connections.single() as db:
            prepare(db, str(address), create)
        self._stems = Stems()
        self.before_commit: Callable[[Connection], None] = lambda db: None
        self.precedence = AdvisoryLock(self._connections)

    @property
    def name(self) -> str:
        return f"the store at {self.address}"

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        with self.reading() as (snapshot, generation):
            note_read(generation)
            yield snapshot

    @contextmanager
    def reading(self) -> Iterator[tuple[Snapshot, int]]:
        """The last committed state and its generation, without noting that it was read."""
        with self._reading() as (db, generation):
            yield Snapshot(db, self._stems), generation

    @contextmanager
    def _reading(self) -> Iterator[tuple[Connection, int]]:
        with self._connections.pooled() as db:
            # The state is that of the first statement in it, and should be that of now.
            begun = db.execute(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT generation FROM totals"
            )
            begun.nextset()
            (generation,) = begun.fetchone()
            try:
                yield db, int(generation)
            finally:
                _end(db, "ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """Commits at the end, or changes nothing when an error is raised inside. One writes at a
        time, whatever the server: the next begins with what this one has committed."""
        with self._connections.pooled() as db:
            db.execute("BEGIN")
            try:
                db.execute("SELECT pg_advisory_xact_lock(%s)", (_WRITING,))
                writer = Writer(db, self._stems)
                yield writer
                generation = writer.finish()
                self.before_commit(db)
                db.execute("COMMIT")
                note_written(generation)
            except BaseException:
                _end(db, "ROLLBACK")
                raise

    def find(
        self,
        question: str,
        vector: QuestionVector,
        depth: int,
        conditions: Sequence[Condition],
        select: Select,
    ) -> list[Candidate]:
        with self.read() as snapshot:
            return found_in(snapshot, question, vector, depth, conditions, select)

    def view_state(self) -> ViewState | None:
        """How the server compares vectors; none of them are in this process's memory."""
        with self.read() as snapshot:
            identity = snapshot.identity()
            if identity is None:
                return None
            number = snapshot.counts().chunks
            if snapshot.vectors.has_index(identity.dim):
                return ViewState("pgvector HNSW", number, 0, _APPROXIMATE, False, "")
            return ViewState("pgvector, compared one by one", number, 0, _EXACT, False, "")

    def check(self) -> list[str]:
        with self._reading() as (db, _):
            return list(problems_of(db, Snapshot(db, self._stems), self._stems))

    def size(self) -> int:
        with self._reading() as (db, _):
            (size,) = db.execute(
                "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class "
                "WHERE relkind = 'r' AND relnamespace = to_regnamespace(%s)",
                (SCHEMA,),
            ).fetchone()
        return int(size)

    def reclaimable(self) -> int:
        """None: what is free in its tables the server uses again by itself."""
        return 0

    def close(self) -> None:
        self._connections.close()
        self._stems.close()


def found_in(
    snapshot: Snapshot,
    question: str,
    vector: QuestionVector,
    depth: int,
    conditions: Sequence[Condition],
    select: Select,
) -> list[Candidate]:
    """What `Store.find` finds, in this state."""
    snapshot.require_collections(conditions)
    identity = snapshot.identity()
    if identity is None:
        return []
    # Words first: the question may still be embedded, on another core.
    bm25 = snapshot.full_text.search(question, depth, conditions)
    query = vector(identity)
    cosines = snapshot.vectors.search(query, depth, conditions)
    cosines |= snapshot.vectors.cosines(query, [i for i in bm25 if i not in cosines])
    lexical = lexical_shares(bm25, question, snapshot.counts().chunks)
    chosen = select([Scored(i, cosines[i], lexical.get(i, 0.0)) for i in sorted(cosines)])
    rows = snapshot.rows([each.chunk_id for each in chosen])
    return [Candidate(rows[each.chunk_id], each.cosine, each.lexical) for each in chosen]


def _end(db: Connection, how: str) -> None:
    """Ends a transaction, unless the connection is gone and the transaction with it."""
    if not getattr(db, "closed", False):
        db.execute(how)
