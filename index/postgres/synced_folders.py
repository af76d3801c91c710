"""What the store remembers of the folders that are kept in step with it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from index import versions
from index.postgres.connections import Connection
from index.postgres.where import kept
from index.records import Known, Seen
from index.versions import reading


class Folders:
    """The synced folders, by their resolved paths; changes count only inside a `Writer`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def name(self, path: str) -> str | None:
        """What the uris of the files in the folder at `path` begin with; None before its first
        sync."""
        row = self._db.execute("SELECT name FROM folders WHERE path = %s", (path,)).fetchone()
        return row[0] if row else None

    def register(self, path: str, name: str) -> str:
        """The name of the folder at `path` from now on: `name`, or `path` where another folder
        has that name."""
        taken = self._db.execute("SELECT 1 FROM folders WHERE name = %s", (name,)).fetchone()
        chosen = path if taken else name
        self._db.execute(
            "INSERT INTO folders VALUES (%s, %s) ON CONFLICT DO NOTHING", (path, chosen)
        )
        return self.name(path) or chosen

    def paths(self) -> list[str]:
        """Of every folder, in order."""
        rows = self._db.execute("SELECT path FROM folders ORDER BY path")
        return [path for (path,) in rows.fetchall()]

    def known(self, path: str) -> dict[str, Known]:
        """The files seen in the folder at `path`, by uri."""
        rows = self._db.execute(
            "SELECT f.uri, stamp, f.sha256, problem, unread, refusing, d.id, d.sha256, d.reading, "
            "d.media_type FROM files AS f "
            "LEFT JOIN names AS n ON n.uri = f.uri "
            "LEFT JOIN documents AS d ON d.id = n.document_id WHERE f.folder = %s",
            (path,),
        ).fetchall()
        found = {}
        for uri, stamp, sha256, problem, unread, refusing, document_id, stored, read, kind in rows:
            current = refusing == versions.REFUSING if problem else read == reading(kind or "")
            seen = Seen(uri, stamp, sha256, problem, unread)
            found[uri] = Known(seen, document_id, stored, current)
        return found

    def see(self, path: str, files: Iterable[Seen]) -> None:
        self._db.cursor().executemany(
            "INSERT INTO files VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (folder, uri) "
            "DO UPDATE SET (stamp, sha256, problem, unread, refusing) = (excluded.stamp, "
            "excluded.sha256, excluded.problem, excluded.unread, excluded.refusing)",
            [
                (path, f.uri, f.stamp, f.sha256, f.problem, f.unread, versions.REFUSING)
                for f in files
            ],
        )

    def forget(self, path: str, uris: Iterable[str]) -> None:
        self._db.execute(
            "DELETE FROM files WHERE folder = %s AND uri = ANY(%s::text[])", (path, list(uris))
        )

    def is_seen(self, uri: str) -> bool:
        """Whether any folder has seen a file of this uri."""
        query = "SELECT 1 FROM files WHERE uri = %s LIMIT 1"
        return self._db.execute(query, (kept(uri),)).fetchone() is not None

    def paths_of(self, uri: str) -> list[Path]:
        """Where the file of this uri lay when folders saw it."""
        query = "SELECT path, name FROM folders JOIN files ON folder = path WHERE uri = %s"
        rows = self._db.execute(query, (kept(uri),)).fetchall()
        return [Path(path, PurePosixPath(uri).relative_to(name)) for path, name in rows]
