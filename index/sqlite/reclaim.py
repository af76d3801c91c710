"""What a store takes on the disk and doesn't need, and giving it back."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from index.errors import StoreUnusable
from index.sqlite.catalog import Catalog
from index.sqlite.saved_vectors import left_over
from index.sqlite.word_view import FullText

_ROOM = 2  # times what the catalog takes in the end: a copy, and the log of it


def reclaimable(catalog: Catalog, words: FullText) -> int:
    """How many bytes `compact` would give back: free pages of the catalog, files of no document,
    old views."""
    with catalog.reading() as db:
        (free,) = db.execute("PRAGMA freelist_count").fetchone()
        (page,) = db.execute("PRAGMA page_size").fetchone()
    folder = catalog.path.parent
    with catalog.read() as snapshot:
        files = [*snapshot.originals.unused(), *left_over(folder, snapshot)]
        if words.is_old(snapshot):
            files += words.folder.rglob("*")
    return int(free * page) + _size(files)


def compact(catalog: Catalog, words: FullText) -> None:
    """Gives all that back. Others read meanwhile; who writes waits, for about as long as it takes
    to copy the catalog. Cut short at any instant, nothing is lost. Raises `StoreBusy` where another
    writes for long, and `StoreUnusable` where the disk has no room for the copy."""
    folder = catalog.path.parent
    _require_room(catalog)
    with catalog.write() as writer:  # nobody keeps an original now
        for path in writer.originals.unused():
            path.unlink(missing_ok=True)
        writer.prune_removals()
    with catalog.read() as snapshot:
        if words.is_old(snapshot):
            words.discard()
        for path in left_over(folder, snapshot):
            with suppress(OSError):
                path.unlink()
    catalog.vacuum()


def _require_room(catalog: Catalog) -> None:
    with catalog.reading() as db:
        pages, free, page = (
            db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    needed = _ROOM * (pages - free) * page
    room = shutil.disk_usage(catalog.path.parent).free
    if room < needed:
        raise StoreUnusable(
            f"compacting '{catalog.path}' needs {needed:,} bytes of free disk for a while, and "
            f"there are {room:,}; make room, or `footnote backup` it to another disk and restore it"
        )


def _size(paths: Iterable[Path]) -> int:
    total = 0
    for path in paths:
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total
