"""What a person should know of the reading of a document: what stands in its file and not in its
text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.document import LEFT_OUT, Document
from index.extract import ocr
from index.extract.content import Extracted, File
from index.extract.counted import counted
from index.extract.limits import Parsing


def note_of(document: Document, parsing: Parsing) -> str:
    """What was left out under `parsing`, and the mend where there is one; "" where nothing was."""
    left_out = document.metadata.get(LEFT_OUT)
    notes = [ocr.note_of(document, parsing), f"not read: {left_out}" if left_out else ""]
    return "; ".join(filter(None, notes))


def with_unread(extracted: Extracted, files: Sequence[File]) -> Extracted:
    """`extracted` with `files`, which are attached to it, named among what was not read."""
    if not files:
        return extracted
    stated = extracted.metadata.get(LEFT_OUT)
    unread = counted({f"attached file {file.name}": 1 for file in files})
    said = f"{stated}; {unread}" if stated else unread
    return replace(extracted, metadata={**extracted.metadata, LEFT_OUT: said})
