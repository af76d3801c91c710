"""The words around a question that are no part of it: greetings, thanks, prefaces, wishes on form.

English, by patterns; each is anchored, so that what a question is about is never taken from within.
"""

from __future__ import annotations

import re

_PAUSE = r"(?:\s?[,:;!.–—-]{1,5}\s?|\s)"
_GREETING = (
    r"(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day))\b"
    r"(?: (?:there|again|all|everyone|everybody|team|folks|guys|footnote|assistant|bot|(?-i:[A-Z])"
    r"[a-z]+)(?=\s*[,:;!.–—-]|\s*$)){0,3}|dear (?:all|team|colleagues?|sirs?|madam|(?-i:[A-Z])\w+)"
    r"(?=\s*[,:;!.–—-]|\s*$)"
)
_THANKED = (
    r"(?:many |lots of )?thank(?:s| you)\b(?: (?:so |very )?much\b| a lot\b| a million\b)?"
    r"(?: in advance\b| again\b)?(?: for (?:your|the|any) (?:help|time|support|answer))?"
)
_THANKS = (
    rf"{_THANKED}|"
    r"thx\b|cheers\b|much appreciated\b|"
    r"(?:(?:kind|best|warm|many) )(?:regards|wishes)\b(?:,?\s(?-i:[A-Z])\w+(?=\W*$)){0,2}|"
    r"best, (?-i:[A-Z])\w+(?=\W*$)|have a (?:nice|great|good) (?:day|one|evening|weekend)\b|bye\b|"
    r"please\b|pls\b"
)
_OPENING = (
    r"(?:i(?:['’]ve| have)(?: got)? (?:a|another|one(?: more)?|two|some|a few|a couple of) )"
    r"(?:quick |short |small |simple )?questions?(?: for you)?\b|"
    r"(?:a |one |just a )?(?:quick|short|simple|small|another|one more|more) question"
    r"(?: for you)?\b|"
    r"(?:my|the|our|here(?:['’]s| is) (?:my|the)) (?:next )?questions? (?:is|are)(?: this)?\b|"
    r"here(?:['’]s| is) (?:my|the|a) question\b|(?:can|could|would|will) you (?:please |maybe )?"
    r"help(?: me| us)?(?: out)?(?: please| with (?:this|something|that))?\b|"
    r"please help(?: me| us)?\b|"
    r"i need (?:some |your )?help\b|how are you(?: doing)?(?: today)?\b|"
    r"i hope (?:you are|you['’]re|this finds you|all is) (?:doing )?well\b|"
    r"(?:i(?:['’]m| am) )?sorry (?:to bother|for bothering|to disturb) you(?: again)?\b|"
    r"excuse me\b|just (?:wondering|curious)\b|by the way\b|btw\b|one more thing\b"
)
_COURTESY = rf"(?:{_GREETING}|{_THANKS}|{_OPENING})"
_ONLY_COURTESY = re.compile(rf"\W*(?:{_COURTESY}{_PAUSE}?\W{{0,5}}){{1,6}}", re.I)

