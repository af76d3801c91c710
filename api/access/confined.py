"""The assistant of those whose key opens some collections only."""

from __future__ import annotations

from functools import lru_cache

from index.confined import Confined
from rag.assistant import Assistant

_KEPT = 64  # sets of collections


class ConfinedAssistants:
    """`assistant`, confined to collections. It shares the models, the store, the
    pictures and the places of those who ask at once; an index of its own
    sees what is open, as it is at each question. May be used by many threads."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._to = lru_cache(maxsize=_KEPT)(self._made)

    def to(self, collections: tuple[str, ...]) -> Assistant:
        """The one that knows only what is in `collections`."""
        return self._to(collections)

    def _made(self, collections: tuple[str, ...]) -> Assistant:
        whole = self._assistant.index
        return self._assistant.over(whole.over(Confined(whole.store, collections)))
