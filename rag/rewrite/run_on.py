"""Questions that run into one another without a mark between them: "how long is the break what does
it cost". Pure."""

from __future__ import annotations

import re

_AUXILIARY = r"(?:is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have|had)\b"
_ASKING = (
    r"(?:what|how(?: (?:much|many|long|often|far|old|big|high|large|fast|soon|late))?|where|when|"
    r"why|who|which|whose)"
)
_PLACED = (
    r"(?:in|at|on|for|to|from|by|with|of|under|until|untill|within|since|after|before|during) "
)
_OPENED = re.compile(
    rf"\W*(?:(?:and|so|but) )?(?:{_PLACED})?{_ASKING}\b|\W*{_AUXILIARY} ",
    re.I,
)
_SUBJECT = r"(?:the|an?|i|we|you|he|she|it|they|this|that|these|those|my|our|your)\b"
_NEXT = re.compile(  # with its verb before its subject, as only a question of its own has
    rf"(?<=[\w)%]) (?=(?:{_ASKING}|(?:{_PLACED})?(?:what|which|whose|how many|how much)"
    rf"(?: (?!{_SUBJECT}|{_AUXILIARY})[\w-]+){{0,3}}) {_AUXILIARY} (?!(?:be|been|to)\b)\S)",
    re.I,
)
_CAPITAL = re.compile(
    r"(?<=[a-z\d)%]) (?=(?:(?:What|How|Where|When|Why|Who|Which|Whose|Is|Are|Do|Does|Did|Can|"
    r"Must|Should) [a-z]|May (?:I|we|you|he|she|they)\b|"  # "on 12 May in Rome" asks nothing
    r"(?:For|In|On|At|From|By|With|Until|Under|To|Since) (?:what|which|whom|when|how)\b))"
)
_LEADING = re.compile(  # what goes on in a question within: "the team who is", "know what is"
    r"\b(?:and|or|but|if|whether|that|than|as|of|for|in|on|at|to|from|by|with|about|after|before|"
    r"up|until|untill|since|under|within|during|when|where|while|what|which|who|how|why|know|tell|"
    r"say|says|said|explain|show|see|check|find|out|ask|asked|between|depends?|matters?|not|me|us|"
    r"is|are|was|were|be|the|an?|states?|specif(?:y|ies)|defines?|describes?|determines?|decides?|"
    r"mentions?|clear|sure|regarding|concerning)$",
    re.I,
)
_RELATIVE = re.compile(r"(?:who|which|whose)\b", re.I)
_MOST_CHARACTERS = 500  # of two questions; a longer text is no slip
_LEAST_WORDS = 3  # of a question before another


def divided(sentence: str) -> list[str]:
    """The questions that run into one another in `sentence`, in order, each but the last with a
    mark at its end, and after what is said or looked for before them; it alone where they don't."""
    if len(sentence) > _MOST_CHARACTERS:
        return [sentence]
    if not _OPENED.match(sentence):
        first = _CAPITAL.search(sentence)
        told = sentence[: first.start()] if first else ""
        if first is None or len(told.split()) < _LEAST_WORDS or _LEADING.search(told):
            return [sentence]
        return [told, *divided(sentence[first.end() :])]
    for found in sorted(
        [*_NEXT.finditer(sentence), *_CAPITAL.finditer(sentence)], key=lambda each: each.start()
    ):
        before, after = sentence[: found.start()], sentence[found.end() :]
        capital = found.re is _CAPITAL
        relative = _RELATIVE.match(after) and not capital
        if len(before.split()) < _LEAST_WORDS or relative or _LEADING.search(before):
            continue
        return [f"{before.rstrip(' ,;')}?", *divided(after)]
    return [sentence]
