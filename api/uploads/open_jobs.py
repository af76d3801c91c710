"""Settings to the jobs of the store."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from api.uploads.folder_jobs import FILE_NAME, FolderJobs
from api.uploads.jobs import Jobs
from rag.settings import Settings


def open_jobs(settings: Settings, holder: str = "") -> Jobs:
    """The jobs of a store that is there: in its folder, or in its database, where workers are
    called `holder`."""
    if isinstance(settings.store, Path):
        return FolderJobs(settings.store)
    from api.uploads.postgres_jobs import PostgresJobs

    lease, most_mb = settings.job_lease_seconds, settings.uploads_mb
    return PostgresJobs(settings.store, lease, most_mb, holder)


def withdraw(settings: Settings, uris: Iterable[str]) -> None:
    """Keeps uploads that are still to be added from bringing back the documents with these uris."""
    if isinstance(settings.store, Path) and not (settings.store / FILE_NAME).exists():
        return
    with closing(open_jobs(settings)) as jobs:
        jobs.withdraw(uris)
