"""What a backup says of itself: a folder without it is none, for it is written last."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from api.backups.whole import LOCK
from index.errors import StoreMismatch, StoreUnusable
from index.records import FORMAT, Counts
from index.sqlite import originals

FILE_NAME = "backup.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`format` is that of the store, `made_at` ISO 8601, UTC; `files` has the SHA-256 of each, by
    its path with "/", but for the originals, whose names are theirs."""

    footnote: str
    format: int
    made_at: str
    documents: int
    chunks: int
    files: dict[str, str]

    def require_same(self, backup: Path) -> None:
        """Raises `StoreUnusable` where a file of the backup is not as it was made."""
        for name, digest in self.files.items():
            path = backup / name
            try:
                found = _digest(path)
            except OSError as error:
                raise StoreUnusable(
                    f"'{path}' of the backup cannot be read ({error.strerror}); take another backup"
                ) from error
            if found != digest:
                raise StoreUnusable(
                    f"'{path}' of the backup is damaged: it is not as it was made; take another "
                    "backup"
                )


def write(backup: Path, counts: Counts) -> Manifest:
    """Says of the folder `backup` that all of it is there."""
    files = {
        path.relative_to(backup).as_posix(): _digest(path)
        for path in sorted(backup.rglob("*"))
        if path.is_file() and path.relative_to(backup).parts[0] not in (LOCK, originals.FOLDER)
    }
    made = Manifest(
        footnote=metadata.version("footnote"),
        format=FORMAT,
        made_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        documents=counts.documents,
        chunks=counts.chunks,
        files=files,
    )
    text = json.dumps(asdict(made), indent=2)
    (backup / FILE_NAME).write_text(text + "\n", encoding="utf-8")
    return made


def read(backup: Path) -> Manifest:
    """What the folder `backup` says of itself. Raises `StoreMismatch` where it is no backup, or of
    a later Footnote, and `StoreUnusable`."""
    path = backup / FILE_NAME
    try:
        found = Manifest(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        raise StoreMismatch(
            f"'{backup}' is no backup: it has no {FILE_NAME}, which `footnote backup` writes last"
        ) from None
    except (OSError, ValueError, TypeError) as error:
        raise StoreUnusable(
            f"'{path}' cannot be read as what says of a backup what it holds ({error}); take "
            "another backup"
        ) from error
    if found.format > FORMAT:
        raise StoreMismatch(
            f"the backup '{backup}' has store format {found.format}, this Footnote reads formats "
            f"up to {FORMAT}; use Footnote {found.footnote}, which made it, or a later one"
        )
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
