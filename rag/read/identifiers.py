"""What a question names that an answer must hold to the letter: codes, versions, numbers, years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from rag.facts.dates import dates

_IDENTIFIER = re.compile(r"(?<![\w.-])(?=[\w./:-]*\d)\w+(?:[./:-]\w+)*")
_PLACED = re.compile(  # "office in Paris": a word, how it is joined, and a name
    r"\b([a-z]\w+) (in|of|at|for|from|to|by|with) (?:the )?([A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*)"
)
_NAME = re.compile(r"(?<=[\w,] )[A-Z][\w'’-]+")
_BOUND = re.compile(r"\b(?:before|after|since|until|till|up to|by|from) (?:the )?", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d\b")
_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
}
_NUMBER = re.compile(rf"\b({'|'.join(_NUMBERS)})\b")
_UNIT = re.compile(r"(\d)(?:st|nd|rd|th|am|pm|h|kg|km|cm|mm|m|g|l|eur|gbp|usd|%)$")


def identifiers(text: str) -> frozenset[str]:
    """The words of `text` with a figure in them, in lower case: PPX-9087, 5.0, E5, 2024. A number
    keeps neither its thousands separators nor a unit written to it."""
    found = (each.group() for each in _IDENTIFIER.finditer(_plain(text)))
    return frozenset(_UNIT.sub(r"\1", each) for each in found)


def bounds(question: str) -> frozenset[str]:
    """The identifiers of the dates that bound the time asked about: "before 15 December 2024"."""
    days = {each.start: question[each.start : each.end] for each in dates(question)}
    found = []
    for bound in _BOUND.finditer(question):
        year = _YEAR.match(question, bound.end())
        found.append(days.get(bound.end()) or (year.group() if year else ""))
    return identifiers(" ".join(found))


def held(text: str) -> frozenset[str]:
    """The identifiers that `text` holds, and the parts and joints of each: E-5 is also E5, v2.1 is
    also 2.1, and numbers up to twelve may be written as words."""
    plain = _NUMBER.sub(lambda word: _NUMBERS[word[1]], _plain(text))
    whole = identifiers(plain)
    parts = {part for each in whole for part in re.split(r"[./:-]", each)}
    joined = {re.sub(r"[./:-]", "", each) for each in whole}
    bare = {re.sub(r"^(?:v|no|nr|fy|0+)(?=\d)", "", each) for each in whole | parts}
    return whole | parts | joined | bare


def names(text: str) -> frozenset[str]:
    """The words of `text` with a capital that no sentence begins with, in lower case."""
    return frozenset(name.lower() for name in _NAME.findall(text))


def is_code(identifier: str) -> bool:
    """Whether it names one thing, as a code, a version and a year do, rather than counts, as "20"
    and "15-year-old" do."""
    if re.fullmatch(r"\d{1,3}(?:-[a-z]{3,})+", identifier):
        return False
    return not identifier.isdecimal() or len(identifier) > 3


def lacking(question: str, texts: Sequence[str]) -> frozenset[str]:
    """The identifiers of `question` that none of `texts` holds, and its names in whose place
    another one stands there: "the office in Paris" in "the office in Lyon"."""
    text = "\n".join(texts)
    there = held(text)
    absent = {
        each
        for each in identifiers(question)
        if each not in there and re.sub(r"[./:-]|^v(?=\d)", "", each) not in there
    }
    return frozenset(absent | _displaced(question, text))


def _displaced(question: str, text: str) -> set[str]:
    asked = _PLACED.findall(question)
    if not asked:
        return set()
    others = {(head, joint) for head, joint, _ in _PLACED.findall(text)}
    low = text.lower()
    return {
        name.lower()
        for head, joint, name in asked
        if (head, joint) in others and not any(word.lower() in low for word in name.split())
    }


def nearest(identifier: str, text: str) -> str | None:
    """The identifier of `text`, as it stands there, that could be meant by `identifier` or be
    taken for it; None where there is none like it."""
    written = {each.group().lower(): each.group() for each in _IDENTIFIER.finditer(text)}
    found = get_close_matches(identifier, [each for each in written if each != identifier], 1, 0.6)
    return written[found[0]] if found else None


def _plain(text: str) -> str:
    return re.sub(r"(?<=\d)[,’'\u202f](?=\d{3}\b)", "", text.lower())