_DOCUMENTS = (
    r"(?:(?:according to|based (?:up)?on|going by|as per|per|from|in|using|given|considering|"
    r"looking at|judging by) (?:only |just )?(?:(?:the|these|this|those|my|our|your|all) ){0,2}"
    r"(?:(?:provided|attached|given|above|following|uploaded|available|enclosed|supplied|stored) )?"
    r"(?:documents?|docs|files?|context|texts?|sources?|information|passages?|material|"
    r"attachments?|knowledge base|library)(?: (?:provided|attached|given|above|below|supplied|"
    r"you have|i (?:gave|sent|uploaded)(?: you)?))?)"
)
_ASKING = (
    r"(?:what|who|whom|whose|which|when|where|why|how)(?:['’]s)?\b|"
    r"(?:is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have|had)\b"
)
_FILLER = re.compile(
    rf"\W*(?:{_COURTESY}(?:\s?[,:;!.–—-]{{1,5}}\s?|\s(?=(?-i:[a-z\d])|{_ASKING}))(?:and |but |so )?"
    r"|(?:ok|okay|so|well|now|right|great|perfect|sorry|um+|hm+|also|next|alright)\s*[,:;!.–—-]+\s*"
    r"|(?:and |but |so )?(?:also|then|next|second(?:ly)?|lastly|finally|in addition|besides"
    rf"|moreover|furthermore|another (?:thing|question))(?:\s*[,:;–—-]+\s*|\s+)(?={_ASKING})"
    r"|(?:user |my )?(?:question|query|q)\s*[:–—-]\s*)",
    re.I,
)
_BY_DOCUMENTS = re.compile(rf"\W*{_DOCUMENTS}(?:\s*[,:;–—-]+\s*|\s+(?={_ASKING}))", re.I)
_BY_DOCUMENTS_AFTER = re.compile(rf"\s*,\s*{_DOCUMENTS}(?=\W*$)", re.I)
_INDIRECT = re.compile(
    r"(?:(?:can|could|would|will) (?:you|someone|anyone) (?:please |kindly |maybe |possibly )?"
    r"(?:(?:tell|show|remind) (?:me|us)|explain(?: to (?:me|us))?|let (?:me|us) know|find out|"
    r"look up|check)|(?:please |kindly )?(?:tell (?:me|us)|let (?:me|us) know|find out|look up|"
    r"check)|(?:do|would) you (?:happen to )?know|(?:do you )?have (?:you )?any idea|"
    r"(?:i|we) (?:need|want|have|wish|would like|would love) to (?:know|find out|understand|check)|"
    r"(?:i|we)['’]d (?:like|love) to (?:know|find out|understand)|i wonder|"
    r"i(?:['’]m| am| was) (?:just )?(?:wondering|curious|asking myself)|"
    r"(?:i|we) (?:don['’]t|do not) know)(?: please)?(?:\s*[:,–—]\s+|\s+"
    r"(?=(?:(?:at|by|for|from|in|of|on|since|to|under|until|with) )?"
    r"(?:what|who|whom|whose|which|when|where|why|how|if|whether)\b))",
    re.I,
)
_WHETHER = re.compile(
    r"(?:if|whether) ((?:\S+ ){1,6}?)(is|are|was|were|can|could|may|must|should|will|would|has|"
    r"have|had)\b(?! to\b)",
    re.I,
)
_INVERTED = re.compile(
    r"((?:how (?:much|many|long|often|far|old|big|large|fast|high|heavy|late|early)|what|who|when|"
    r"where|why|how)) ((?:the|a|an|my|our|your|his|her|its|their|this|that|these|those) .*) "
    r"(is|are|was|were)(\W*)",
    re.I,
)
_LENGTH = (
    r"(?:in (?:just |only |at most )?(?:one|a|a single|two|three|a few|\d{1,3}) (?:short )?"
    r"(?:sentences?|words?|lines?|paragraphs?|bullet points?)|briefly|in brief|in short|"
    r"in (?:simple|plain|layman['’]?s) (?:terms|words|english|language)|step by step|"
    r"as (?:a )?(?:short )?(?:bullet )?(?:list|table|bullets|bullet points))"
)
_LENGTHS = re.compile(_LENGTH, re.I)
_WISH_BEFORE = re.compile(rf"\W*(?:please )?{_LENGTH}\s*[,:–—-]\s*", re.I)
_WISH_AFTER = re.compile(
    rf"(?:\s*[,–—-]\s*|\s+)(?:(?:please\b|pls\b|thx\b|if possible\b|(?:and )?{_LENGTH})"
    rf"(?=\W*$)|{_THANKED}(?:(?:,| and)? (?:kind |best |warm )?(?:regards|wishes)\b)?[^\w?]*$)",
    re.I,
)
_WISH = re.compile(
    r"\W*(?:(?:please|kindly|pls|just|only|but|and|also|always) )*(?:"
    r"(?:answer|reply|respond|write|speak)(?: (?:me|it|this|the question|in|with|as|only|briefly|"
    r"shortly|concisely|precisely|truthfully|honestly|using|from|by|to|on|at|like|step)\b|\W*$)|"
    r"(?:keep|make) (?:it|this|that|the answer|your answer|the reply|your reply|answers)\b|"
    r"be (?:as )?(?:very |more )?(?:brief|concise|short|precise|specific|detailed|honest|quick|"
    r"polite|friendly|thorough)\b|(?:use|write) (?:only |at most )?(?:bullets?|simple|plain|short|"
    r"markdown|a table|a list|one|two|three|\d+|the (?:documents?|context|passages?|sources?))\b|"
    r"(?:cite|quote|include|name|give|show|add|mention)(?: me)? (?:the |your |a |all )?(?:sources?|"
    r"references?|citations?|page(?: numbers?)?|quotes?|short answer|brief answer)\b|"
    r"(?:a )?(?:short|brief|quick|concise|one[- ]word|yes or no|one[- ]line) (?:answer|reply)\b|"
    r"(?:i|we) (?:want|need|prefer|would like|only need|just need) (?:a|an|only|just) "
    r"(?:short|brief|quick|concise|one)\b|(?:do not|don['’]t|never) "
    r"(?:explain|add|make|guess|invent|use|write|repeat|hallucinate)\b|"
    r"explain (?:it )?(?:like|as if|simply|to a)\b|"
    r"(?:limit|restrict|base|format) (?:yourself|it|the answer|your answer)\b|"
    r"no more than \w+ (?:words|sentences|lines)|(?:in|auf) (?:english|german|french|spanish|"
    r"italian|dutch|portuguese|polish)\b|if you (?:don['’]t|do not|can['’]t|cannot)\b|"
    rf"think step\b|take your time\b|{_LENGTH}\W*$)",
    re.I,
)
_WISH_WITH_QUESTION = re.compile(rf"({_WISH.pattern}[^:?]{{0,80}}):\s+(?=\S)", re.I)


