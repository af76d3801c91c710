"""A backup of a store: a folder that holds all of it, as it was at one instant."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from api.access import key_file
from api.backups import manifest
from api.backups.manifest import Manifest
from api.backups.whole import whole
from api.uploads.copying import copy_jobs, copy_spool
from index.errors import InvalidSetting, StoreUnusable
from index.postgres.address import Address
from index.sqlite.backup import back_up, copy_database, problems_of_copy
from rag.evaluate import feedback
from rag.settings import Settings

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """`problems` are the originals that the store has lost, so that they are not in the backup."""

    manifest: Manifest
    problems: list[str]


def make_backup(settings: Settings, target: Path, progress: Progress) -> Made:
    """Copies the store with its originals, collections, settings, waiting uploads, keys and
    feedback to the folder `target`, which must not be there; it is there when all of it is, and
    was checked. Others may read and write meanwhile. The views are not in it: they are made anew.

    Raises `StoreMissing`, `InvalidSetting`, `StoreBusy`, and `StoreUnusable` where the store is
    damaged.
    """
    folder = folder_of(settings, "pg_dump backs up a database, and `footnote export` its documents")
    if target.resolve().is_relative_to(folder.resolve()):
        raise InvalidSetting(
            f"'{target}' is in the store's folder; name one elsewhere, best on another disk"
        )
    with whole(target) as part:
        copy_spool(folder, part)
        counts, problems = back_up(folder, part, lambda: copy_jobs(folder, part), progress)
        _copy_keys(folder, part)
        _copy_feedback(folder, part)
        if damage := problems_of_copy(part):
            raise StoreUnusable(
                f"the store in '{folder}' is not sound ({damage[0]}), and so no backup is made; "
                "`footnote check` says more"
            )
        made = manifest.write(part, counts)
    return Made(made, problems)


def folder_of(settings: Settings, instead: str) -> Path:
    """The folder of the store. Raises `InvalidSetting`, which says what to do `instead`, where it
    is a database."""
    if isinstance(settings.store, Address):
        raise InvalidSetting(f"the store is the database {settings.store}; {instead}")
    return settings.store


def _copy_keys(folder: Path, target: Path) -> None:
    if (path := folder / key_file.FILE_NAME).exists():
        (target / key_file.FILE_NAME).touch(mode=0o600)
        with closing(sqlite3.connect(path)) as db:
            copy_database(db, target / key_file.FILE_NAME)


def _copy_feedback(folder: Path, target: Path) -> None:
    """Without a line that is being written."""
    path = target / feedback.FILE
    with suppress(FileNotFoundError):
        shutil.copyfile(folder / feedback.FILE, path)
        data = path.read_bytes()
        path.write_bytes(data[: data.rfind(b"\n") + 1])
        path.chmod(0o600)
