"""A follow-up and its history to a question that stands alone, for retrieval and reading.

By rule, for English: a pronoun gives way to what the conversation is about, of its number if there
is such; "there" to the place, "one" to the kind of thing; a part of a name to the whole; and a
question that names nothing of its own gets the topic beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Protocol

from rag.answer import Turn, Written
from rag.rewrite.enumeration import listed, picked
from rag.rewrite.message import read_message
from rag.rewrite.phrases import JOINED, phrases, sentences
from rag.rewrite.substitution import substituted
from rag.rewrite.thread import Thread, asks_about
from rag.rewrite.word_lists import DEMONSTRATIVES
from rag.stop import Stop
from rag.write.no_answer import is_no_answer

_TURNS = 40  # the latest ones
_CHARACTERS = 2000  # of each
_NAMED_WORDS = 2  # a question that names so many things of its own, or fewer, leans on the topic
_MARKER = re.compile(r"\s*\[\d+\]")

_PRONOUN = re.compile(r"\b(it|they|them|he|him|she|this|that|these|those)\b", re.I)
_OWNER = re.compile(r"\b(its|their|his|her)\s+(?=\w)", re.I)
_OWN_SUBJECT = re.compile(  # "did the club pay for its mower": the club's, or another's
    r"\b(?:did|does|do|has|have|had) (?:the|our|a|an) [\w-]+\b.*\b(?:its|their)\b", re.I
)
_HER = re.compile(r"\b(her)\b(?=\W*$|\s*[,;]|\s+(?:in|at|on|to|for|with|from|and|as)\b)", re.I)
_THAT_ONE = re.compile(r"\b(?:that|this) one\b", re.I)
_ONE = re.compile(r"(?<!\w)(?!(?:which|what|no|that)\b)[\w-]+ (ones?)\b", re.I)
_THERE = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bbe )(?<!\bbeen )(?<!\bhave )(?<!\bhas )"
    r"(?<!\bhad )\bthere\b(?! (?:is|are|was|were|any|be|been)\b)",
    re.I,
)
_EMPTY_IT = re.compile(  # "is it better to …", "it takes", "let's do it."
    r"\b(?:is|was|be|if) it(?:['’]s)? (?:better|best|possible|hard|difficult|easy|important|true|"
    r"necessary|normal|okay|good|bad|worth|like) (?:\w+ )?(?:to|that)\b|"
    r"\bit (?:take|rain|snow)s?\b|\bit cost to\b|(?:do|did|doing|make|made) it\b(?= ?[.!])",
    re.I,
)
_COMPARES = re.compile(
    r"\b(?:differ|differs|different|compare|compares|similar)\b"
    r"(?!.*\b(?:from|to|than|with|between)\b)",
    re.I,
)
_NO_VERB = re.compile(r"\W*(?:and |but |so )?(?:what|how) about\b", re.I)
_IS = re.compile(r"^['’]s\b")
_CLAUSES = re.compile(r"\b(?:and|but|if|when|because)\b")
_PLACED = re.compile(r" (?:of|in|at|for|on|from) ")
_WHOLE = re.compile(r"\b(?:of|between)\b")
_PERSONAL = frozenset("he him she his her".split())
_PLURALS = frozenset("they them their these those".split())
_AFTER_BARE = frozenset(  # "that" before one of these stands for something; before a noun it points
    "is are was were do does did has have had can could will would mean affect change happen work "
    "come".split()
)
_BEFORE_BARE = frozenset(
    "is was are were does did do what why how where when of about and has had can in for with from "
    "to like after before by on at".split()
)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A question that stands alone, what a language model took to write it, and whether it is
    `certain` that it doesn't as it was said: "Who is its manager?"."""

    question: str
    written: Written | None = None
    certain: bool = field(default=False, compare=False)


class Rewriter(Protocol):
    """Makes a follow-up stand alone."""

    def __call__(self, question: str, history: Sequence[Turn], most: int, stop: Stop) -> Rewritten:
        """`question` as it can be understood without `history`, oldest turn first; unchanged where
        it can already. At most `most` characters, if it has no more itself."""
        ...


