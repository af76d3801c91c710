"""What an answer says where there is none."""

from __future__ import annotations

from collections.abc import Mapping

from index.filter import collections_in, parse_filter
from index.index import Index
from rag.write.answerer import REFUSAL
from rag.write.introduction import INTRODUCTION
from rag.write.outcome import ABSTENTION, NOTHING

NO_DOCUMENTS = "There are no documents to answer from. Add some, then ask again."
NOTHING_MEETS = "No document meets the filter. Widen it, then ask again."
EMPTY = "There is nothing to answer from in"

_REFUSALS = (ABSTENTION, NOTHING, REFUSAL, NO_DOCUMENTS, NOTHING_MEETS, EMPTY, INTRODUCTION)


def why_nothing(index: Index, filter: Mapping[str, object] | None) -> str:
    """What to say where no passage was found under `filter`. Raises `InvalidFilter` and
    `UnknownCollection`."""
    if not filter:
        return NO_DOCUMENTS
    names = collections_in(parse_filter(filter))
    if not names or index.counts({"collection": list(names)}).documents:
        return NOTHING_MEETS
    listed = ", ".join(f"'{name}'" for name in names)
    what = f"collection {listed}: it is" if len(names) == 1 else f"collections {listed}: they are"
    return f"{EMPTY} the {what} empty. Add documents, then ask again."


def is_no_answer(text: str) -> bool:
    """Whether an earlier answer was none."""
    return text.strip().casefold().startswith(tuple(each.casefold() for each in _REFUSALS))
