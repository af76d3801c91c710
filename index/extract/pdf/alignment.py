"""Pure: a stretch of a page's stored text found among the words that stand on the page.

What is stored isn't what is drawn: words that were hyphenated are whole, running heads are gone,
the rows of a table repeat what stands over its columns, notes have moved. So both are taken as
words, without their signs, and put beside each other in order; what is left over of the stretch is
looked for by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from index.extract.pdf.spots import Spot, advance

_WORD = re.compile(r"\S+")
_CELL = " | "
_LEAST_MOVED = 3  # words in a row; fewer may be others
_GAP = 1.2  # heights of a line between two words that are marked as one
_NEAR_HEAD = 8  # heights of a line between the middles of a figure and of what stands over it


Share = tuple[int, float, float]
"""A spot, and from where to where of its width, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the stored text, at `text[start:end]` of its page."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A word of the page, which has two spots where it is hyphenated, and where each of the letters
    of its key stands."""

    key: str
    spots: tuple[int, ...]
    letters: tuple[Share, ...]


def marked(text: str, start: int, end: int, spots: Sequence[Spot]) -> tuple[list[Spot], float]:
    """The boxes, one for each run of words on a line, that hold `text[start:end]` of a page whose
    stored text is `text`, in its order; and the share of its words that was found, in [0, 1]."""
    words, units = list(_words(text)), list(_units(spots))
    places = _aligned(words, units)
    wanted = [at for at, word in enumerate(words) if word.start < end and word.end > start]
    _find_moved(words, units, places, wanted)
    _find_heads(text, words, units, places, wanted, spots)
    shares = [
        share for at in wanted for share in _shares(text, words[at], places.get(at), start, end)
    ]
    looked_for = [at for at in wanted if words[at].key.isalnum()]
    found = sum(at in places for at in looked_for) / max(len(looked_for), 1)
    return _boxes(shares, spots), found


def _key(word: str) -> str:
    """A word as it is compared: its letters and figures, or its signs where it has none."""
    folded = unicodedata.normalize("NFKC", word).casefold()
    return "".join(sign for sign in folded if sign.isalnum()) or folded


def _words(text: str) -> Iterator[Word]:
    for match in _WORD.finditer(text):
        yield Word(_key(match[0]), *match.span())


def _units(spots: Sequence[Spot]) -> Iterator[Unit]:
    parts: list[int] = []
    for at, spot in enumerate(spots):
        parts.append(at)
        if not spot.broken or at + 1 == len(spots):
            keys = [_key(spots[part].text) for part in parts]
            letters = (
                (part, advance(key[:n]) / advance(key), advance(key[: n + 1]) / advance(key))
                for part, key in zip(parts, keys, strict=True)
                for n in range(len(key))
            )
            yield Unit("".join(keys), tuple(parts), tuple(letters))
            parts = []


def _aligned(words: Sequence[Word], units: Sequence[Unit]) -> dict[int, list[Share]]:
    """By the number of a stored word, where it stands. Between words that are found, others that
    are the same letters put together another way are found too."""
    matcher = SequenceMatcher(
        None, [word.key for word in words], [unit.key for unit in units], autojunk=False
    )
    places: dict[int, list[Share]] = {}
    for kind, first, last, start, stop in matcher.get_opcodes():
        if kind == "equal":
            for at, unit in zip(range(first, last), units[start:stop], strict=True):
                places[at] = [(spot, 0.0, 1.0) for spot in unit.spots]
        elif kind == "replace":
            places |= _rejoined(words, range(first, last), units[start:stop])
    return places


def _rejoined(
    words: Sequence[Word], numbers: Sequence[int], units: Sequence[Unit]
) -> dict[int, list[Share]]:
    """Where the letters of the words with these numbers stand, if they are those of `units`."""
    letters = [letter for unit in units for letter in unit.letters]
    stored = "".join(words[at].key for at in numbers)
    if stored != "".join(unit.key for unit in units) or len(stored) != len(letters):
        return {}
    places, at = {}, 0
    for number in numbers:
        shares: dict[int, Share] = {}
        for spot, begin, stop in letters[at : at + len(words[number].key)]:
            shares[spot] = spot, shares.get(spot, (spot, begin))[1], stop
        places[number] = list(shares.values())
        at += len(words[number].key)
    return places


def _find_moved(
    words: Sequence[Word],
    units: Sequence[Unit],
    places: dict[int, list[Share]],
    wanted: Sequence[int],
) -> None:
    """What stands elsewhere in the order of the page: runs of some words that were not found, among
    those of the page that are not taken."""
    lost = [at for at in wanted if at not in places]
    if len(lost) < _LEAST_MOVED:
        return
    taken = {share[0] for shares in places.values() for share in shares}
    free = ["" if unit.spots[0] in taken else unit.key for unit in units]
    matcher = SequenceMatcher(None, [words[at].key for at in lost], free, autojunk=False)
    for first, start, size in matcher.get_matching_blocks():
        if size >= _LEAST_MOVED:
            for at, unit in zip(lost[first : first + size], units[start:], strict=False):
                places[at] = [(spot, 0.0, 1.0) for spot in unit.spots]


def _find_heads(
    text: str,
    words: Sequence[Word],
    units: Sequence[Unit],
    places: dict[int, list[Share]],
    wanted: Sequence[int],
    spots: Sequence[Spot],
) -> None:
    """What a row of a table repeats of the headings over it: of the words above the next one that
    was found, the one nearest to its middle, and of several the lowest."""
    for at in wanted:
        word = words[at]
        if at in places or not word.key.isalnum() or not _is_in_row(text, word):
            continue
        beneath = next((n for n in wanted if n > at and n in places), None)
        if beneath is None:
            continue
        figure = spots[places[beneath][0][0]]
        reach = _NEAR_HEAD * (figure.bottom - figure.top)
        above = [
            unit
            for unit in units
            if unit.key == word.key
            and spots[unit.spots[0]].bottom <= figure.top + 1
            and _off(spots[unit.spots[0]], figure) < reach
        ]
        if above:
            head = min(
                above,
                key=lambda unit: (
                    round(_off(spots[unit.spots[0]], figure)),
                    figure.top - spots[unit.spots[0]].top,
                ),
            )
            places[at] = [(spot, 0.0, 1.0) for spot in head.spots]


def _off(one: Spot, other: Spot) -> float:
    return abs(one.left + one.right - other.left - other.right) / 2


def _is_in_row(text: str, word: Word) -> bool:
    begin = text.rfind("\n", 0, word.start) + 1
    end = text.find("\n", word.end)
    return _CELL in text[begin : end if end >= 0 else len(text)]


def _shares(
    text: str, word: Word, places: list[Share] | None, start: int, end: int
) -> Iterator[Share]:
    """What of a word's spots is in the stretch from `start` to `end`."""
    if places is None:
        return
    length = advance(text[word.start : word.end])
    begin = advance(text[word.start : max(start, word.start)]) / length
    stop = advance(text[word.start : min(end, word.end)]) / length
    for spot, left, right in places:
        if len(places) > 1:
            yield spot, left, right
        else:
            yield spot, left + (right - left) * begin, left + (right - left) * stop


