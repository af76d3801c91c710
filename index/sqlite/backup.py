"""The catalog and its originals as they are at one instant, in another folder, and back.

Nobody waits for a copy but writers, while what was added since its beginning is copied: SQLite's
backup reads one state, whatever is committed meanwhile. Putting a copy back is one transaction, so
that whoever reads has the old state or the new one, and a process that is killed has changed
nothing. The state that is put back is of a store of its own: no view that was made of the one
before it is taken for a view of it.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from index.errors import StoreMismatch, StoreUnusable
from index.records import Counts
from index.sqlite.catalog import FILE_NAME, Catalog
from index.sqlite.originals import Originals
from index.sqlite.snapshot import Snapshot

_PAGES = 1024  # between two looks at how far it is
_LOGS = ("-wal", "-shm", "-journal")

Done = Callable[[int, int], None]
"""Is told how many pages are done, and of how many."""


def back_up(
    folder: Path, target: Path, meanwhile: Callable[[], None], progress: Done
) -> tuple[Counts, list[str]]:
    """Copies the store in `folder` to the folder `target`; how much it holds, and which originals
    were lost or damaged and are not copied, one line each. `meanwhile` is called at the instant
    that is copied, while nobody can write. Raises `StoreMissing`, `StoreBusy` and `StoreUnusable`.
    """
    with closing(Catalog(folder, create=False)) as catalog, ExitStack() as stack:
        with catalog.read() as early:  # most of them, while others go on
            early.originals.copy_to(target, first=True)
        with catalog.write() as writer:
            problems = writer.originals.copy_to(target)
            db = stack.enter_context(catalog.reading())
            snapshot = Snapshot(db, folder)
            counts = snapshot.counts()
            meanwhile()
        copy_database(db, target / FILE_NAME, progress)
    return counts, problems


def copy_database(db: sqlite3.Connection, path: Path, progress: Done = lambda *_: None) -> None:
    """Writes what `db` shows to a new file, which needs no other beside it. Raises
    `StoreUnusable`."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            db.backup(copy, pages=_PAGES, progress=lambda _, left, of: progress(of - left, of))
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise StoreUnusable(f"'{path}' cannot be written ({error}); make room there") from error


def problems_of_copy(folder: Path) -> list[str]:
    """What is wrong with the catalog in `folder` and its full text, one line each; its originals
    are not looked at. Raises `StoreMismatch` for one of a later format, and `StoreUnusable`."""
    with closing(Catalog(folder, create=False)) as catalog:
        problems = catalog.full_text_problems()
        with catalog.read() as snapshot:
            problems += snapshot.problems()
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        db.execute("PRAGMA journal_mode = DELETE")  # one file again
    return problems


def put_back(staged: Path, folder: Path, originals: Path, progress: Done) -> list[str]:
    """Makes the store in `folder` hold what the catalog in the folder `staged` does, whose file is
    used up by it, and the originals that lie under the folder `originals`; which of these are lost
    or damaged, one line each. Raises `StoreMismatch` for a catalog of another program or a later
    Footnote in `folder`, and `StoreUnusable`."""
    with closing(sqlite3.connect(staged / FILE_NAME, isolation_level=None)) as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'store'", (secrets.token_hex(8),))
        Originals(db, originals).copy_to(folder, first=True)
        if not _is_swapped(db, folder / FILE_NAME, progress):
            db.close()
            for log in _LOGS:  # of a file that is damaged or gone, and not of the one to come
                (folder / (FILE_NAME + log)).unlink(missing_ok=True)
            os.replace(staged / FILE_NAME, folder / FILE_NAME)
    with closing(Catalog(folder, create=False)) as catalog, catalog.write() as writer:
        # What others took away in the meantime, with documents that were there before.
        return writer.originals.lying_in(originals).copy_to(folder)


def _is_swapped(db: sqlite3.Connection, path: Path, progress: Done) -> bool:
    """Whether the store at `path` has become that of `db`; not where there is none, or it is
    damaged."""
    if not path.exists():
        return False
    try:
        Catalog(path.parent, create=False).close()  # whose it is
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as live:
            (size,) = live.execute("PRAGMA page_size").fetchone()
            if size != db.execute("PRAGMA page_size").fetchone()[0]:
                db.execute(f"PRAGMA page_size = {size}")
                db.execute("VACUUM")
            db.backup(live, pages=_PAGES, progress=lambda _, left, of: progress(of - left, of))
    except StoreMismatch as error:
        if error.__cause__ is None:  # another program's, or a later format
            raise
    except (StoreUnusable, sqlite3.DatabaseError) as error:
        cause = error if isinstance(error, sqlite3.Error) else error.__cause__
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise
    else:
        return True
    return False
