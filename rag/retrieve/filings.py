"""Passages put in order by the filings that a question names and by their pages. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from rag.answer import Passage

_NAMED = 0.1  # what being of the filing that the question names is worth beside a score
_AGAIN = 0.8  # what remains of a score for each better passage of the same page
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_QUARTER = re.compile(r"q([1-4])(?!\d)")
_WORD = re.compile(r"[^\W_]+(?:&[^\W_]+)*")
_LONGEST = 6  # words of a name


def filings_first(question: str, passages: Sequence[Passage]) -> list[Passage]:
    """`passages`, best first, in the order in which they are wanted, ranked anew; scores stay.

    Those of a filing that the question names come sooner. A filing is called what stands in its
    file's name before a year, written apart or as one word (`BESTBUY_2024Q2_10Q.pdf` is Best
    Buy's), or by its first letters (J&J, JnJ). Of several that are called so those come sooner that
    have a year of the question, and then its quarters, or none where it names none.

    A passage comes the later the more better ones are of its page: prose says again what it is
    about, while of a statement that fills a page a question has the words of a row.
    """
    named = _named(question, {each.uri for each in passages})
    before: dict[tuple[str, int], int] = {}
    worth = {}
    for each in passages:
        share = 1.0
        if each.page is not None:
            place = (each.document_id, each.page)
            share = _AGAIN ** before.get(place, 0)
            before[place] = before.get(place, 0) + 1
        worth[each.chunk_id] = each.score * share + (_NAMED if each.uri in named else 0.0)
    ordered = sorted(passages, key=lambda each: -worth[each.chunk_id])
    return [replace(each, rank=rank) for rank, each in enumerate(ordered, start=1)]


def _named(question: str, uris: Collection[str]) -> set[str]:
    """Those of `uris` that are filings which `question` names."""
    said = _words(question)
    runs = {
        "".join(said[at : at + length])
        for length in range(1, _LONGEST + 1)
        for at in range(len(said) - length + 1)
    }
    years, quarters = set(_YEAR.findall(question)), set(_QUARTER.findall(question.lower()))
    fits: dict[str, tuple[int, int]] = {}
    for uri in uris:
        stem = PurePosixPath(uri).stem
        year = _YEAR.search(stem)
        name = _words(stem[: year.start()]) if year else []
        if not year or not _names(name) & runs:
            continue
        quarter = set(_QUARTER.findall(stem[year.end() :].lower()))
        fits[uri] = (year[0] in years, len(quarter & quarters) - len(quarter - quarters))
    best = max(fits.values(), default=None)
    return {uri for uri, fit in fits.items() if fit == best}


def _words(text: str) -> list[str]:
    return _WORD.findall(re.sub(r"[’']s?\b", "", text.lower()))


def _names(words: Sequence[str]) -> set[str]:
    """What a filing is called whose file's name begins with `words`."""
    if len(words) < 2:
        return {"".join(words)} - {""}
    first = [word[0] for word in words]
    return {"".join(words), "n".join(first), "&".join(first)}
