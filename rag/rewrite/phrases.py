"""What a question speaks of: its phrases, told from word lists and capitals, without a tagger."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.rewrite.word_lists import (
    ADJECTIVES,
    ARTICLES,
    AUXILIARIES,
    FUNCTION,
    INSIDE_NAMES,
    NOUNS_IN_ER,
    RELATIONAL,
    VERBS,
)

_TOKEN = re.compile(r"[^\W_][\w&+#/-]*(?:\.[A-Za-z]\b\.?)*(?:[’']\w+)?(?:\.\w+)*|[^\w\s]")
_SENTENCE = re.compile(r"(?<=[.?!])(?<!\b[MD][rs]\.)(?<!\bMrs\.)\s+(?=[\"“‘(]?\w)")
_CONTRACTED = re.compile(r"[’'](?:s|re|ll|ve|d|m)$")
_ADJECTIVAL = re.compile(r"\w+(?:able|ible|ous|ful|less|ly|ier|iest|ed|er|est)", re.I)
_PLURAL = re.compile(r"\w+(?<![su])(?<!i)s", re.I)
_BELONGS = re.compile(r" (?:of|in|for) (?:the |an? )?")
_OF = re.compile(r" of ")
_LOOSE = FUNCTION | VERBS | ADJECTIVES
_PLACED = ("in", "at", "on", "by")  # what follows is where or by whom, seldom what it is about
_COUNTED = re.compile(r"\W*(?:how (?:many|much)|which|what|whose) (?=\w)", re.I)
_MANY = re.compile(r"\W*how many (?=\w)", re.I)
_ASKED = re.compile(r" (?:do|does|did|may|can|could|will|would|must|should|has|have|had) ", re.I)
_QUESTION_WORDS = ("what", "which", "how", "who")
_MOST_WORDS = 8  # of a phrase
_MOST_CHARACTERS = 60  # of two phrases that belong together

JOINED = re.compile(r" (?:and|&) (?:the )?")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of words that may name something: `text` with its article, from `start` to `end` of
    its sentence; the word `before` it, in small letters; and whether it is a `name`, with a capital
    or a number amid the sentence."""

    text: str
    start: int
    end: int
    before: str
    name: bool

    @property
    def bare(self) -> str:
        """The text without its article."""
        return without_article(self.text)

    @property
    def head(self) -> str:
        """The noun that the others describe, in small letters."""
        return _BELONGS.split(self.bare)[0].split()[-1].lower()

    @property
    def relational(self) -> bool:
        """Whether its head only relates to something else: "natural treatments"."""
        return self.head in RELATIONAL

    @property
    def generic(self) -> bool:
        """Whether all of it does, so that it names nothing: "the main causes", "pros"."""
        if self.name:
            return self.bare.isdigit()
        words = self.bare.lower().split()
        if len(words) == 1 and words[0] not in NOUNS_IN_ER and _ADJECTIVAL.fullmatch(words[0]):
            return True
        return all(word in RELATIONAL or word in _LOOSE for word in words)

    @property
    def plural(self) -> bool:
        return bool(JOINED.search(self.text) or _PLURAL.fullmatch(self.head))

    @property
    def stems(self) -> set[str]:
        """Its words in small letters, without a plural's s."""
        return {word.lower().removesuffix("s") for word in self.bare.split()}


def without_article(text: str) -> str:
    first, _, rest = text.partition(" ")
    return rest if rest and first.lower() in ARTICLES else text


def sentences(text: str) -> list[str]:
    """The sentences of a question."""
    return [part for part in _SENTENCE.split(" ".join(text.split())) if part]


def phrases(sentence: str) -> list[Phrase]:
    """The phrases of one sentence, in order."""
    tokens = list(_TOKEN.finditer(sentence))
    found: list[Phrase] = []
    first = 0  # of the run that is open
    for place in range(len(tokens) + 1):
        if place < len(tokens) and _goes_on(tokens, first, place):
            continue
        if first < place:
            found.append(_phrase(sentence, tokens, first, place))
        first = place + 1
    return found


