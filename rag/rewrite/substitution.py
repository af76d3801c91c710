"""A follow-up that only names another thing: "And in Lyon?", "What about a service?".

It asks the last question that named a thing of its kind, with the one in the place of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.rewrite.phrases import Phrase, phrases, without_article
from rag.rewrite.word_lists import ADJECTIVES, ARTICLES, AUXILIARIES, FUNCTION, VERBS

_LEAD = re.compile(
    r"\W*(?:(?:and|but|or|so|ok|okay|then|also)\b,?\s*)*(?:(?:and )?(?:what|how) about\b\s*|"
    r"what (?=if\b))?",
    re.I,
)
_ASKED = re.compile(
    r"(?:how (?:much|many|long|often|far|high|big|old)|what|who|when|where)\s+"
    r"(?=(?:in|for|at|on|from|with|since|until|by|under|after|before|during|per)\b)",
    re.I,
)
_COUNTED = re.compile(
    r"(how many|how much|which|what|whose)\s+(?!(?:in|for|of|at|on|from|with|since|per|by) )(?=\w)",
    re.I,
)
_PLACED = re.compile(
    r"(in|for|of|at|on|from|to|with|without|since|until|by|under|over|after|before|during|as|per|"
    r"within|between)\s+(?=\S)",
    re.I,
)
_SAME_AGAIN = re.compile(  # "What was it in 2023?"
    r"(?:what|how \w+) (?:is|was|are|were|has|had|will|would) (?:it|that|this|they)"
    rf"(?: been| be)?\s+(?={_PLACED.pattern})",
    re.I,
)
_QUANTITY = re.compile(r"\W*(?:(?:at|in|by|to|for|from) )?(?:how|what|when|which|where)\b", re.I)
_OWN_CONDITION = re.compile(r"(?<=\S) (?:if|when|while|once|unless) .*$", re.I)
_CONDITION = re.compile(r"(?:if|when|while|once|unless)\s+(?=\S)", re.I)
_ONE = re.compile(r"\bones?$", re.I)
_THE_ONE = re.compile(r"^(?:the|that|those) ones? (?=\w)", re.I)
_NEXT_YEAR = re.compile(
    r"the (?:(following|next) year|year (after))|the (?:previous|last) year|"
    r"last year|the year before",
    re.I,
)
_WORD = re.compile(r"[^\s,;:!?()\"“”]*[^\s,;:!?().\"“”]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_POSSESSIVE = frozenset("my your our his her its their".split())
_VERBS = AUXILIARIES | frozenset("is are was were am be been has have had".split())
_POINTING = frozenset(
    "it its they them their he she him his her this that these those there".split()
)
_MOST_WORDS = 8  # of a fragment
_LIKE, _NEARLY = 3.0, 2.0  # the least likeness in any question, and in the last one
_EDGES = " ?!.,;:"


@dataclass(frozen=True, slots=True)
class _Fragment:
    """The thing that a follow-up names, as written; the preposition before it, if any; and whether
    it `describes` one of those that were talked of: "the small one"."""

    text: str
    placed: str
    describes: bool

    @property
    def words(self) -> list[str]:
        return _WORD.findall(without_article(self.text))

    @property
    def article(self) -> str:
        return _article(self.text.split()[0])


def substituted(text: str, asked: Sequence[str]) -> str | None:
    """The last question in `asked`, oldest first, that has a like-kinded thing for the one that
    `text` names, with it in its place; or the last of all with a condition or a place added to it.
    None where `text` is no such follow-up."""
    if not asked:
        return None
    lead = _LEAD.match(text)
    rest = text[lead.end() if lead else 0 :].strip(_EDGES)
    led = bool(lead and lead.group().strip())
    if led and _CONDITION.match(rest):
        return _with_condition(asked[-1], rest)
    if led and (counted := _COUNTED.match(rest)) and not _has(rest, _VERBS):
        return _recounted(rest[counted.end() :], counted.group(1), asked)
    if found := _SAME_AGAIN.match(rest) if _QUANTITY.match(asked[-1]) else None:
        rest, led = rest[found.end() :], True
    elif found := _ASKED.match(rest):
        rest = rest[found.end() :]
    rest = _THE_ONE.sub("", rest)
    placed = _PLACED.match(_ONE.sub("", rest).strip())
    fragment = _fragment(rest)
    if not fragment or not (led or placed or _kind(fragment.text)):
        return None
    if len(fragment.text.split()) > _MOST_WORDS or _has(fragment.text, _POINTING):
        return None
    if not _has(rest, _VERBS):
        for question, least in [*((each, _LIKE) for each in reversed(asked)), (asked[-1], _NEARLY)]:
            if whole := _replaced(question, fragment, least):
                return whole
    return f"{asked[-1].rstrip(_EDGES)} {rest}?" if led and placed else None


def _fragment(text: str) -> _Fragment | None:
    bare = _ONE.sub("", text).strip()
    placed = _PLACED.match(bare)
    thing = bare[placed.end() :] if placed else bare
    if not thing:
        return None
    return _Fragment(thing, placed[1].lower() if placed else "", text.endswith((" one", " ones")))


def _has(text: str, words: frozenset[str]) -> bool:
    return any(word in words for word in text.lower().split())


def _with_condition(question: str, condition: str) -> str:
    """`question` with `condition` in the place of its own, or after it."""
    own = _OWN_CONDITION.search(question)
    return f"{question[: own.start()] if own else question.rstrip(_EDGES)} {condition}?"


def _recounted(thing: str, counted: str, asked: Sequence[str]) -> str | None:
    """The last question that counted something, or chose among it, of another `thing`."""
    for question in reversed(asked):
        start = re.search(rf"\b{counted}\s+", question, re.I)
        named = [each for each in phrases(question) if start and each.start == start.end()]
        if named:
            return f"{question[: named[0].start]}{thing}{question[named[0].end :]}"
    return None


def _replaced(question: str, fragment: _Fragment, least: float) -> str | None:
    """`question` with the fragment in the place of what is likest to it, if that is like enough."""
    span = _same_year(question, fragment) or _aligned(question, fragment)
    if span is None:
        span = _same_kind(question, fragment) or _likest(question, fragment, least)
    if span is None:
        return None
    start, end, new = span
    return question[:start] + new + question[end:]


def _same_year(question: str, fragment: _Fragment) -> tuple[int, int, str] | None:
    """The year before, or after, the last one."""
    found, years = _NEXT_YEAR.fullmatch(fragment.text), list(_YEAR.finditer(question))
    if not found or not years:
        return None
    step = 1 if found[1] or found[2] else -1
    return (*years[-1].span(), str(int(years[-1].group()) + step))


def _aligned(question: str, fragment: _Fragment) -> tuple[int, int, str] | None:
    """Words in a row of which some are the fragment's own, such as "Corvid 3" for "Corvid 5" and
    "the Business plan" for "the Enterprise plan"."""
    words, new = list(_WORD.finditer(question)), fragment.words
    best, most = None, 0
    for first in range(len(words) - len(new) + 1):
        window = words[first : first + len(new)]
        pairs = [(old.group().lower(), word.lower()) for old, word in zip(window, new, strict=True)]
        same = [old for old, word in pairs if old == word]
        telling = sum(old not in FUNCTION and old not in ADJECTIVES for old in same)
        fits = all(
            old == word
            or (
                old not in FUNCTION
                and word not in FUNCTION
                and old not in _VERBS
                and bool(_kind(old)) == bool(_kind(word))
            )
            for old, word in pairs
        )
        if fits and len(same) < len(pairs) and telling > most:
            best, most = (window[0].start(), window[-1].end(), " ".join(new)), telling
    return best


def _same_kind(question: str, fragment: _Fragment) -> tuple[int, int, str] | None:
    """The last number, year, version or code for another of its kind."""
    kinds = [_kind(word) for word in fragment.words if _kind(word)]
    if len(kinds) != 1:
        return None
    same = [each for each in _WORD.finditer(question) if _kind(each.group()) == kinds[0]]
    return (*same[-1].span(), " ".join(fragment.words)) if same else None


def _kind(word: str) -> str:
    """What sort of identifier a word is; nothing where it has no digit, or is several words."""
    if not any(map(str.isdigit, word)) or " " in word:
        return ""
    if _YEAR.fullmatch(word):
        return "year"
    if any(map(str.isalpha, word)) and not re.fullmatch(r"v?\d+(?:\.(?:\d+|x))+", word, re.I):
        return "code"
    return "version" if "." in word else "number"


def _likest(question: str, fragment: _Fragment, least: float) -> tuple[int, int, str] | None:
    """The phrase that stands as the fragment does: after the same preposition, with a capital or
    without, with the same article."""
    named = phrases(f"about {fragment.text}")
    if not named:
        return None
    best, most = None, least
    for old in _phrases(question):
        start, before = _owned(question, old)
        likeness = _likeness(named[0], fragment, old, before, _article(question[start:].split()[0]))
        if likeness > most or (likeness == most and best is None):
            head = f" {old.bare.split()[-1]}" if fragment.describes else ""
            best, most = (start, old.end, fragment.text + head), likeness
    return best


def _likeness(new: Phrase, fragment: _Fragment, old: Phrase, before: str, article: str) -> float:
    """How like the `old` phrase, which follows the word `before`, is to the `new` one."""
    placed = bool(fragment.placed) and before == fragment.placed
    names = _proper(old) and _proper(new)
    if _kind(old.bare) or old.bare.lower() == new.bare.lower() or (old.generic and not new.generic):
        return 0.0
    if fragment.placed and not placed and not names:
        return 0.0
    return (
        3.0 * placed
        + (2.0 if names else 1.0) * (_proper(old) == _proper(new))
        + 2.5 * (article == fragment.article)
        + 0.5 * (old.plural == new.plural)
        + 1.0 * (not fragment.placed and not _PLACED.match(f"{before} x"))
        - 2.0 * (old.relational != new.relational and not names)
        - 1.5 * (before in ("many", "much", "which", "what", "whose"))
    )


def _proper(phrase: Phrase) -> bool:
    return phrase.name and not phrase.bare[0].isdigit()


def _phrases(question: str) -> Iterator[Phrase]:
    """The phrases of a question, and the ends of those that have a preposition within: "Larkfield"
    in "the CEO of Larkfield". A noun that could be a verb belongs to its phrase where the question
    has its verb elsewhere: "a tyre change"."""
    helped = _has(question, AUXILIARIES)
    for each in phrases(question):
        following = _WORD.match(question, each.end + 1)
        if following and following.group() in VERBS and each.text.islower():
            end = following.end()
            if not helped or _has(question[end:].rstrip(_EDGES), VERBS):
                each = replace(each, text=question[each.start : end], end=end)
        yield each
        for inner in _PLACED.finditer(each.text):
            start = each.start + inner.end()
            yield replace(each, text=question[start : each.end], start=start, before=inner[1])


def _owned(question: str, phrase: Phrase) -> tuple[int, str]:
    """Where a phrase begins with "my" or "their" before it, and the word before that."""
    if phrase.before not in _POSSESSIVE:
        return phrase.start, phrase.before
    *earlier, owner = question[: phrase.start].split()
    start = question.rindex(owner, 0, phrase.start)
    return start, earlier[-1].lower() if earlier else ""


def _article(word: str) -> str:
    low = word.lower()
    if low in _POSSESSIVE:
        return "the"
    return ("a" if low == "an" else low) if low in ARTICLES else ""
