"""Which originals are kept beside the documents that were read of them, and former documents."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from index.document import Document
from index.store import ReadTransaction, WriteTransaction

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Keeping:
    """`file_mb` is the size of the largest original that is kept, `total_mb` that of all;
    `undo_minutes` is how long what is removed or replaced can be put back."""

    on: bool = True
    file_mb: int = 100
    total_mb: int = 10_000
    undo_minutes: int = 60

    def wants(self, snapshot: ReadTransaction, document: Document) -> bool:
        """Whether the original of `document` came with it and is to be kept, if there is room."""
        data = document.original
        if not self.on or data is None or len(data) > self.file_mb * MB:
            return False
        if snapshot.originals.size(document.sha256) is not None:
            return False
        return hashlib.sha256(data).hexdigest() == document.sha256

    def keep(self, writer: WriteTransaction, document: Document) -> str:
        """Keeps the original that came with a document which is stored now; why it is not kept."""
        data = document.original
        if data is None or writer.originals.size(document.sha256) is not None:
            return ""
        if writer.originals.total() + len(data) > self.total_mb * MB:
            return (
                "its original is not kept: there would be more than FOOTNOTE_ORIGINALS_MB "
                f"({self.total_mb:,}) of them"
            )
        writer.originals.keep(document.sha256, data)
        return ""

    def too_large(self, document: Document) -> str:
        """What a person should know of an original that is not kept for its size; "" otherwise."""
        data = document.original
        if not self.on or data is None or len(data) <= self.file_mb * MB:
            return ""
        return (
            f"its original is not kept: {len(data) / MB:,.1f} MB are more than "
            f"FOOTNOTE_ORIGINAL_FILE_MB ({self.file_mb:,})"
        )


KEEPING = Keeping()
"""What is kept where nothing else is said."""
