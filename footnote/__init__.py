"""Answers questions from your own documents and proves every answer with a footnote.

    import footnote

    with footnote.open("store") as library:
        library.add("papers", "notes.md")
        answer = library.ask("Who approved the budget?")
        print(answer.text)
        for citation in answer.citations:
            print(citation.number, citation.title, citation.quote)

`add`, `ask` and `search` do the same with the library that the settings name, opened on first use.
"""

from __future__ import annotations

from footnote.default import add, ask, search
from footnote.library import Library, Receipt
from footnote.library import open_library as open
from index.errors import (
    CollectionExists,
    FootnoteError,
    InvalidCollection,
    InvalidFilter,
    InvalidQuestion,
    InvalidSetting,
    ModelUnavailable,
    NotInstalled,
    StoreBusy,
    StoreMismatch,
    StoreUnusable,
    UnknownCollection,
    UnknownDocument,
    UnreadableFile,
    UnsupportedFile,
)
from index.records import Added, Collection, Stored
from index.sync.result import Synced
from rag.answer import Answer, Citation, Passage, Sentence, Source, Turn

__all__ = [
    "Added",
    "Answer",
    "Citation",
    "Collection",
    "CollectionExists",
    "FootnoteError",
    "InvalidCollection",
    "InvalidFilter",
    "InvalidQuestion",
    "InvalidSetting",
    "Library",
    "ModelUnavailable",
    "NotInstalled",
    "Passage",
    "Receipt",
    "Sentence",
    "Source",
    "StoreBusy",
    "StoreMismatch",
    "StoreUnusable",
    "Stored",
    "Synced",
    "Turn",
    "UnknownCollection",
    "UnknownDocument",
    "UnreadableFile",
    "UnsupportedFile",
    "add",
    "ask",
    "open",
    "search",
]
