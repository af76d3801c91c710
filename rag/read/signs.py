"""Chinese and Japanese, which the model was not trained on: the words of a question find the
sentence that may answer it, and nothing tells that it does."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from index.text.content_words import content_words
from index.text.sentences import sentence_spans
from index.text.word_signs import is_in_signs
from rag.answer import Passage
from rag.read.normal_form import normalise
from rag.read.reader import Evidence, Reading

DOUBT = "The reader was not trained on this language; by its words this may be it"
_ASKING = re.compile(
    "请问|为什么|為什麼|什么|什麼|怎么样|怎么|怎麼|怎样|如何|哪里|哪儿|哪些|哪个|何时|多少钱|多少|"
    "几点|幾點|多久|是不是|是否|有没有|[谁誰哪几幾吗嗎呢的是由在有了和]|"
    "いつ|どこ|だれ|なに|何時|いくら|どの|どう|なぜ|ですか|ますか|です|ます|[誰何はがをか]"
)
_BY_HEADING = 0.5  # of a word's weight, where only the headings of a sentence hold it
_LEAST = 0.5  # share of what is asked
_BESIDE = 0.9  # of the best share, for another sentence to stand beside it
_MOST = 3


def read_signs(question: str, passages: Sequence[Passage], threshold: float) -> Reading | None:
    """The sentences that hold most of what `question` names, where it is in signs; those words
    count more that few sentences hold. The confidence is their share, of `threshold`; less than
    half is nothing. None for a question in letters."""
    if not is_in_signs(question):
        return None
    words = content_words(_ASKING.sub(" ", question))
    spans = [
        Evidence(number, start, end, 0.0)
        for number, passage in enumerate(passages, start=1)
        for start, end in sentence_spans(passage.text)
        if normalise(passage.text[start:end]) not in _heads(passage)
    ]
    texts = [passages[one.passage - 1].text[one.start : one.end].lower() for one in spans]
    held = {word: sum(word in text for text in texts) for word in words}
    weights = {word: math.log(1 + len(texts) / max(n, 1)) for word, n in held.items()}

    def share(one: Evidence, text: str) -> float:
        """Of the words' weight, what a sentence holds, of its own or by its headings; none where
        it holds none of its own."""
        own = sum(weights[word] for word in words if word in text)
        heads = " ".join(_heads(passages[one.passage - 1]))
        above = sum(weights[word] for word in words if word not in text and word in heads)
        return (own + _BY_HEADING * above) / sum(weights.values()) if own else 0.0

    shares = [share(one, text) for one, text in zip(spans, texts, strict=True)]
    best = max(shares, default=0.0)
    if best < _LEAST:
        return Reading((), None, threshold * best, calibrated=False)
    order = sorted(range(len(spans)), key=lambda place: -shares[place])
    chosen: dict[str, Evidence] = {}
    for place in order:
        if shares[place] >= _BESIDE * best and len(chosen) < _MOST:
            one = spans[place]
            scored = Evidence(one.passage, one.start, one.end, shares[place])
            chosen.setdefault(texts[place], scored)
    return Reading(tuple(chosen.values()), None, threshold * best, doubt=DOUBT, calibrated=False)


def _heads(passage: Passage) -> set[str]:
    return {normalise(head) for head in (passage.title, *passage.heading.split(" › "))} - {""}
