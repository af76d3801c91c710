"""What a person should know of the reading of a document: what stands in its file and not in its
text."""

from __future__ import annotations

from index.document import LEFT_OUT, Document
from index.extract import ocr


def note_of(document: Document) -> str:
    """What was left out, and the mend where there is one; "" where nothing was."""
    left_out = document.metadata.get(LEFT_OUT)
    notes = [ocr.note_of(document), f"not read: {left_out}" if left_out else ""]
    return "; ".join(filter(None, notes))
