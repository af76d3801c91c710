"""The jobs of a store with the bytes that wait for them, in another folder."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from api.uploads.folder_jobs import FILE_NAME, LOCK_NAME, SPOOL, FolderJobs
from api.uploads.job_file import connected
from index.errors import StoreBusy
from index.sqlite.backup import copy_database

_LOGS = ("-wal", "-shm")
_PATIENCE_SECONDS = 5.0


def copy_spool(folder: Path, target: Path) -> None:
    """Copies the bytes of jobs of the store in `folder` that `target` lacks; what is done with in
    the meantime is left out."""
    for source in sorted((folder / SPOOL).glob("*/*")):
        copy = target / SPOOL / source.parent.name / source.name
        with suppress(FileNotFoundError):
            if not copy.exists() or copy.stat().st_size != source.stat().st_size:
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copy)


def copy_jobs(folder: Path, target: Path) -> None:
    """Copies the jobs as they are at this instant, while none begins or ends, and of their bytes
    those that are left to add. Raises `StoreUnusable`."""
    path = folder / FILE_NAME
    if not path.exists():
        return
    with connected(path), closing(sqlite3.connect(path)) as db:
        copy_spool(folder, target)
        copy_database(db, target / FILE_NAME)
    FolderJobs(target).sweep()
    with closing(sqlite3.connect(target / FILE_NAME)) as db:
        db.execute("PRAGMA journal_mode = DELETE")  # one file again


@contextmanager
def none_running(folder: Path) -> Iterator[None]:
    """While the block runs, no process adds what waits in `folder`. Raises `StoreBusy`."""
    try:
        with FileLock(folder / LOCK_NAME, timeout=_PATIENCE_SECONDS):
            yield
    except Timeout:
        raise StoreBusy(
            f"uploads are being added to the store in '{folder}'; wait until a minute after they "
            "are done, or stop the server"
        ) from None


def put_back_jobs(backup: Path, folder: Path) -> None:
    """Puts the jobs of `backup` in the place of those in `folder`, inside `none_running`."""
    copy_spool(backup, folder)
    if (backup / FILE_NAME).exists():
        with (
            closing(sqlite3.connect(backup / FILE_NAME)) as db,
            closing(sqlite3.connect(folder / FILE_NAME, timeout=30)) as live,
        ):
            db.backup(live)
        FolderJobs(folder).sweep()
    else:
        for log in ("", *_LOGS):
            (folder / (FILE_NAME + log)).unlink(missing_ok=True)
        shutil.rmtree(folder / SPOOL, ignore_errors=True)
