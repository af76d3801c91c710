"""What a conversation is about, as its questions and answers go by."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rag.rewrite.phrases import Phrase, counted, phrases, sentences, topic

_ASKS_ABOUT = re.compile(
    r"\W*(?:(?:ok|okay|so|now|and|please|can you|could you|i would like to|i want to|i'd like to)"
    r"\W+)*(?:tell (?:me|us) (?:\w+ )?about|describe|explain|discuss|learn about|know about|"
    r"talk about|(?:what|who)(?:['’]s| is| are| was| were)(?! there| the (?:most|best|worst))|"
    r"what about|how about)\b",
    re.I,
)
_WHO = re.compile(r"\W*(?:who(?:m|se)?|which \w+)\b", re.I)
_WHICH = re.compile(r"\W*which (?=\w)", re.I)
_WHOM = re.compile(r"\W*who\b", re.I)
_NAMES_WHOM = re.compile(r"\W*(?i:who(?:['’]s| is| are| was| were)) [A-Z]")
_PLACED = ("in", "at", "to", "around", "near", "from")
_NO_PERSON = ("in", "at", "on", "from")
_TITLES = ("Mr", "Mrs", "Ms", "Dr")
_NO_THINGS = frozenset(
    "one two three four five six seven eight nine ten yes no none both all several".split()
)
_MOST_TOPICS, _MOST_NAMES, _MOST_CHARACTERS = 6, 30, 80
_READ_SENTENCES = 3  # of an answer


def asks_about(question: str) -> bool:
    """Whether a question turns to something: "Tell me about …", "What is …"."""
    return bool(_ASKS_ABOUT.match(question))


@dataclass(frozen=True, slots=True)
class Thread:
    """`topics` in the order in which they came up, the last of which is talked of now; the
    `person` and the `place` that "he" and "there" mean; what `several` things the last question
    counted, which "they" means; the `names` used so far; and the `items` that the last answer
    listed, of which one may be "the first one"."""

    topics: tuple[Phrase, ...] = ()
    person: str = ""
    place: str = ""
    several: str = ""
    names: tuple[str, ...] = ()
    items: tuple[str, ...] = ()

    def after_question(self, said: str, meant: str) -> Thread:
        """The thread after a question as it was `said`, and as it was `meant`, on its own."""
        names = [
            each
            for sentence in sentences(meant)
            for each in phrases(sentence)
            if each.name and not each.generic
        ]
        new = (each.bare for each in names if each.bare not in self.names)
        there = next((each.text for each in names if each.before in _PLACED), self.place)
        thread = replace(
            self, place=there, several=counted(said), names=(*self.names, *new)[-_MOST_NAMES:]
        )
        about = next(filter(None, map(topic, reversed(sentences(said)))), None)
        if about is None or len(about.text) > _MOST_CHARACTERS:
            return thread
        if about.name and _may_be_person(about) and (not self.person or _WHOM.match(meant)):
            thread = replace(thread, person=about.text)
        if not self.topics:
            parts = [each for each in phrases(about.text) if not each.generic]
            wider = parts[-1:] if len(parts) > 1 else []
            return replace(thread, place=there or _place(about), topics=(*wider, about))
        turns = asks_about(said) and (about.name or not (about.relational or about.before == "of"))
        if said == meant:
            several = " " in about.bare and not about.relational
            turns = turns or about.name or several
        else:
            turns = turns and about.name
        if not turns:
            return thread
        topics = (*self.topics, about)[-_MOST_TOPICS:]
        return replace(thread, place=there or _place(about), topics=topics)

    def after_answer(self, said: str, asked: str) -> Thread:
        """The thread after the answer to `asked`: the person, or the thing, that was asked for is
        known now."""
        thread = self
        if _WHO.match(asked) and not _NAMES_WHOM.match(asked):
            thread = thread._with_person(said, asked)
        return thread._with_thing(said, asked) if _WHICH.match(asked) else thread

    def _with_person(self, said: str, asked: str) -> Thread:
        for sentence in sentences(said)[:_READ_SENTENCES]:
            for each in phrases(sentence):
                known = each.bare.lower() in asked.lower()
                if each.name and not known and _may_be_person(each):
                    return replace(self, person=each.text)
        return self

    def _with_thing(self, said: str, asked: str) -> Thread:
        """What is talked of after an answer that names which it is: "the laboratory in Oslo" where
        laboratories were asked for, or the first name."""
        first = (sentences(said) or [""])[0]
        about, named = topic(first), next(iter(phrases(asked)), None)
        if about is None or named is None or len(about.text) > _MOST_CHARACTERS:
            return self
        kind = named.head.removesuffix("s")
        known = about.bare.lower() in asked.lower()
        if known or not about.name or about.text.lower() in _NO_THINGS:
            return self
        if kind not in about.text.lower() and about.start > 0:
            return self
        article, _, noun = about.text.partition(" ")
        if article in ("The", "A", "An"):
            about = replace(about, text=f"{article.lower()} {noun}")
        return replace(self, topics=(*self.topics, about)[-_MOST_TOPICS:])


def _place(about: Phrase) -> str:
    return about.text if about.name else ""


def _may_be_person(name: Phrase) -> bool:
    if name.bare in _TITLES:
        return False
    return name.before not in _NO_PERSON and not any(letter.isdigit() for letter in name.text)