def _goes_on(tokens: Sequence[re.Match[str]], first: int, place: int) -> bool:
    """Whether the word at `place` belongs to the run that began at `first`."""
    word = tokens[place].group()
    if not word[0].isalnum() or place - first >= _MOST_WORDS:
        return False
    low = _CONTRACTED.sub("", word.lower())
    if low.endswith("ly"):
        return False
    if low in INSIDE_NAMES and place > first and _capital(tokens[place - 1].group()):
        return place + 1 < len(tokens) and _capital(tokens[place + 1].group())
    if len(word) > 1 and word.isupper():
        return True
    if low in FUNCTION or low.endswith(("n't", "n’t")):
        return False
    return low not in _LOOSE or (place > 0 and word[0].isupper())


def _phrase(sentence: str, tokens: Sequence[re.Match[str]], first: int, after: int) -> Phrase:
    def word(place: int) -> str:
        return tokens[place].group().lower() if 0 <= place < len(tokens) else ""

    start, before = tokens[first].start(), word(first - 1)
    if before in ARTICLES:
        start, before = tokens[first - 1].start(), word(first - 2)
    run = tokens[first:after]
    last = run[-1].group()
    # "does a wolfhound weigh", "the music released": the last word is the verb
    later = any(word(place) in VERBS for place in range(after, len(tokens)))
    verb = (before in AUXILIARIES and not later) or last.endswith("ed")
    if len(run) > 1 and last.islower() and verb:
        run = run[:-1]
    text = sentence[start : run[-1].end()]
    text = text.removesuffix("'s").removesuffix("’s")
    name = any(
        _capital(each.group()) and (each.start() > 0 or each.group().lower() not in _LOOSE)
        for each in run
    )
    return Phrase(text, start, start + len(text), before, name)


def _capital(word: str) -> bool:
    return word[0].isupper() or word[0].isdigit()


def topic(sentence: str) -> Phrase | None:
    """What one sentence is about: the phrase that later pronouns are likeliest to mean, with what
    belongs to it ("the labor systems of the Ottoman Empire"). None where it names nothing."""
    every = phrases(sentence)
    named = [each for each in every if not each.generic]
    if not named:
        return None
    about = [each for each in named if each.before == "about"]
    if (subject := _subject(sentence, every)) in named:
        named = named[named.index(subject) :]
    names = [each for each in named if each.name and each.before not in _PLACED]
    if about:
        chosen = about[0]
    elif subject in named:
        chosen = named[0]
    elif names and sentence.split()[0].lower() in _QUESTION_WORDS:
        chosen = names[0]
    else:
        chosen = named[0]
    following = _after(every, chosen)
    if following and _is_deed(chosen) and following.start == chosen.end + 1:
        chosen, following = following, _after(every, following)
    if following is None:
        return chosen
    between = sentence[chosen.end : following.start]
    one = JOINED.fullmatch(between) or _OF.fullmatch(between)
    one = one or (_BELONGS.fullmatch(between) if following.name else None)
    if not one or following.end - chosen.start > _MOST_CHARACTERS:
        return chosen
    text = sentence[chosen.start : following.end]
    return replace(chosen, text=text, end=following.end, name=chosen.name or following.name)


def counted(sentence: str) -> str:
    """The things whose number is asked for: "employees" in "How many employees are there?"."""
    found = _MANY.match(sentence)
    first = next((each for each in phrases(sentence) if found and each.start == found.end()), None)
    return first.text if first and not first.relational else ""


def _subject(sentence: str, every: Sequence[Phrase]) -> Phrase | None:
    """Whose share is asked for: the office in "How many employees does the office have?"."""
    found = _COUNTED.match(sentence)
    if not found or not every or every[0].start != found.end():
        return None
    asked = _ASKED.match(sentence, every[0].end)
    return next((each for each in every if asked and each.start == asked.end()), None)


def _after(every: Sequence[Phrase], phrase: Phrase) -> Phrase | None:
    """The phrase after `phrase`, if it names something."""
    following = next((each for each in every if each.start > phrase.end), None)
    return None if following is None or following.generic else following


def _is_deed(phrase: Phrase) -> bool:
    """Whether it is what one does to what follows: "learning a language"."""
    return phrase.text.isalpha() and phrase.text.islower() and phrase.text.endswith("ing")
