"""What the catalog remembers of the folders that are kept in step with the store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from index import versions
from index.records import Known, Seen
from index.versions import reading

if TYPE_CHECKING:
    from index.sqlite.texts import Connection


class Folders:
    """The synced folders, by their resolved paths; changes count only inside a `Writer`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def name(self, path: str) -> str | None:
        """What the uris of the files in the folder at `path` begin with; None before its first
        sync."""
        row = self._db.execute("SELECT name FROM folders WHERE path = ?", (path,)).fetchone()
        return row[0] if row else None

    def register(self, path: str, name: str) -> str:
        """The name of the folder at `path` from now on: `name`, or `path` where another folder
        has that name."""
        taken = self._db.execute("SELECT 1 FROM folders WHERE name = ?", (name,)).fetchone()
        chosen = path if taken else name
        self._db.execute("INSERT OR IGNORE INTO folders VALUES (?, ?)", (path, chosen))
        return self.name(path) or chosen

    def paths(self) -> list[str]:
        """Of every folder, in order."""
        return [path for (path,) in self._db.execute("SELECT path FROM folders ORDER BY path")]

    def known(self, path: str) -> dict[str, Known]:
        """The files seen in the folder at `path`, by uri."""
        rows = self._db.execute(
            "SELECT f.uri, stamp, f.sha256, problem, unread, refusing, d.id, d.sha256, d.reading, "
            "d.media_type FROM files AS f "
            "LEFT JOIN names AS n ON n.uri = f.uri "
            "LEFT JOIN documents AS d ON d.id = n.document_id WHERE f.folder = ?",
            (path,),
        )
        found = {}
        for uri, stamp, sha256, problem, unread, refusing, document_id, stored, read, kind in rows:
            current = refusing == versions.REFUSING if problem else read == reading(kind or "")
            seen = Seen(uri, stamp, sha256, problem, bool(unread))
            found[uri] = Known(seen, document_id, stored, current)
        return found

    def see(self, path: str, files: Iterable[Seen]) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (path, f.uri, f.stamp, f.sha256, f.problem, f.unread, versions.REFUSING)
                for f in files
            ],
        )

    def forget(self, path: str, uris: Iterable[str]) -> None:
        self._db.executemany(
            "DELETE FROM files WHERE folder = ? AND uri = ?", [(path, uri) for uri in uris]
        )

    def is_seen(self, uri: str) -> bool:
        """Whether any folder has seen a file of this uri."""
        query = "SELECT 1 FROM files WHERE uri = ?"
        return self._db.execute(query, (uri,)).fetchone() is not None

    def paths_of(self, uri: str) -> list[Path]:
        """Where the file of this uri lay when folders saw it."""
        query = "SELECT path, name FROM folders JOIN files ON folder = path WHERE uri = ?"
        rows = self._db.execute(query, (uri,)).fetchall()
        return [Path(path, PurePosixPath(uri).relative_to(name)) for path, name in rows]