def by_rule(question: str, history: Sequence[Turn], most: int, stop: Stop) -> Rewritten:
    """The rewriter that needs no language model. `question` is unchanged where what it leaves out
    isn't known, or where the whole would be longer than `most` characters."""
    thread = before = Thread()
    earlier: list[str] = []
    asked = ""
    for turn in history[-_TURNS:]:
        if turn.role == "user":
            message = read_message(turn.content[-_CHARACTERS:])
            before, asked = thread, ""
            if message.courtesy:
                continue
            named = substituted(message.question, earlier)
            asked = named or _resolved(message.question, thread)[0]
            thread = thread.after_question(named or message.question, asked)
            earlier.append(asked)
        elif is_no_answer(turn.content):
            thread = before
        else:
            content = turn.content[:_CHARACTERS]
            said = _MARKER.sub("", " ".join(content.split()))
            thread = replace(thread.after_answer(said, asked), items=listed(content))
    one = picked(question, thread.items)
    named = substituted(one or question, earlier)
    whole, certain = (named or one or "", True)
    if not whole:
        whole, certain = _resolved(question, thread)
    return Rewritten(whole, certain=certain) if len(whole) <= most else Rewritten(question)


def standalone(question: str, history: Sequence[Turn], most: int) -> str:
    """`question` rewritten by rule."""
    return by_rule(question, history, most, Stop()).question


def pointed(question: str, context: str, rewritten: Rewritten, most: int) -> Rewritten:
    """`rewritten`, or what `question` is where a pronoun in it means something in the `context`
    that was said right before it; "the usual one" need not be of its kind."""
    if not (_OWNER.search(question) or _bare(question) or _THERE.search(question)):
        return rewritten
    thread = Thread().after_question(context, context)
    whole, certain = _resolved(question, thread)
    if not certain or len(whole) > most:
        return rewritten
    return Rewritten(whole, rewritten.written, certain)


def _resolved(question: str, thread: Thread) -> tuple[str, bool]:
    """`question` with its last sentence completed from `thread`, and whether it is certain that it
    needs to be."""
    if not thread.topics:
        return question, False
    *first, last = sentences(question) or [question]
    whole = _pronoun(last, thread) or _one(last, thread)
    whole = _there(whole or last, thread) or whole
    certain = whole is not None and whole != last and not _OWN_SUBJECT.search(last)
    whole = whole or _name(last, thread) or _ellipsis(last, thread) or last
    return (question if whole == last else " ".join([*first, whole])), certain


def _pronoun(text: str, thread: Thread) -> str | None:
    """`text` with its first pronoun replaced, or as it is where that is explained within."""
    found = [each for each in (_OWNER.search(text), _HER.search(text), _bare(text)) if each]
    if not found:
        return None
    first = min(found, key=lambda each: each.start())
    before, after = text[: first.start()], text[first.end() :]
    owner = first.re is _OWNER
    if _explained(before, owner, first.group(1).lower()):
        return text
    meant = _meant(first.group(1).lower(), thread, text)
    if owner:
        return before + _owned(after, meant)
    return before + meant + _IS.sub(" is", after)


def _owned(text: str, owner: str) -> str:
    """`text`, which begins with what `owner` has: "the owner’s manager", or "the manager of the
    office in Paris" where the owner is several words with another name among them."""
    named = next((each for each in phrases(text) if each.start == 0), None)
    if named and _PLACED.search(owner):
        return f"the {named.text} of {owner}{text[named.end :]}"
    return f"{owner}{'’' if owner.endswith('s') else '’s'} {text}"


def _bare(text: str) -> re.Match[str] | None:
    """The first pronoun that stands for something on its own."""
    empty = [each.span() for each in _EMPTY_IT.finditer(text)]
    for found in _PRONOUN.finditer(text):
        word = found.group().lower()
        if word == "it" and any(start <= found.start() < end for start, end in empty):
            continue
        if word in DEMONSTRATIVES:
            earlier, later = text[: found.start()].split(), text[found.end() :].split()
            following = later[0].strip("?.,!").lower() if later else ""
            if following.isalpha() and following not in _AFTER_BARE:
                continue
            if following and earlier and earlier[-1].lower() not in _BEFORE_BARE:
                continue
        return found
    return None


