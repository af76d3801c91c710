"""A message as people write it, and the question in it. Pure.

What is asked is read; what is said before it helps to retrieve; how to answer is for a language
model; greetings and thanks are for nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.text.sentences import sentence_spans
from rag.rewrite.prefaces import is_courtesy, is_wish, without_prefaces
from rag.rewrite.run_on import divided

MOST_CHARACTERS = 20_000
"""The longest message; the question in it is shorter."""

_MOST_QUESTIONS = 3  # more make a form to be filled in, of which the last one is asked
_CONTEXT_SENTENCES = 3  # those nearest to the question
_CONTEXT_CHARACTERS = 500
_STATEMENT_WORDS = 4  # fewer may be words to look for themselves
_QUERY_WORDS = 12
_LEAST_LETTERS = 12  # for capitals to be a way of writing, not a name
_BOUNDARY = re.compile(
    r"(?<=[?!])\s+"
    r"|(?<=\w)\s+(?=(?-i:Please) (?:answer|be|cite|keep|quote|reply|respond|use|write)\b)"
    r"|(?<=\w\w\w\.)\s+(?=(?:what|who|whom|whose|which|when|where|why|how)\b)"
    r"|(?<=(?-i:[a-z]{4})\.)(?<!incl\.)(?<!dept\.)(?<!corp\.)(?<!prox\.)\s+(?=(?-i:[a-z]))",
    re.I,
)
_LABELLED = re.compile(
    r"^[^\w\n]*(?:user |final |the )?(?:question|query)[^\w:]*:\W*(?=\w)", re.I | re.M
)
_AFTER_LABELLED = re.compile(
    r"^[^\w\n]*(?:final |your |helpful )?(?:answer|response)[^\w:]*:.*", re.I | re.M
)
_INTERROGATIVE = re.compile(
    r"\W*(?:(?:and|but|or|so|also) )?(?:(?:in|at|on|for|to|from|by|with|of|until|since|under) )?"
    r"(?:what|who|whom|whose|which|when|where|why|how)(?:['’]s)?\b",
    re.I,
)
_POLAR = re.compile(
    r"\W*(?:is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have|had) "
    r"(?:the|a|an|i|we|you|he|she|it|they|there|this|that|these|those|my|our|any|anyone|all)\b"
    r"|\W*(?:is|are|was|were|does|did|has|had) \w+(?: \S+){2}",
    re.I,
)
_IMPERATIVE = re.compile(
    r"\W*(?:(?:and|also|then|please) ){0,3}(?:tell (?:me|us)|describe|explain|list|name|give|"
    r"summari[sz]e|compare|show|find|define|outline|state|identify|discuss)\b",
    re.I,
)
_STATEMENT = re.compile(r"\W*(?:when|where|while|what|how)\b[^?]*,[^?]*\.\W*$", re.I)
_SIGNED = re.compile(
    r"(\b(?:regards|wishes|cheers|thanks),?)[ \t]*\n\s*((?-i:[A-Z])[\w. ]{1,40}\s*)\Z", re.I
)
_ADDED = re.compile(  # a line of its own after a question without a mark
    r"(?<!\bthat)(?<!\bwhen)(?<!\bif)(?<!\band)(?<!\bor)(?<!\bdo)(?<!\bcan)(?<!\bshould)(?<!\bmust)"
    r"(?<!\bbut)(?<!\bmay)(?<!\bwhat)(?<=\w)[ \t]*\n[ \t]*"
    r"(?=(?:I|We|My|Our|This is|It is|It['’]s)\b)"
)
_SHOUTED = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Message:
    """The `questions` of a message, in order; the sentences beside them that may help to find what
    they ask for; and the `wishes` on the form of the answer. `courtesy` is whether it holds only
    a greeting or thanks, which are its question then."""

    questions: tuple[str, ...]
    context: str = ""
    wishes: str = ""
    courtesy: bool = False

    @property
    def question(self) -> str:
        """All that is asked."""
        return " ".join(self.questions)


def read_message(text: str) -> Message:
    """The question in a message: its last one, or all of a few. What asks nothing is a query as it
    stands, without courtesies and wishes."""
    whole = " ".join(text.split())
    before, labelled = _labelled(text)
    earlier, first = _told(before)
    sentences, then = _told(labelled)
    wishes = " ".join([*first, *then])
    if not sentences:
        return Message((whole,), courtesy=is_courtesy(whole))
    asked = _asked(sentences) or _looked_for(sentences)
    if not asked:
        return Message((" ".join(sentences),), " ".join(earlier)[-_CONTEXT_CHARACTERS:], wishes)
    if len(asked) > _MOST_QUESTIONS:
        asked = asked[-1:]
    beside = [each for place, each in enumerate(sentences) if place not in asked]
    context = " ".join([*earlier, *beside][-_CONTEXT_SENTENCES:])[-_CONTEXT_CHARACTERS:]
    return Message(tuple(sentences[place] for place in asked), context, wishes)


def _labelled(text: str) -> tuple[str, str]:
    """What stands before, and what after, the last "Question:" at the beginning of a line, as front
    ends put it; nothing before where there is no such."""
    labels = list(_LABELLED.finditer(text))
    if not labels:
        return "", text
    after = text[labels[-1].end() :]
    return text[: labels[-1].start()], _AFTER_LABELLED.split(after, maxsplit=1)[0]


def _told(text: str) -> tuple[list[str], list[str]]:
    """The sentences of `text` that say or ask something, and the wishes on form."""
    sentences, wishes = [], []
    for sentence in _sentences(text):
        if is_wish(sentence):
            wishes.append(sentence)
        elif not is_courtesy(sentence):
            bare, wish = without_prefaces(sentence)
            sentences.append(_calm(bare))
            wishes += [wish] if wish else []
    return sentences, wishes


def _sentences(text: str) -> Iterator[str]:
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(map(str.rstrip, text.split("\n"))))
    text = _ADDED.sub("\n\n", _SIGNED.sub(r"\1 \2", text))
    for start, end in sentence_spans(text):
        for part in _BOUNDARY.split(text[start:end]):
            if any(map(str.isalnum, part)):
                yield from divided(" ".join(part.split()))


def _asked(sentences: list[str]) -> list[int]:
    """The places of those that ask."""
    marked = [place for place, each in enumerate(sentences) if each.rstrip('!."”’) ').endswith("?")]
    told = [place for place, each in enumerate(sentences) if _IMPERATIVE.match(each)]
    unmarked = [
        place
        for place, each in enumerate(sentences)
        if (_INTERROGATIVE.match(each) or _POLAR.match(each)) and not _STATEMENT.match(each)
    ]
    if marked:  # of those without a mark only one that nothing ends is a question too
        ended = not sentences[-1][-1].isalnum()
        unmarked = [] if ended else [place for place in unmarked if place == len(sentences) - 1]
    return sorted({*marked, *unmarked, *told})


def _looked_for(sentences: list[str]) -> list[int]:
    """The place of the last one, where it is words to look for after statements: "I am new here.
    opening hours"."""
    *before, last = sentences
    told = all(each.endswith(".") and len(each.split()) >= _STATEMENT_WORDS for each in before)
    few = last[-1].isalnum() and len(last.split()) <= _QUERY_WORDS
    return [len(before)] if before and told and few else []


def _calm(sentence: str) -> str:
    """A sentence in capitals in small letters, but for words with digits: they are names."""
    letters = _SHOUTED.findall(sentence)
    if len(letters) < _LEAST_LETTERS or any(map(str.islower, letters)):
        return sentence
    words = [word if any(map(str.isdigit, word)) else word.lower() for word in sentence.split(" ")]
    return " ".join([words[0].capitalize() if words[0].islower() else words[0], *words[1:]])
