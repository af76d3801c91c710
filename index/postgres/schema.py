"""The tables of the store: what the server must have for them, and how they are brought up to
date."""

from __future__ import annotations

import secrets
from pathlib import Path

from index.errors import StoreMismatch, StoreMissing, StoreUnusable
from index.postgres.connections import SCHEMA, Connection
from index.postgres.lists import Lists

_MIGRATIONS = Path(__file__).parent / "migrations"
_EXTENSION = "vector"
_LEAST_SERVER = 14
_LEAST_PGVECTOR = (0, 8)  # from which on a filtered search goes on until it has found enough
_LISTS = 6  # the migration that makes the tables of lists
_LOCK = 0x464E5445  # "FNTE"


def migrations() -> dict[int, Path]:
    """The files of SQL that make the tables, by their numbers, in order."""
    return {int(file.name[:3]): file for file in sorted(_MIGRATIONS.glob("[0-9]*.sql"))}


def prepare(db: Connection, where: str, create: bool) -> None:
    """Makes the tables of a new store, where `create` allows, and brings those of an older format
    up to date, all in one transaction.

    Raises `StoreMissing` where there is no store and `create` is false, `StoreUnusable` for a
    server that cannot hold one, and `StoreMismatch` for tables of a later format or of others.
    """
    _require_server(db, where)
    applied = _applied(db, where)
    if applied is None and not create:
        raise StoreMissing(
            f"there is no store at {where}; add documents with `footnote --store ADDRESS add PATH`"
        )
    known = migrations()
    newest = max(known)
    if applied == newest:
        return
    if applied is not None and applied > newest:
        raise StoreMismatch(
            f"the store at {where} has format {applied}, this Footnote reads formats up to "
            f"{newest}; use the Footnote that made it, or another database"
        )
    db.execute("BEGIN")
    try:
        db.execute("SET LOCAL lock_timeout = '30s'")
        db.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        schema = _require_pgvector(db, where)
        _migrate(db, known, _applied(db, where), schema)  # another process may have been quicker
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _migrate(db: Connection, known: dict[int, Path], applied: int | None, vectors: str) -> None:
    if applied is None:
        db.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    db.execute(f"SET LOCAL search_path = {SCHEMA}, {vectors}")
    if applied is None:
        db.execute(
            "CREATE TABLE migrations (number integer PRIMARY KEY, name text NOT NULL, "
            "applied_at timestamptz NOT NULL DEFAULT now())"
        )
    for number, file in known.items():
        if number > (applied or 0):
            db.execute(file.read_text(encoding="utf-8"))
            if number == _LISTS:
                Lists(db).enter_all()
            db.execute("INSERT INTO migrations VALUES (%s, %s)", (number, file.stem))
    if applied is None:
        db.execute("INSERT INTO meta VALUES ('store', %s)", (secrets.token_hex(8),))


def _require_server(db: Connection, where: str) -> None:
    (number,) = db.execute("SELECT current_setting('server_version_num')::int").fetchone()
    if number // 10_000 < _LEAST_SERVER:
        raise StoreUnusable(
            f"the server at {where} is PostgreSQL {number // 10_000}; Footnote needs "
            f"{_LEAST_SERVER} or newer"
        )
    (encoding,) = db.execute("SHOW server_encoding").fetchone()
    if encoding != "UTF8":
        raise StoreUnusable(
            f"the database at {where} is encoded in {encoding}; make another with ENCODING 'UTF8'"
        )


def _require_pgvector(db: Connection, where: str) -> str:
    """The schema, quoted, that pgvector is in; it is created where the server has it."""
    row = db.execute(
        "SELECT coalesce(installed_version, default_version), installed_version IS NOT NULL "
        "FROM pg_available_extensions WHERE name = %s",
        (_EXTENSION,),
    ).fetchone()
    if row is None:
        raise StoreUnusable(
            f"the server at {where} has no pgvector; install the package that goes with its "
            "PostgreSQL, such as postgresql-16-pgvector"
        )
    version, is_there = row
    if tuple(map(int, version.split(".")[:2])) < _LEAST_PGVECTOR:
        least = ".".join(map(str, _LEAST_PGVECTOR))
        raise StoreUnusable(
            f"pgvector at {where} is {version}; Footnote needs {least} or newer: update it, then "
            "ALTER EXTENSION vector UPDATE"
        )
    if not is_there:
        db.execute(f"CREATE EXTENSION {_EXTENSION}")
    (schema,) = db.execute(
        "SELECT quote_ident(nspname) FROM pg_extension "
        "JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = %s",
        (_EXTENSION,),
    ).fetchone()
    return str(schema)


def _applied(db: Connection, where: str) -> int | None:
    """The number of the last migration; None where there is no store."""
    (tables,) = db.execute(
        "SELECT array_agg(relname::text) FROM pg_class JOIN pg_namespace "
        "ON pg_namespace.oid = relnamespace WHERE nspname = %s AND relkind = 'r'",
        (SCHEMA,),
    ).fetchone()
    if not tables:
        return None
    if "migrations" not in tables:
        raise StoreMismatch(
            f"the database at {where} has a schema '{SCHEMA}' of another program; choose another "
            "database"
        )
    (number,) = db.execute(f"SELECT max(number) FROM {SCHEMA}.migrations").fetchone()
    return int(number)
