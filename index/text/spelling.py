"""The word of a text that a misspelt one was meant for, of the stems that a full text knows. Pure:
where the stems and the words come from is for the store to say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from index.text.edits import edits, edits_to_beginning

TEXTS = 5
"""The texts with a stem whose words are looked at."""

_WORD = re.compile(r"[^\W\d_]+")
_SUFFIX = 6  # the most letters that a stem lacks
_TERMS = 16  # the nearest stems
_TWO_EDITS = 8  # letters of a word that may have two


@dataclass(frozen=True, slots=True)
class Range:
    """Stems from `low` to before `high`, of `shortest` to `longest` letters."""

    low: str
    high: str
    shortest: int
    longest: int


def nearest(
    word: str,
    stems: Callable[[Range], Iterable[tuple[str, int]]],
    texts: Callable[[str], Iterable[str]],
) -> str | None:
    """The word of a text that begins alike and is one edit from `word`, or two from a long one;
    of several the nearest, where letters are swapped, lost or doubled rather than others, then
    the most frequent. None where there is none. `stems` gives those in a range, with how many texts
    have each, and `texts` some that have a stem."""
    plain = _plain(word)
    most = 1 + (len(plain) >= _TWO_EDITS)
    letters = set(plain.replace("y", "i")) | set(plain)
    first = plain[0]
    alike = Range(first, chr(ord(first) + 1), max(len(plain) - _SUFFIX, 3), len(plain) + 2)
    near = sorted(
        (edits_to_beginning(plain, stem), -number, stem)
        for stem, number in stems(alike)
        if len(set(stem) - letters) <= most
    )
    found: list[tuple[int, bool, int, str]] = []
    for place, (distance, _, stem) in enumerate(near[:_TERMS]):
        if distance > most + 1:  # a stem may end otherwise than its word
            break
        for other in set(_WORD.findall(" ".join(texts(stem)))):
            if abs(len(other) - len(plain)) > most or _plain(other[0]) != first:
                continue
            spelt = _plain(other)
            changed = len(spelt) == len(plain) and sorted(spelt) != sorted(plain)
            found.append((edits(plain, spelt, most), changed, place, other))
    distance, *_, other = min(found, default=(most + 1, False, 0, ""))
    return other if distance <= most else None


def _plain(word: str) -> str:
    """`word` as a full text has it: in small letters, without accents."""
    letters = unicodedata.normalize("NFD", word.lower())
    return "".join(each for each in letters if not unicodedata.combining(each))
