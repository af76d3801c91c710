"""The stores that pass one suite; another one joins by a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from support_oracle import OracleStore
from support_postgres import EmptyStore

from index.sqlite.store import SqliteStore
from index.store import Store

STORES: dict[str, Callable[[Path], Store]] = {
    "sqlite": SqliteStore,
    "oracle": lambda folder: OracleStore(),
    "postgres": lambda folder: EmptyStore(),
}
