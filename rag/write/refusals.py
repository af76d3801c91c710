"""What an answer says where there is none."""

from __future__ import annotations

from rag.write.answerer import REFUSAL
from rag.write.outcome import ABSTENTION, NOTHING

NO_DOCUMENTS = "There are no documents to answer from. Add some, then ask again."
NOTHING_MEETS = "No document meets the filter. Widen it, then ask again."

_REFUSALS = (ABSTENTION, NOTHING, REFUSAL, NO_DOCUMENTS, NOTHING_MEETS)


def refuses(text: str) -> bool:
    """Whether an earlier answer was none."""
    return text.strip().casefold().startswith(tuple(each.casefold() for each in _REFUSALS))
