"""What an answer claims: its sentences, and the footnotes that each of them gives for it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from index.text.sentences import sentence_spans

_HEADING = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t][^\n]*|(?:\*\*|__)[^\n]+?(?:\*\*|__):?[ \t]*"
    r"|[^\n]*:[ \t]*(?:\*\*)?[ \t]*)$",
    re.MULTILINE,
)
_LONGEST_HEADING = 12  # words
_BULLET = re.compile(r"\s*(?:[-*+•‣▪–]|\(?\d{1,3}[.)]|#{1,6}|>)\s+")
_EMPHASIS = re.compile(r"\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
_WORD = re.compile(r"\w+")
_LEAST_WORDS = 2  # "Yes." claims nothing of its own
_LEAST_REPEATED = 4  # words; fewer may be a cell of a table


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer: `start` and `end` in the answer's text, its footnotes included; its
    words without footnotes and markup; which footnotes it gives, by index; for each of them the
    words of the sentence that it stands for; whether it follows another sentence in its line."""

    start: int
    end: int
    text: str
    marks: tuple[int, ...]
    parts: tuple[str, ...]
    follows: bool


def claims(text: str, marks: Sequence[tuple[int, int]]) -> list[Claim]:
    """The sentences of `text` in order, with the footnotes at `marks` (start and end of each).

    A footnote belongs to the sentence that it stands in or after; at the beginning of a line, to
    the one that follows. Headings without a footnote and single words claim nothing.
    """
    bare, places = _without(text, marks)
    spans = [cut for span in _sentences(bare) for cut in _cut_at(span, places, bare)]
    owners = [_owner(place, places, spans, bare) for place in places]
    found = []
    for number, (start, end) in enumerate(spans):
        own = tuple(index for index, owner in enumerate(owners) if owner == number)
        words = without_markup(bare[start:end])
        if not own and (_is_heading(bare[start:end]) or len(_WORD.findall(words)) < _LEAST_WORDS):
            continue
        first = start + sum(marks[i][1] - _cut(text, marks[i][0]) for i in _up_to(start, places))
        last = end + sum(marks[i][1] - _cut(text, marks[i][0]) for i in _up_to(end - 1, places))
        if own:
            first = min(first, marks[own[0]][0])
            last = max(last, marks[own[-1]][1])
        before = bare[spans[number - 1][1] : start] if number else "\n"
        parts = _parts(bare, start, end, [places[index] for index in own])
        found.append(Claim(first, last, words, own, parts, "\n" not in before))
    return found


def said_again(said: Sequence[Claim], cited: Sequence[frozenset[int]]) -> list[bool]:
    """Which of them only repeat, word for word, as small models do over and over: those that follow
    right on their like, and two or more at the end that have all been said. `cited` are the numbers
    of the passages that each of them cites; one that cites another than its like did says more,
    and so may one that is said again under another heading."""
    seen: dict[tuple[str, ...], frozenset[int]] = {}
    last: tuple[str, ...] = ()
    repeated, at_once = [], []
    for claim, own in zip(said, cited, strict=True):
        words = tuple(_WORD.findall(claim.text.casefold()))
        known = words in seen and own <= seen[words]
        repeated.append(known and len(words) >= _LEAST_REPEATED)
        at_once.append(repeated[-1] and words == last)
        seen[words] = seen.get(words, frozenset()) | own
        last = words
    ending = len(repeated)
    while ending and repeated[ending - 1]:
        ending -= 1
    whole = len(repeated) - ending > 1
    return [at_once[n] or (whole and n >= ending) for n in range(len(repeated))]


def without_markup(sentence: str) -> str:
    """A sentence on one line without bullet, heading marks and emphasis."""
    bullet = _BULLET.match(sentence)
    return " ".join(_EMPHASIS.sub("", sentence[bullet.end() if bullet else 0 :]).split())


def _without(text: str, marks: Sequence[tuple[int, int]]) -> tuple[str, list[int]]:
    """`text` without its footnotes and the spaces before them, and where each of them was."""
    kept, places, position = "", [], 0
    for start, end in marks:
        kept += text[position : _cut(text, start)]
        places.append(len(kept))
        position = end
    return kept + text[position:], places


def _cut(text: str, start: int) -> int:
    """Where what goes with a footnote begins: the space before it, but not a line's own."""
    return start - 1 if start > 1 and text[start - 1] == " " and text[start - 2] != "\n" else start


def _up_to(place: int, places: Sequence[int]) -> range:
    return range(bisect_right(places, place))


def _sentences(bare: str) -> list[tuple[int, int]]:
    """A heading is a sentence by itself, though no full stop ends it."""
    found, position = [], 0
    for heading in [*_HEADING.finditer(bare), None]:
        until = heading.start() if heading else len(bare)
        found += [(position + a, position + b) for a, b in sentence_spans(bare[position:until])]
        if heading and heading.group().strip():
            start = heading.start() + len(heading.group()) - len(heading.group().lstrip())
            found.append((start, start + len(heading.group().strip())))
        position = heading.end() if heading else until
    return found


def _cut_at(span: tuple[int, int], places: Sequence[int], bare: str) -> list[tuple[int, int]]:
    """A sentence ends where a footnote follows a full stop, whatever else it looks like."""
    start, end = span
    for place in places:
        rest = bare[place:end].lstrip()
        ended = bare[place - 1] in ".!?…" and len(_WORD.findall(bare[start:place])) >= _LEAST_WORDS
        if start < place < end and ended and rest and not rest[0].islower():
            return [(start, place), *_cut_at((end - len(rest), end), places, bare)]
    return [span]


def _is_heading(line: str) -> bool:
    words = len(_WORD.findall(line))
    return _HEADING.fullmatch(line) is not None and words <= _LONGEST_HEADING


def _owner(
    place: int, places: Sequence[int], spans: Sequence[tuple[int, int]], bare: str
) -> int | None:
    """The number of the sentence that a footnote at `place` belongs to; None if there is none."""
    first = bare.rfind("\n", 0, place) + 1
    last = first + len(bare[first:].partition("\n")[0])
    bullet = _BULLET.match(f"{bare[first:last]} ")
    leads = [p for p in places if first <= p <= max(first, bullet.end() - 1 if bullet else first)]
    trails = [p for p in places if p <= last and not _WORD.search(bare[max(p, first) : last])]
    before = bisect_left(spans, (place, 0)) - 1
    after = before + 1 if before < 0 or spans[before][1] <= place else before
    if leads and (place in leads or not trails) and _WORD.search(bare[place:last]):
        return after if after < len(spans) else None
    return before if before >= 0 else (0 if spans else None)


def _parts(bare: str, start: int, end: int, places: Sequence[int]) -> tuple[str, ...]:
    """What each footnote stands for: the words since the one before it, those of that one again
    when there are hardly any ("[1] and [2]"); the whole sentence for a single one."""
    whole = without_markup(bare[start:end])
    cuts = [min(max(place, start), end) for place in places]
    stretches = [bare[a:b] for a, b in zip([start, *cuts[:-1]], [*cuts[:-1], end], strict=True)]
    parts: list[str] = []
    for stretch in stretches if cuts else []:
        words = without_markup(stretch)
        telling = len(_WORD.findall(words)) >= _LEAST_WORDS
        parts.append(words if telling else (parts[-1] if parts else whole))
    return tuple(parts)
