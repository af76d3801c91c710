"""The names in a text, by their words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

_WORD = re.compile(r"[^\W_]+(?:[.'’&-][^\W_]+)*")
_BEGINS = re.compile(r"(?:^|\n|[a-z]{3}[.!?]|[:;…\"“„«‘])\s*[-*•]?\s*[\"“„«‘'(]*$")
_COMMON = frozenset(  # words that a capital at the beginning of a sentence makes no name
    "a about according after again all also although an and another any are as at be because been "
    "before being both but by can could currently despite did do does during each early either "
    "even every few finally first following for from furthermore had has have he hence her here "
    "him his how however i if in indeed instead into is it its last later like many may might more "
    "moreover most much must my neither never next no nobody none nor not nothing now of often on "
    "once one only or other others our out over own perhaps please rather recently several shall "
    "she should since so some someone something sometimes soon still such than that the their them "
    "then there therefore these they this those though through thus to today together too two "
    "under unlike until up upon us usually very was we were what when where whether which while "
    "who whom whose why will with within without would yes yesterday yet you your".split()
)
_TITLES = frozenset(
    "captain chairman director doctor dr emperor general king lady lord miss mr mrs ms pope "
    "president prince princess prof professor queen saint senator sir st".split()
)
_VERBS = frozenset(
    "is was are were has had have will can could would should may might must did does became "
    "becomes".split()
)
_PEOPLES = {  # whose names share no stem with their country's
    word: family.split()[0]
    for family in (
        "american america us usa states",
        "british britain uk kingdom",
        "chinese china",
        "danish denmark danes",
        "dutch netherlands holland",
        "english england",
        "filipino philippines",
        "finnish finland finns",
        "french france",
        "greek greece greeks",
        "irish ireland",
        "polish poland poles",
        "scottish scotland scots",
        "spanish spain",
        "swedish sweden swedes",
        "swiss switzerland",
        "thai thailand",
        "turkish turkey turks",
        "welsh wales",
    )
    for word in family.split()
}
_ENDINGS = ("ese", "ian", "ish", "ean", "an", "es", "i", "n", "s")
_LEAST_STEM = 4  # letters


@dataclass(frozen=True, slots=True)
class Name:
    """Words of a name that stand side by side, or a word with a number in it ("H100")."""

    start: int
    end: int
    parts: tuple[str, ...]

    def is_in(self, words: Words) -> bool:
        """Whether every part of it is one of `words`, or their initials are."""
        found = all(part in words.whole or _stems(part) & words.stems for part in self.parts)
        initials = "".join(part[0] for part in self.parts)
        return found or (len(initials) > 1 and initials in words.acronyms)


@dataclass(frozen=True, slots=True)
class Words:
    """What a text offers for names to be found in: its words without case and accents, with the
    initials of its names; what they are without an ending; and those all in capitals."""

    whole: frozenset[str]
    stems: frozenset[str]
    acronyms: frozenset[str]


def words(text: str) -> Words:
    """The words of `text`."""
    written = [match.group() for match in _WORD.finditer(text)]
    whole = {part for word in written for part in parts(word)} | set(_initials(text))
    return Words(
        frozenset(whole),
        frozenset(stem for word in whole for stem in _stems(word)),
        frozenset(part for word in written if word.isupper() for part in parts(word)),
    )


def names(text: str) -> list[Name]:
    """The capitalised words of `text`, but for those that only begin a sentence: that a word there
    is a name is told by a capitalised word or a verb that follows it ("Berlin is"), or by a
    capital or digit inside it."""
    matches = list(_WORD.finditer(text))
    found: list[Name] = []
    for match, after in zip_longest(matches, matches[1:]):
        word = match.group()
        if not _may_be_name(word):
            continue
        begins = _BEGINS.search(text[max(match.start() - 8, 0) : match.start()])
        if begins and not _is_odd(word):
            adjacent = after is not None and text[match.end() : after.start()] == " "
            following = after.group() if after and adjacent else ""
            if following not in _VERBS and not (following and _may_be_name(following)):
                continue
        if found and text[found[-1].end : match.start()] == " ":
            first = found.pop()
            found.append(Name(first.start, match.end(), (*first.parts, *parts(word))))
        else:
            found.append(Name(match.start(), match.end(), tuple(parts(word))))
    return found


def parts(word: str) -> list[str]:
    """ "Jong-un’s" to "jong" and "un", "U.S." to "us"."""
    plain = unicodedata.normalize("NFKD", word)
    plain = "".join(each for each in plain if not unicodedata.combining(each)).casefold()
    plain = re.sub(r"['’]s$|['’.]", "", plain)
    return [part for part in re.split(r"[&-]", plain) if part]


def _may_be_name(word: str) -> bool:
    if _is_odd(word):
        return True
    lowered = word.lower()
    capital = word[0].isupper() and len(word) > 1
    return capital and lowered not in _COMMON and lowered not in _TITLES


def _is_odd(word: str) -> bool:
    """Capitals or digits inside: "NASA", "McAdam", "B2B"."""
    letters = any(each.isalpha() for each in word)
    return letters and (
        any(each.isdigit() for each in word[1:])
        or any(each.isupper() for each in re.sub(r"[-'’&].", "", word)[1:])
    )


def _stems(word: str) -> frozenset[str]:
    """A word with and without the ending of a people or a plural: "italian", "ital", … and
    "italy", "ital"."""
    found = {word, _PEOPLES.get(word, word)}
    for ending in (*_ENDINGS, "y", "e", "a", "o"):
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            found.add(word[: -len(ending)])
    return frozenset(found)


def _initials(text: str) -> Iterator[str]:
    """ "un" for "United Nations", "usa" for "United States of America"."""
    run: list[str] = []
    end = 0
    for match in [*_WORD.finditer(text), None]:
        word = match.group() if match else ""
        gap = text[end : match.start()] if match else "\n"
        if run and (gap.strip() or not (word[:1].isupper() or word in ("of", "the", "and", "for"))):
            letters = "".join(run).casefold()
            for first in range(len(letters)):
                for last in range(first + 2, len(letters) + 1):
                    yield letters[first:last]
            run = []
        if word[:1].isupper():
            run.append(word[0])
        end = match.end() if match else end
