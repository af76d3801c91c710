"""A store from a backup."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from api.access import key_file
from api.backups import manifest
from api.backups.backup import folder_of
from api.backups.manifest import Manifest
from api.backups.whole import settle
from api.uploads.copying import none_running, put_back_jobs
from index.errors import FootnoteError, StoreBusy, StoreMismatch, StoreUnusable
from index.sqlite.backup import copy_database, problems_of_copy, put_back
from index.sqlite.catalog import FILE_NAME
from index.sqlite.store import SqliteStore
from rag.evaluate import feedback
from rag.settings import Settings

_STAGED = "restoring"
_LOCK = "restore.lock"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """`problems` is what `check` finds in the store now."""

    manifest: Manifest
    problems: list[str]


def restore(settings: Settings, backup: Path, replace: bool, progress: Progress) -> Restored:
    """Makes the store what the folder `backup` holds. The backup is read whole first, and compared
    with what it was when it was made. A store that holds documents is replaced only where `replace`
    says so; keys that there are stay. Until all is ready, and where the process is killed, the
    store is as it was; who reads it meanwhile reads on.

    Raises `StoreMismatch`, `StoreBusy`, and `StoreUnusable` where the backup is damaged.
    """
    folder = folder_of(settings, "pg_restore restores a database; or name a folder with --store")
    made = manifest.read(backup)
    if not replace:
        _require_nothing(folder)
    made.require_same(backup)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / _LOCK, timeout=0), none_running(folder):
            _restore(backup, folder, replace, progress)
    except Timeout:
        raise StoreBusy(f"another restore into '{folder}' is under way; let it finish") from None
    except (OSError, sqlite3.Error) as error:
        raise StoreUnusable(
            f"the store in '{folder}' cannot be written ({error}); make room, or name another with "
            "--store"
        ) from error
    with closing(SqliteStore(folder, create=False)) as store:
        return Restored(made, store.check())


def _restore(backup: Path, folder: Path, replace: bool, progress: Progress) -> None:
    staged = folder / _STAGED
    shutil.rmtree(staged, ignore_errors=True)  # of one that was killed
    staged.mkdir()
    try:
        shutil.copyfile(backup / FILE_NAME, staged / FILE_NAME)
        if problems := problems_of_copy(staged):
            raise StoreUnusable(
                f"the backup '{backup}' is not sound ({problems[0]}); take another backup"
            )
        settle(staged)
        is_first = not (folder / FILE_NAME).exists()
        if is_first:  # and so not a store before all else is there
            _put_back_others(backup, folder)
        put_back(staged, folder, backup, progress)
        if not is_first:
            _put_back_others(backup, folder)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _require_nothing(folder: Path) -> None:
    """Raises `StoreMismatch` where `folder` has a store that holds documents, or can't be read."""
    if not (folder / FILE_NAME).exists():
        return
    try:
        with closing(SqliteStore(folder, create=False)) as store, store.read() as snapshot:
            documents = snapshot.counts().documents
    except FootnoteError as error:
        raise StoreMismatch(
            f"{error}; a store that is damaged is replaced with --replace"
        ) from error
    if documents:
        raise StoreMismatch(
            f"the store in '{folder}' holds {documents:,} documents; name another folder with "
            "--store, or have all it holds replaced with --replace"
        )


def _put_back_others(backup: Path, folder: Path) -> None:
    put_back_jobs(backup, folder)
    if (backup / key_file.FILE_NAME).exists() and not (folder / key_file.FILE_NAME).exists():
        part = folder / _STAGED / key_file.FILE_NAME
        part.touch(mode=0o600)
        with closing(sqlite3.connect(backup / key_file.FILE_NAME)) as db:
            copy_database(db, part)
        os.replace(part, folder / key_file.FILE_NAME)
    if (backup / feedback.FILE).exists():
        part = folder / _STAGED / feedback.FILE
        shutil.copyfile(backup / feedback.FILE, part)
        part.chmod(0o600)
        os.replace(part, folder / feedback.FILE)
    else:
        (folder / feedback.FILE).unlink(missing_ok=True)