def _explained(before: str, owner: bool, pronoun: str) -> bool:
    """Whether a pronoun after `before` means what is named there: an owner a name or, for "their",
    several things; any pronoun something in an earlier clause."""
    named = [each for each in phrases(before) if not each.generic]
    if owner and any(each.name and each.start > 0 for each in named):
        return True
    if owner and pronoun == "their" and any(each.plural for each in named):
        return True
    return bool(named and _CLAUSES.search(before))


def _meant(pronoun: str, thread: Thread, text: str) -> str:
    """What `pronoun` means in `text`."""
    if pronoun in _PERSONAL and thread.person:
        return thread.person
    elsewhere = [each for each in thread.topics if each.text.lower() not in text.lower()]
    topics = elsewhere or thread.topics
    plural = pronoun in _PLURALS
    if plural and thread.several and thread.several.lower() not in text.lower():
        return f"the {thread.several}"
    for each in reversed(topics[-2:]):
        if each.plural == plural:
            return each.text
    now = topics[-1]
    return _plural(now.bare) if plural and now.text.startswith(("a ", "an ")) else now.text


def _plural(noun: str) -> str:
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    return re.sub(r"(?<=[^aeiou])y$", "ie", noun) + "s"


def _one(text: str, thread: Thread) -> str | None:
    """What is talked of for "that one", and its kind for "one": "a smart one"."""
    if found := _THAT_ONE.search(text):
        return text[: found.start()] + thread.topics[-1].text + text[found.end() :]
    found = _ONE.search(text)
    if not found:
        return None
    now = thread.topics[-1]
    kind = now.bare if found[1].endswith("s") or not now.plural else _singular(now.bare)
    return text[: found.start(1)] + kind + text[found.end(1) :]


def _singular(nouns: str) -> str:
    return re.sub(r"ie$", "y", nouns.removesuffix("s"))


def _there(text: str, thread: Thread) -> str | None:
    found = _THERE.search(text)
    if not found or not thread.place:
        return None
    return f"{text[: found.start()]}in {thread.place}{text[found.end() :]}"


def _name(text: str, thread: Thread) -> str | None:
    """A part of a name to the whole: "Alan" to "Alan Menken", "the experiment" to "the Milgram
    experiment"."""
    for part in phrases(text):
        word = part.bare
        if part.name and part.start > 0 and len(word) > 2 and word not in thread.names:
            for name in reversed(thread.names):
                parts = name.split()
                if len(parts) > 1 and word in (parts[0], parts[-1]):
                    return text[: part.start] + name + text[part.end :]
    now = thread.topics[-1]
    *described, head = now.bare.split()
    found = re.search(rf"\b(?:the|this|that) {re.escape(head)}\b", text, re.I)
    if not described or not found:
        return None
    return text[: found.start()] + now.text + text[found.end() :]


def _ellipsis(text: str, thread: Thread) -> str | None:
    """The topic beside a question that leans on it: "of the topic" after a noun that only relates,
    else in front."""
    if not _leans(text, thread):
        return None
    about = thread.topics[-1].text
    every = phrases(text)
    body = text.rstrip(" ?!.")
    if every and every[-1].relational and every[-1].end >= len(body):
        return f"{body} of {about}{text[len(body) :]}"
    return f"{about}: {text}"


def _leans(text: str, thread: Thread) -> bool:
    named = [each for each in phrases(text) if not each.generic]
    stems = {stem for each in named for stem in each.stems}
    known = any(stems & each.stems for each in thread.topics)
    if _COMPARES.search(text) or (_NO_VERB.match(text) and not known):
        return True
    if known or any(each.name and not each.relational for each in named):
        return False
    if any(JOINED.fullmatch(text[one.end : other.start]) for one, other in pairwise(named)):
        return False
    if any(each.before in DEMONSTRATIVES for each in named):
        return True
    if len(named) == 1 and asks_about(text) and not _WHOLE.search(text):
        (only,) = named
        defined = only.text.lower().startswith("the ") and not only.name
        new = not only.relational or only.text.startswith(("a ", "an "))
        if not defined and (new or (only.name and not only.plural)):
            return False  # "What is taurine?", "What is a 529 plan?"
    return len(stems) <= _NAMED_WORDS
