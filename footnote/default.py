"""The library that the settings name, opened on first use and open as long as the process."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from footnote.library import Library, Receipt, open_library

if TYPE_CHECKING:
    from rag.answer import Answer, Passage, Turn

_opening = threading.Lock()


def add(*paths: str | Path) -> Receipt:
    """Adds files and folders; see `Library.add`."""
    return _library().add(*paths)


def search(
    query: str,
    *,
    k: int | None = None,
    filter: Mapping[str, object] | None = None,
    within: str | None = None,
) -> list[Passage]:
    """The best passages; see `Library.search`."""
    return _library().search(query, k=k, filter=filter, within=within)


def ask(
    question: str,
    *,
    history: Sequence[Turn] = (),
    k: int | None = None,
    filter: Mapping[str, object] | None = None,
    within: str | None = None,
    rewrite: bool = True,
) -> Answer:
    """The answer to a question; see `Library.ask`."""
    return _library().ask(
        question, history=history, k=k, filter=filter, within=within, rewrite=rewrite
    )


def _library() -> Library:
    with _opening:  # two threads that ask at once open it once
        return _opened()


@cache
def _opened() -> Library:
    return open_library()