def is_courtesy(sentence: str) -> bool:
    """Whether it says nothing but a greeting, thanks, or that a question follows."""
    return _ONLY_COURTESY.fullmatch(sentence) is not None


def is_wish(sentence: str) -> bool:
    """Whether it only says how to answer: "Please answer briefly."."""
    return "?" not in sentence and _WISH.match(sentence) is not None


def without_prefaces(sentence: str) -> tuple[str, str]:
    """A sentence without what stands before and after the question in it, and the wishes on form
    that stood there. A question that is put indirectly is put directly: "Could you tell me how
    much the fee is?" asks "How much is the fee?"."""
    text, wishes = sentence.strip(), []
    while found := _first(text, _FILLER, _BY_DOCUMENTS, _WISH_BEFORE, _WISH_WITH_QUESTION):
        if found.re in (_WISH_BEFORE, _WISH_WITH_QUESTION):
            wishes.append(found.group().strip(" ,:;–—-"))
        text = text[found.end() :]
    if found := _INDIRECT.match(text):
        text = _direct(text[found.end() :])
    while found := _first(text, _BY_DOCUMENTS_AFTER, _WISH_AFTER, search=True):
        wishes += _LENGTHS.findall(found.group())
        text = text[: found.start()] + text[found.end() :]
    changed = text != sentence.strip()
    return (text[:1].upper() + text[1:] if changed else text), " ".join(wishes)


def _first(text: str, *patterns: re.Pattern[str], search: bool = False) -> re.Match[str] | None:
    """The first match that leaves more than a word of `text`."""
    for pattern in patterns:
        found = pattern.search(text) if search else pattern.match(text)
        if found and len((text[: found.start()] + text[found.end() :]).split()) > 1:
            return found
    return None


def _direct(text: str) -> str:
    if found := _WHETHER.match(text):
        return f"{found[2]} {found[1].strip()}{text[found.end() :]}"
    if found := _INVERTED.fullmatch(text):
        return f"{found[1]} {found[3]} {found[2]}{found[4]}"
    return text