def _boxes(shares: Sequence[Share], spots: Sequence[Spot]) -> list[Spot]:
    """One box for each run of words beside each other on one line, each place once."""
    boxes: list[Spot] = []
    for number, begin, stop in sorted(set(shares)):
        box = _part(spots[number], begin, stop)
        if boxes and _goes_on(boxes[-1], box):
            boxes[-1] = _joined(boxes[-1], box)
        else:
            boxes.append(box)
    return boxes


def _part(spot: Spot, begin: float, stop: float) -> Spot:
    """What of a spot is from `begin` to `stop`, in [0, 1], of the way that it runs."""
    if spot.way in (2, 3):
        begin, stop = 1 - stop, 1 - begin
    if spot.way % 2:
        high = spot.bottom - spot.top
        return replace(spot, top=spot.top + high * begin, bottom=spot.top + high * stop)
    wide = spot.right - spot.left
    return replace(spot, left=spot.left + wide * begin, right=spot.left + wide * stop)


def _goes_on(before: Spot, box: Spot) -> bool:
    """Whether two boxes stand beside each other, along the line that they are on."""
    height = min(box.bottom - box.top, box.right - box.left)
    aside = max(box.left - before.right, before.left - box.right, 0.0)
    below = max(box.top - before.bottom, before.top - box.bottom, 0.0)
    return before.line == box.line and max(aside, below) <= _GAP * height


def _joined(one: Spot, other: Spot) -> Spot:
    return Spot(
        f"{one.text} {other.text}",
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
        one.line,
    )
