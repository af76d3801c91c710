"""In which version the documents in the catalog were read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.document import LEFT_OUT
from index.versions import reading

if TYPE_CHECKING:
    from index.sqlite.texts import Connection


class Readings:
    """See `versions.py`; changes count only inside a `Writer`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def is_current(self, document_id: str) -> bool:
        """Whether a document was read as its kind is read now."""
        query = "SELECT media_type, reading FROM documents WHERE id = ?"
        media_type, read = self._db.execute(query, (document_id,)).fetchone()
        return bool(read == reading(media_type))

    def outdated(self) -> int:
        """How many documents were read otherwise than their kind is read now."""
        query = "SELECT media_type, reading, count(*) FROM documents GROUP BY media_type, reading"
        rows = self._db.execute(query)
        return sum(count for media_type, read, count in rows if read != reading(media_type))

    def incomplete(self) -> int:
        """How many documents say that a part of their file was not read."""
        query = "SELECT count(*) FROM documents WHERE json_extract(metadata, ?) IS NOT NULL"
        return int(self._db.execute(query, (f"$.{LEFT_OUT}",)).fetchone()[0])

    def confirm(self, document_id: str, media_type: str) -> None:
        """What is stored of a document is what is read of it now."""
        self._db.execute(
            "UPDATE documents SET reading = ? WHERE id = ?", (reading(media_type), document_id)
        )

    def doubt(self, document_id: str) -> None:
        """A document is to be read anew when it comes again."""
        self._db.execute("UPDATE documents SET reading = 0 WHERE id = ?", (document_id,))
