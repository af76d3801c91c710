"""Connections to PostgreSQL, and what its errors mean to a person."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, cast

from numpy import float32
from numpy.typing import NDArray

from index.errors import FootnoteError, StoreBusy, StoreUnusable
from index.extras import require
from index.postgres.address import Address

SCHEMA = "footnote"
BUSY_SECONDS = 30
ANSWER_SECONDS = 10
_MOST = 20  # connections of one process
# A server's own compiler takes longer than our queries; a host that is gone is noticed.
_SESSION = (
    "SET jit = off; SET client_min_messages = error; SET tcp_keepalives_idle = 30; "
    f"SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; "
    f"SET lock_timeout = '{BUSY_SECONDS}s'"
)


class Connection(Protocol):
    """A connection of psycopg, in autocommit mode."""

    def execute(
        self, query: str, params: Sequence[Any] | Mapping[str, Any] | None = ..., /
    ) -> Any: ...

    def cursor(self) -> Any: ...

    def transaction(self) -> Any: ...


class Vector:
    """A vector as PostgreSQL takes it: two bytes for its length, two for nothing, then floats."""

    def __init__(self, vector: NDArray[float32]) -> None:
        self.data = len(vector).to_bytes(2, "big") + b"\0\0" + vector.astype(">f4").tobytes()


class Connections:
    """The connections of one process to the database at `address`, `most` at once; for many
    threads, which wait at most `patience`, in seconds, for one.

    Raises `NotInstalled` without psycopg and, in every use, `StoreUnusable` where the server does
    not answer or the role may not do what is asked, and `StoreBusy` when others are in the way for
    over 30 s.
    """

    def __init__(
        self, address: Address, most: int = _MOST, patience: float = ANSWER_SECONDS
    ) -> None:
        require("postgres", "a store in PostgreSQL")
        from psycopg_pool import ConnectionPool

        self.address = address
        self._most = most
        self._patience = max(2, round(patience))  # libpq takes whole seconds, and no fewer
        self._closed = threading.Event()
        self._pool: Any = ConnectionPool(
            address.url,
            min_size=0,
            max_size=most,
            timeout=patience,
            reconnect_timeout=1,
            kwargs={"autocommit": True, "connect_timeout": self._patience},
            configure=_configure,
            check=ConnectionPool.check_connection,
            name=f"footnote-{address.key}",
            open=False,
        )
        self._finish = weakref.finalize(self, self._pool.close)

    @contextmanager
    def single(self) -> Iterator[Connection]:
        """A connection of its own, as the server gives it: for what is not known to be a store."""
        import psycopg

        with self._explaining():
            db = psycopg.connect(self.address.url, autocommit=True, connect_timeout=self._patience)
            try:
                yield cast(Connection, db)
            finally:
                db.close()

    @contextmanager
    def pooled(self) -> Iterator[Connection]:
        """One whose tables are those of the store."""
        from psycopg_pool import PoolTimeout

        with self._explaining():
            self._pool.open()
            try:
                db = self._pool.getconn()
            except PoolTimeout:
                with self.single():  # says why, where the server is the reason
                    pass
                raise
            try:
                yield cast(Connection, db)
            finally:
                self._pool.putconn(db)

    def close(self) -> None:
        self._finish()

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        import psycopg
        from psycopg_pool import PoolClosed, PoolTimeout

        try:
            yield
        except PoolClosed as error:
            raise StoreUnusable(f"the store at {self.address} is closed; open it again") from error
        except PoolTimeout as error:
            raise StoreBusy(
                f"all {self._most} connections to {self.address} are in use; try again, or ask "
                "with fewer threads"
            ) from error
        except psycopg.Error as error:
            # Without its cause: that may hold what is secret in the address.
            raise _explained(error, self.address) from None


def vector_of(sent: bytes) -> bytes:
    """The float32 numbers, end to end, of what `vector_send` gives."""
    import numpy as np

    return np.frombuffer(sent, dtype=">f4", offset=4).astype(np.float32).tobytes()


def _configure(db: Any) -> None:
    """Makes a new connection one of a store: its schema and that of pgvector, and its vectors."""
    from psycopg.adapt import Dumper
    from psycopg.pq import Format

    db.execute(_SESSION)
    found = db.execute(
        "SELECT typ.oid, quote_ident(nspname) FROM pg_type AS typ "
        "JOIN pg_namespace AS ns ON ns.oid = typnamespace "
        "JOIN pg_depend AS dep ON dep.objid = typ.oid AND deptype = 'e' "
        "JOIN pg_extension AS ext ON ext.oid = refobjid "
        "WHERE extname = 'vector' AND typname = 'vector'"
    ).fetchone()
    schema = found[1] if found else "public"
    db.execute(f"SET search_path = {SCHEMA}, {schema}")

    class VectorDumper(Dumper):
        format = Format.BINARY
        oid = found[0] if found else 0

        def dump(self, obj: Vector) -> bytes:
            return obj.data

    db.adapters.register_dumper(Vector, VectorDumper)


def _explained(error: Any, address: Address) -> FootnoteError:
    """What went wrong, and the mend, in one line."""
    from psycopg import errors

    words = address.without_secrets(str(error).partition("\n")[0])
    where = f"the store at {address}"
    if isinstance(error, errors.LockNotAvailable | errors.QueryCanceled):
        return StoreBusy(
            f"another process has been writing to {where} for over {BUSY_SECONDS} s; try again "
            "when it has finished"
        )
    if isinstance(error, errors.SerializationFailure | errors.DeadlockDetected):
        return StoreBusy(f"{where} changed while it was read ({words}); try again")
    if isinstance(error, errors.InsufficientPrivilege):
        return StoreUnusable(
            f"the role may not do this in {where} ({words}); let the owner of the database grant it"
        )
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return StoreUnusable(f"{where} is a replica, which is only read; write to its primary")
    if isinstance(error, errors.DiskFull | errors.OutOfMemory):
        return StoreUnusable(f"the server of {where} has no room left ({words}); make room")
    if isinstance(error, errors.UndefinedTable | errors.UndefinedColumn | errors.UndefinedObject):
        return StoreUnusable(
            f"{where} lacks a part of its tables ({words}); put a backup in its place, or add the "
            "documents to a new store, in another database"
        )
    if isinstance(error, errors.OperationalError):
        return StoreUnusable(f"{where} does not answer ({words}); start it, or mend --store")
    return StoreUnusable(f"{where} refused ({words})")
