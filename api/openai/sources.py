"""The sources of an answer in words, for clients that show no annotations."""

from __future__ import annotations

import re

from rag.answer import Answer, Citation, Passage

_CITED, _NEAREST = "Sources:", "Nearest passages:"
_BLOCK = re.compile(rf"\n\n(?:{_CITED}\n- \[1\]|{_NEAREST}\n- )[^\0]*\Z")
_MOST_NEAREST = 3
_LONGEST_QUOTE = 300  # characters


def sources(answer: Answer) -> str:
    """What to write under an answer: each citation with its quote, or without any the nearest
    passages. Empty where there are none either."""
    if answer.citations:
        lines = [f"- [{one.number}] {_line(one, one.quote)}" for one in answer.citations]
        return "\n".join([f"\n\n{_CITED}", *lines])
    lines = [f"- {_line(one, one.text)}" for one in answer.passages[:_MOST_NEAREST]]
    return "\n".join([f"\n\n{_NEAREST}", *lines]) if lines else ""


def without_sources(text: str) -> str:
    """An answer as it was before its sources were written under it."""
    return _BLOCK.sub("", text)


def _line(source: Citation | Passage, quote: str) -> str:
    place = source.location or (f"p. {source.page}" if source.page else "")
    named = ", ".join(filter(None, (source.title or source.uri, place)))
    words = " ".join(quote.split())
    if len(words) > _LONGEST_QUOTE:
        words = f"{words[:_LONGEST_QUOTE].rsplit(' ', 1)[0]} …"
    return f"{' '.join(named.split())}: “{words}”"
